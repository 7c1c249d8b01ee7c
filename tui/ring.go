package tui

import (
	"strings"
	"time"

	"wardlight/client"
)

// contact is one of an authority's numbers.
type contact struct {
	phone string // "" when not given
	whose string // in words
}

// The hours in which an authority's office answers: Monday to Friday from officeOpens until before officeCloses, by the
// clock where the terminal stands. Bank holidays are not known here.
const officeOpens, officeCloses = 9, 17

// officeHours reports whether an authority's office answers at t.
func officeHours(t time.Time) bool {
	day := t.Weekday()
	return day != time.Saturday && day != time.Sunday && t.Hour() >= officeOpens && t.Hour() < officeCloses
}

// ringNow is the number to ring at t and the other one. Where the one for the hour wasn't given, the other is rung.
func ringNow(p client.Plan, t time.Time) (now, other contact) {
	office := contact{p.OfficePhone, wordOffice}
	duty := contact{p.EmergencyPhone, wordDuty}
	now, other = duty, office
	if officeHours(t) {
		now, other = office, duty
	}
	if now.phone == "" && other.phone != "" {
		now, other = other, now
	}
	return now, other
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
