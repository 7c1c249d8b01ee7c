package accessreport_test

import (
	"errors"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
)

func TestParsePeriod(t *testing.T) {
	today := nhs.Date{Year: 2026, Month: time.November, Day: 22}
	for _, c := range []struct {
		from, to, want, problem string
		last                    bool
	}{
		{"1/11/2026", "", "2026-11-01 2026-11-22", "", false},
		{"1 Oct 26", "31-10-2026", "2026-10-01 2026-10-31", "", false},
		{"22112026", "22112026", "2026-11-22 2026-11-22", "", false},
		{"", "", "", "Type the first day, as in 15-Nov-2026.", false},
		{"yesterday", "", "", "Type the date day first, as in 04-03-2016.", false},
		{"23-11-2026", "", "", "This date is in the future.", false},
		{"1/11/2026", "31/11/2026", "", "There is no such date: November 2026 has 30 days.", true},
		{"5/11/2026", "4/11/2026", "", "The last day is before the first.", true},
		{"1/10/2026", "1/11/2026", "", "A report covers a month at most: until 31-Oct-2026.", true},
		{"1/10/2026", "", "", "A report covers a month at most: until 31-Oct-2026.", true},
	} {
		first, last, err := accessreport.ParsePeriod(c.from, c.to, today)
		var wrong *accessreport.PeriodError
		switch {
		case c.problem == "":
			if got := first.FHIR() + " " + last.FHIR(); err != nil || got != c.want {
				t.Errorf("ParsePeriod(%q, %q) = %s, %v; want %s", c.from, c.to, got, err, c.want)
			}
		case !errors.As(err, &wrong) || wrong.Sentence != c.problem || wrong.Last != c.last:
			t.Errorf("ParsePeriod(%q, %q): error %+v, want %q about the last day: %v", c.from, c.to, err, c.problem,
				c.last)
		}
	}
}

// A kind of finding that this version doesn't know is still shown.
func TestWords_OfAnUnknownFinding(t *testing.T) {
	const k = client.FindingKind("at_night")
	if got := accessreport.Clause(k) + ", " + accessreport.Short(k); got != "at_night, at night" {
		t.Errorf("got the words %q, want the name of the kind", got)
	}
}

func TestWords_EveryFindingHasThem(t *testing.T) {
	for _, k := range []client.FindingKind{
		client.OwnName, client.ManyPatients, client.SameFamilyName, client.NotAttended,
	} {
		if accessreport.Clause(k) == string(k) || len(accessreport.Short(k)) > 18 {
			t.Errorf("%s: got the words %q and %q, want a clause and at most 18 cells", k, accessreport.Clause(k),
				accessreport.Short(k))
		}
	}
}

// Only a check is said to be one.
func TestAttendance_FourStates(t *testing.T) {
	at := time.Date(2026, time.November, 22, 6, 0, 0, 0, time.UTC)
	for state, want := range map[client.AttendanceState]string{
		client.AttendanceNotChecked: "Attendance was not checked: the hub has no list of attendances.",
		client.AttendanceChecked: "Attendance was checked by the site's list, for accesses from 22-Nov-2026 06:00 to " +
			"23-Nov-2026 06:00.",
		client.AttendanceCouldNotCheck: "Attendance could not be checked: the hub cannot use its list. Ask the hub's " +
			"operator.",
		99: "Attendance could not be checked: the hub cannot use its list. Ask the hub's operator.",
	} {
		a := client.Attendance{State: state, From: at, Until: at.AddDate(0, 0, 1)}
		if got := accessreport.Attendance(a, time.UTC); got != want {
			t.Errorf("state %d: got %q, want %q", state, got, want)
		}
	}
}
