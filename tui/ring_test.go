package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/hours"
	"wardlight/tui/alert"
)

// officeOf parses the office hours of a week.
func officeOf(t *testing.T, week string) hours.Office {
	t.Helper()
	w, err := hours.ParseWeek(week)
	if err != nil {
		t.Fatal(err)
	}
	return hours.New(w, nil, nil)
}

func TestTheNumberForTheHourIsRungAndTheOtherWhenItIsMissing(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, time.December, day, 10, 0, 0, 0, time.UTC) }
	monday, sunday, holiday := at(21), at(20), at(25)
	for _, c := range []struct {
		office, duty string
		at           time.Time
		now, other   string
		note         string
	}{
		{"1", "2", monday, "1", "2", ""},
		{"1", "2", sunday, "2", "1", ""},
		{"1", "2", holiday, "2", "1", "The office is closed today: Christmas Day."},
		{"", "2", monday, "2", "", ""},
		{"1", "", sunday, "1", "", alert.WordMayNotAnswer},
		{"1", "", holiday, "1", "", "The office is closed today: Christmas Day. " + alert.WordMayNotAnswer},
		{"1", "", monday, "1", "", ""},
		{"", "", monday, "", "", ""},
	} {
		r := alert.RingNow(client.Plan{OfficePhone: c.office, EmergencyPhone: c.duty}, officeOf(t, hours.DefaultWeek),
			c.at)
		if r.Now.Phone != c.now || r.Other.Phone != c.other || r.Note != c.note {
			t.Errorf("RingNow(office %q, duty team %q, %v) = %+v, want now %q, other %q, note %q",
				c.office, c.duty, c.at, r, c.now, c.other, c.note)
		}
	}
}

func TestTheWordsOfTheHoursAreThoseOfTheSettings(t *testing.T) {
	b := newFixture(t)
	b.m.Office = officeOf(t, "Mon-Thu 08:30-17:00, Fri 08:30-16:30")
	b.now = time.Date(2026, time.November, 27, 16, 20, 0, 0, time.UTC)
	b.toOpened().expect("RING NOW 01632 960101 Office, Mon-Thu 08:30-17:00, Fri 08:30-16:30",
		"otherwise 01632 960102 Emergency duty team").
		wait(11*time.Minute).Press("down", "up").expect("RING NOW 01632 960102 Emergency duty team")
}

func TestOnABankHolidayTheDutyTeamIsRungAndTheScreenSaysWhy(t *testing.T) {
	b := newFixture(t)
	b.now = time.Date(2026, time.December, 28, 10, 0, 0, 0, time.UTC)
	b.toOpened().expect("RING NOW 01632 960102 Emergency duty team",
		"otherwise 01632 960101 Office, Mon-Fri 09:00-17:00", "The office is closed today: Boxing Day.")
}

func TestThePlanThatRunsIsShownFirstAndAnEndedOneSaysThatItIs(t *testing.T) {
	b := newFixture(t)
	slices.Reverse(b.sessions.opened.Plans)
	b.toOpened().expect("01632 960102").expectNot(alert.WordPlanEnded).Press("up").expect("ENDED 07-May-2026",
		alert.WordPlanEnded, "RING NOW 020 7946 0102")
	running, ended := b.m.Styles.Ring.Render("x"), b.m.Styles.Strong.Render("x")
	if shown := b.m.View().Content; running == ended ||
		strings.Contains(shown, strings.Split(running, "x")[0]+" RING NOW") {
		t.Error("the number of an ended plan has the same style as that of a current one")
	}
}

func TestTheNumberChangesAtTheEndOfOfficeHours(t *testing.T) {
	b := newFixture(t)
	b.now = time.Date(2026, time.November, 23, 16, 59, 40, 0, time.UTC)
	b.toOpened().expect("RING NOW 01632 960101 Office").wait(30 * time.Second).tick().
		expect("RING NOW 01632 960102 Emergency duty team")
}
