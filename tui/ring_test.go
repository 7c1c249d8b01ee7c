package tui

import (
	"testing"
	"time"

	"wardlight/client"
)

func TestOfficeHoursAreMondayToFridayNineToFive(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   string
		want bool
	}{
		{"2026-11-23 08:59", false},
		{"2026-11-23 09:00", true},
		{"2026-11-23 16:59", true},
		{"2026-11-23 17:00", false},
		{"2026-11-27 12:00", true},
		{"2026-11-28 12:00", false},
		{"2026-11-29 12:00", false},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, london)
		if err != nil {
			t.Fatal(err)
		}
		if officeHours(at) != c.want {
			t.Errorf("%s: office hours %v", c.at, !c.want)
		}
	}
	summer := time.Date(2026, time.June, 24, 16, 30, 0, 0, time.UTC) // 17:30 where the terminal stands
	if officeHours(summer.In(london)) {
		t.Error("half past five in summer is taken for office hours")
	}
}

func TestTheNumberForTheHourIsRungAndTheOtherWhenItIsMissing(t *testing.T) {
	monday, sunday := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		office, duty string
		at           time.Time
		now, other   string
	}{
		{"1", "2", monday, "1", "2"}, {"1", "2", sunday, "2", "1"}, {"", "2", monday, "2", ""}, {"1", "", sunday, "1", ""}, {"", "", monday, "", ""},
	} {
		now, other := ringNow(client.Plan{OfficePhone: c.office, EmergencyPhone: c.duty}, c.at)
		if now.phone != c.now || other.phone != c.other {
			t.Errorf("office %q, duty %q at %v: ring %q, otherwise %q", c.office, c.duty, c.at, now.phone, other.phone)
		}
	}
}

func TestTheNumberChangesAtTheEndOfOfficeHours(t *testing.T) {
	b := newBench(t)
	b.now = time.Date(2026, time.November, 23, 16, 59, 40, 0, time.UTC)
	b.toOpened().says("RING NOW 01632 960101 Office").wait(30 * time.Second).tick().says("RING NOW 01632 960102 Emergency duty team")
}
