package hours_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/hours"
	"wardlight/internal/nhs"
)

func date(t *testing.T, s string) nhs.Date {
	t.Helper()
	d, err := nhs.ParseDate(s)
	if err != nil {
		t.Fatalf("ParseDate(%q): %v", s, err)
	}
	return d
}

// published is the list of gov.uk for England and Wales, by year. * marks a substitute day.
const published = `
2019 01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26
2020 01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28*
2021 01-01 04-02 04-05 05-03 05-31 08-30 12-27* 12-28*
2022 01-03* 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27*
2023 01-02* 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26
2024 01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26
2025 01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26
2026 01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28*
2027 01-01 03-26 03-29 05-03 05-31 08-30 12-27* 12-28*
2028 01-03* 04-14 04-17 05-01 05-29 08-28 12-25 12-26
`

func TestTheBankHolidaysAreThoseThatGovUkPublishes(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(published), "\n") {
		fields := strings.Fields(line)
		year := date(t, fields[0]).Year
		var got []string
		for _, h := range hours.BankHolidays(year) {
			star := ""
			if h.Substitute {
				star = "*"
			}
			got = append(got, h.Date.FHIR()[5:]+star)
			if day := h.Date.Time(time.UTC).Weekday(); day == time.Saturday || day == time.Sunday {
				t.Errorf("%s, %s, is at a weekend", h.Name, h.Date)
			}
		}
		if !slices.Equal(got, fields[1:]) {
			t.Errorf("BankHolidays(%d) = %v, want %v", year, got, fields[1:])
		}
	}
}

func TestHolidaysThatWereProclaimed(t *testing.T) {
	for _, c := range []struct {
		day  string
		name string // "" if it isn't a holiday
	}{
		{"1995-05-08", "Early May bank holiday"},
		{"1995-05-01", ""},
		{"2020-05-08", "Early May bank holiday"},
		{"2020-05-04", ""},
		{"1981-07-29", "Wedding of the Prince of Wales"},
		{"1999-12-31", "Millennium holiday"},
		{"2002-06-03", "Golden Jubilee"},
		{"2002-06-04", "Spring bank holiday"},
		{"2002-05-27", ""},
		{"2011-04-29", "Royal wedding"},
		{"2012-06-04", "Spring bank holiday"},
		{"2012-06-05", "Diamond Jubilee"},
		{"2012-05-28", ""},
		{"2022-06-02", "Spring bank holiday"},
		{"2022-06-03", "Platinum Jubilee"},
		{"2022-05-30", ""},
		{"2022-09-19", "State Funeral of Queen Elizabeth II"},
		{"2023-05-08", "Coronation of King Charles III"},
		{"2023-05-01", "Early May bank holiday"},
	} {
		d, name := date(t, c.day), ""
		for _, h := range hours.BankHolidays(d.Year) {
			if h.Date == d {
				name = h.Name
			}
		}
		if name != c.name {
			t.Errorf("holiday on %s = %q, want %q", d, name, c.name)
		}
	}

	if all := hours.BankHolidays(1977); len(all) != 0 {
		t.Errorf("BankHolidays(1977) = %v, want none", all)
	}
}

func TestWhichDaysStandForChristmasBoxingDayAndNewYear(t *testing.T) {
	for year, want := range map[int]string{
		2023: "Christmas Day 12-25, Boxing Day 12-26", // Monday
		2020: "Christmas Day 12-25, Boxing Day 12-28", // Friday
		2021: "Christmas Day 12-27, Boxing Day 12-28", // Saturday
		2022: "Boxing Day 12-26, Christmas Day 12-27", // Sunday
	} {
		var got []string
		for _, h := range hours.BankHolidays(year) {
			if h.Date.Month == time.December {
				got = append(got, h.Name+" "+h.Date.FHIR()[5:])
			}
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%d: got %s, want %s", year, s, want)
		}
	}
}

func TestEasterSundaysOfTheTables(t *testing.T) {
	for _, s := range []string{
		"1598-03-22", "1666-04-25", "1818-03-22", "1886-04-25", "1943-04-25", "1954-04-18", "1961-04-02", "1981-04-19",
		"2000-04-23", "2008-03-23",
		"2011-04-24", "2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09", "2024-03-31", "2025-04-20",
		"2026-04-05", "2027-03-28",
		"2028-04-16", "2038-04-25", "2049-04-18", "2076-04-19", "2285-03-22",
	} {
		want := date(t, s)
		if got := hours.Easter(want.Year); got != want {
			t.Errorf("Easter(%d) = %s, want %s", want.Year, got, want)
		}
	}
}

// easterByGauss returns Easter Sunday by Gauss's algorithm with both of its exceptions, which is independent of that
// of Meeus, Jones and Butcher.
func easterByGauss(year int) nhs.Date {
	a, b, c := year%19, year%4, year%7
	k := year / 100
	p := (13 + 8*k) / 25
	m := (15 - p + k - k/4) % 30
	n := (4 + k - k/4) % 7
	d := (19*a + m) % 30
	e := (2*b + 4*c + 6*d + n) % 7
	switch {
	case d == 29 && e == 6:
		return nhs.Date{Year: year, Month: time.April, Day: 19}
	case d == 28 && e == 6 && (11*m+11)%30 < 19:
		return nhs.Date{Year: year, Month: time.April, Day: 18}
	}
	return nhs.Date{Year: year, Month: time.March, Day: 22}.AddDays(d + e)
}

func TestEasterIsASundayAndAsGaussHasIt(t *testing.T) {
	for year := 1583; year <= 4099; year++ {
		got := hours.Easter(year)
		if got.Time(time.UTC).Weekday() != time.Sunday || got != easterByGauss(year) {
			t.Fatalf("Easter(%d) = %s, want %s, by Gauss", year, got, easterByGauss(year))
		}
	}
}

func TestEveryYearHasEightHolidaysOnWorkingDaysOfWhichNoTwoAreOne(t *testing.T) {
	for year := 2024; year <= 2200; year++ {
		all := hours.BankHolidays(year)
		if len(all) != 8 {
			t.Fatalf("BankHolidays(%d) returned %d, want 8", year, len(all))
		}
		for i, h := range all {
			if day := h.Date.Time(time.UTC).Weekday(); day == time.Saturday || day == time.Sunday ||
				h.Date.Year != year {
				t.Errorf("%s of %d = %s, want a working day of that year", h.Name, year, h.Date)
			}
			if i > 0 && !all[i-1].Date.Before(h.Date) {
				t.Errorf("%d: %s is not after %s", year, h.Date, all[i-1].Date)
			}
		}
	}
}
