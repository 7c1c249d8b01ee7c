package alert

import (
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/hours"
)

// contact is a telephone number of a local authority.
type contact struct {
	Phone string // "" if not known
	whose string // whose number it is, and when it is answered
}

// ringNumbers is the numbers of a local authority, in the order in which to ring them.
type ringNumbers struct {
	Now, Other contact
	Note       string // a note about the current time, or ""
}

// RingNow returns whom to ring at time t, in t's location: the office in office hours, and otherwise the emergency
// duty team. If that number is not known, the other comes first.
func RingNow(p client.Plan, office hours.Office, t time.Time) ringNumbers {
	atOffice := contact{p.OfficePhone, wordsOffice(office.String())}
	duty := contact{p.EmergencyPhone, wordDuty}
	r := ringNumbers{Now: duty, Other: atOffice}
	answers := office.Answers(t)
	if answers {
		r.Now, r.Other = atOffice, duty
	}
	if why, closed := office.Closed(t); closed {
		r.Note = wordsClosedToday(why)
	}
	if r.Now.Phone == "" && r.Other.Phone != "" {
		r.Now, r.Other = r.Other, r.Now
		if !answers {
			r.Note = strings.TrimSpace(r.Note + " " + WordMayNotAnswer)
		}
	}
	return r
}
