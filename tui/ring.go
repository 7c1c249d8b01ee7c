package tui

import (
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
