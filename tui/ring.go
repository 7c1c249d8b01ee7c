package tui

import (
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/hours"
)

// contact is one of an authority's numbers.
type contact struct {
	phone string // "" when not given
	whose string // in words
}

// ring is whom to ring.
type ring struct {
	now, other contact
	note       string // what else there is to know of the hour; "" when nothing
}

// ringNow is whom to ring at t, by the clock where the terminal stands. Where the number for the hour wasn't given, the other
// is rung.
func ringNow(p client.Plan, office hours.Office, t time.Time) ring {
	atOffice := contact{p.OfficePhone, wordsOffice(office.String())}
	duty := contact{p.EmergencyPhone, wordDuty}
	r := ring{now: duty, other: atOffice}
	answers := office.Answers(t)
	if answers {
		r.now, r.other = atOffice, duty
	}
	if why, closed := office.Closed(t); closed {
		r.note = wordsClosedToday(why)
	}
	if r.now.phone == "" && r.other.phone != "" {
		r.now, r.other = r.other, r.now
		if !answers {
			r.note = strings.TrimSpace(r.note + " " + wordMayNotAnswer)
		}
	}
	return r
}
