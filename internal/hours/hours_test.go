package hours_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // for computers without time zone data

	"wardlight/internal/hours"
	"wardlight/internal/nhs"
)

// office returns an Office for settings.
func office(t *testing.T, week, closed, open string) hours.Office {
	t.Helper()
	w, err := hours.ParseWeek(week)
	if err != nil {
		t.Fatal(err)
	}
	read := func(s string) []nhs.Date {
		days, err := hours.ParseDays(s)
		if err != nil {
			t.Fatal(err)
		}
		return days
	}
	return hours.New(w, read(closed), read(open))
}

func london(t *testing.T) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestWhenTheOfficeAnswers(t *testing.T) {
	const usual, split = hours.DefaultWeek, "Mon-Thu 08:30-12:30 13:15-17:00, Fri 08:30-16:30, Sat 10:00-12:00"
	for _, c := range []struct {
		week, at string
		want     bool
	}{
		{usual, "2026-11-23 08:59", false},
		{usual, "2026-11-23 09:00", true},
		{usual, "2026-11-23 16:59", true},
		{usual, "2026-11-23 17:00", false},
		{usual, "2026-11-27 12:00", true},  // Friday
		{usual, "2026-11-28 12:00", false}, // Saturday
		{usual, "2026-11-29 12:00", false},
		{split, "2026-11-23 08:29", false},
		{split, "2026-11-23 08:30", true},
		{split, "2026-11-23 12:30", false},
		{split, "2026-11-23 13:14", false},
		{split, "2026-11-23 13:15", true},
		{split, "2026-11-27 12:45", true},
		{split, "2026-11-27 16:30", false},
		{split, "2026-11-28 11:59", true},
		{split, "2026-11-29 11:00", false},
		{"Sat-Mon 00:00-24:00", "2026-11-28 00:00", true},
		{"Sat-Mon 00:00-24:00", "2026-11-30 23:59", true},
		{"Sat-Mon 00:00-24:00", "2026-12-01 00:00", false},
		{"Sat-Mon 00:00-24:00", "2026-11-27 23:59", false},

		{usual, "2026-12-24 12:00", true},
		{usual, "2026-12-25 12:00", false}, // Friday
		{usual, "2026-12-28 12:00", false}, // substitute day for Boxing Day
		{usual, "2026-12-29 12:00", true},
		{usual, "2026-04-03 12:00", false}, // Good Friday
		{usual, "2026-04-06 12:00", false}, // Easter Monday
		{usual, "2026-04-07 12:00", true},
		{split, "2026-12-26 11:00", false}, // the original Boxing Day, a Saturday
		{split, "2022-01-01 11:00", false}, // the original New Year's Day, a Saturday
		{"Sun 09:00-17:00", "2022-12-25 12:00", false},
		{"Sun 09:00-17:00", "2026-04-05 12:00", false}, // Easter Sunday
		{"Sun 09:00-17:00", "2026-04-12 12:00", true},

		// The clocks go forward at 01:00 on 29-Mar-2026 and back at 02:00 on 25-Oct-2026.
		{"Sun 02:00-03:00", "2026-03-29 02:30", true}, // the local time goes from 01:00 to 02:00
		{"Sun 09:00-17:00", "2026-03-29 09:00", true},
		{"Sun 09:00-17:00", "2026-03-29 08:59", false},
		{"Sun 09:00-17:00", "2026-10-25 16:59", true},
		{"Sun 09:00-17:00", "2026-10-25 17:00", false},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, london(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := office(t, c.week, "", "").Answers(at); got != c.want {
			t.Errorf("%s: Answers(%s) = %v, want %v", c.week, at.Format("Mon 2006-01-02 15:04"), got, c.want)
		}
	}
}

func TestTheHourThatIsThereTwiceCountsTwice(t *testing.T) {
	o := office(t, "Sun 01:00-02:00", "", "")
	for at, want := range map[string]bool{
		"2026-10-24T23:59:00Z": false, // 00:59 in summer time
		"2026-10-25T00:00:00Z": true,  // 01:00, the first time
		"2026-10-25T01:00:00Z": true,  // 01:00, the second time
		"2026-10-25T01:59:00Z": true,
		"2026-10-25T02:00:00Z": false,
	} {
		utc, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Answers(utc.In(london(t))); got != want {
			t.Errorf("Answers(%s) = %v, want %v", at, got, want)
		}
	}
}

func TestTheHoursAreThoseOfTheClockWhereTheTerminalStands(t *testing.T) {
	summer := time.Date(2026, time.June, 24, 16, 30, 0, 0, time.UTC)
	if office(t, hours.DefaultWeek, "", "").Answers(summer.In(london(t))) {
		t.Error("Answers at 17:30 in summer time = true, want false")
	}
}

func TestASiteAddsDaysAndTakesHolidaysBack(t *testing.T) {
	o := office(t, hours.DefaultWeek, "2027-06-11, 2027-06-12 2027-05-10", "2027-05-03")
	for _, c := range []struct {
		at     string
		open   bool
		closed bool
		why    string
	}{
		{"2027-06-10", true, false, ""},
		{"2027-06-11", false, true, ""},
		{"2027-06-12", false, false, ""}, // a Saturday without hours
		{"2027-05-03", true, false, ""},  // moved to the 10th
		{"2027-05-10", false, true, ""},  // moved from the 3rd
		{"2027-05-31", false, true, "Spring bank holiday"},
	} {
		noon := date(t, c.at).Time(london(t)).Add(12 * time.Hour)
		why, closed := o.Closed(noon)
		if o.Answers(noon) != c.open || closed != c.closed || why != c.why {
			t.Errorf("%s: Answers = %v, Closed = %v, %q, want %v, %v, %q",
				c.at, o.Answers(noon), closed, why, c.open, c.closed, c.why)
		}
	}
}

func TestAWeekIsShownAsItWasWrittenInOneForm(t *testing.T) {
	for in, want := range map[string]string{
		"Mon-Fri 09:00-17:00":                        "Mon-Fri 09:00-17:00",
		" monday-FRIDAY  9:00–17:00 ":                "Mon-Fri 09:00-17:00",
		"Mon 8:30-12:00 13:00-17:00;Tue 09:00-12:00": "Mon 08:30-12:00 13:00-17:00, Tue 09:00-12:00",
		"sat 10:00-24:00, sun 00:00-06:00,":          "Sat 10:00-24:00, Sun 00:00-06:00",
	} {
		w, err := hours.ParseWeek(in)
		if err != nil || w.String() != want {
			t.Errorf("ParseWeek(%q) = %q, %v, want %q", in, w, err, want)
		}
	}
}

func TestAWeekIsRefusedWithItsCause(t *testing.T) {
	for in, want := range map[string]string{
		"":                                     "there are no hours in it",
		" , ":                                  "there are no hours in it",
		"Mon-Fri":                              "Mon-Fri has no hours",
		"09:00-17:00":                          `"09:00-17:00" is no day; begin with days, as in Mon-Fri`,
		"Mo-Fr 09:00-17:00":                    `there is no day "Mo"`,
		"Mon-Fry 09:00-17:00":                  `there is no day "Fry"`,
		"Mondays 09:00-17:00":                  `there is no day "Mondays"`,
		"Mon 9-17":                             `"9-17" is no span of time, as in 09:00-17:00`,
		"Mon 09:00-25:00":                      `"09:00-25:00" has a time that no clock shows`,
		"Mon 09:00-24:01":                      `"09:00-24:01" has a time that no clock shows`,
		"Mon 09:60-17:00":                      `"09:60-17:00" has a time that no clock shows`,
		"Mon 22:00-06:00":                      `"22:00-06:00" ends before it begins; write a night as two spans`,
		"Mon 09:00-09:00":                      `"09:00-09:00" ends before it begins; write a night as two spans`,
		"Mon-Fri 09:00-17:00, Wed 16:00-18:00": "Wed has 16:00-18:00 twice",
		strings.Repeat("Mon 09:00-17:00,", 6):  "it is longer than 80 letters",
	} {
		w, err := hours.ParseWeek(in)
		if err == nil || err.Error() != want || w.String() != "" {
			t.Errorf("ParseWeek(%q) error = %v, want %s", in, err, want)
		}
	}
}

func TestADayOfTheSettingsIsAWholeDate(t *testing.T) {
	for _, s := range []string{"2027", "2027-05", "2027-02-30", "03-05-2027", "2027-05-03T09:00Z", "soon"} {
		if days, err := hours.ParseDays(s); err == nil {
			t.Errorf("ParseDays(%q) = %v, want error", s, days)
		}
	}
	if _, err := hours.ParseDays(strings.Repeat("2027-05-03 ", 401)); err == nil {
		t.Error("ParseDays of 401 days succeeded, want error")
	}
}

func FuzzParseWeek(f *testing.F) {
	for _, s := range []string{
		hours.DefaultWeek, "Sat-Mon 0:00-24:00", "Mon 09:00-12:00 13:00-17:00, Tue 9:00-10:00",
		"Mon 99:99-99:99", "–",
	} {
		f.Add(s)
	}

	f.Fuzz(func(t *testing.T, s string) {
		w, err := hours.ParseWeek(s)
		if err != nil {
			return
		}
		again, err := hours.ParseWeek(w.String())
		if err != nil && !strings.Contains(err.Error(), "longer") || err == nil && again.String() != w.String() {
			t.Fatalf("ParseWeek(%q) = %q, parsed again %q, %v", s, w, again, err)
		}
		answers := false
		o := hours.New(w, nil, nil)
		for at := time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC); at.Day() < 9; at = at.Add(time.Minute) {
			answers = answers || o.Answers(at)
		}
		if !answers {
			t.Fatalf("office with week %q never answers", s)
		}
	})
}
