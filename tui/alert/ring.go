package alert

import (
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/hours"
)

// contact is one of an authority's numbers.
type contact struct {
	Phone string // "" when not given
	whose string // in words
}

// ring is whom to ring.
type ring struct {
	Now, Other contact
	Note       string // what else there is to know of the hour; "" when nothing
}

// RingNow returns whom to ring at t, by the clock where the terminal stands. Where the number for the hour wasn't
// given, the other is rung.
func RingNow(p client.Plan, office hours.Office, t time.Time) ring {
	atOffice := contact{p.OfficePhone, wordsOffice(office.String())}
	duty := contact{p.EmergencyPhone, wordDuty}
	r := ring{Now: duty, Other: atOffice}
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
