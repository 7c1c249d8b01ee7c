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

// spoken groups a British number of eleven digits as it is read aloud; any other is shown as it came. The groups follow
// the area codes: 020 and its like have three digits, 011x, 01x1 and the non-geographic ones four, the others five.
func spoken(phone string) string {
	if len(phone) != 11 || phone[0] != '0' || strings.Trim(phone, "0123456789") != "" {
		return phone
	}
	switch {
	case phone[1] == '2':
		return phone[:3] + " " + phone[3:7] + " " + phone[7:]
	case phone[1] == '1' && (phone[2] == '1' || phone[3] == '1'), phone[1] == '3', phone[1] == '8':
		return phone[:4] + " " + phone[4:7] + " " + phone[7:]
	default:
		return phone[:5] + " " + phone[5:]
	}
}
