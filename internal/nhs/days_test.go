package nhs_test

import (
	"fmt"
	"testing"
	"time"

	"wardlight/internal/nhs"
)

func TestABirthDateToSearchBy(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"4-3-2016", "04-Mar-2016"},
		{"040316", "04-Mar-2016"},
		{"4th of March '16", "04-Mar-2016"},
		{"22-11-2026", "22-Nov-2026"},

		{"2016", "01-Jan-2016 to 31-Dec-2016"},
		{" 2016. ", "01-Jan-2016 to 31-Dec-2016"},
		{"2026", "01-Jan-2026 to 22-Nov-2026"}, // up to today
		{"03-2016", "01-Mar-2016 to 31-Mar-2016"},
		{"3/2016", "01-Mar-2016 to 31-Mar-2016"},
		{"Mar 2016", "01-Mar-2016 to 31-Mar-2016"},
		{"march, 2016", "01-Mar-2016 to 31-Mar-2016"},
		{"mar2016", "01-Mar-2016 to 31-Mar-2016"},
		{"2016-03", "01-Mar-2016 to 31-Mar-2016"},
		{"2016 Mar", "01-Mar-2016 to 31-Mar-2016"},
		{"Feb 2016", "01-Feb-2016 to 29-Feb-2016"},
		{"11-2026", "01-Nov-2026 to 22-Nov-2026"},
		{"1897", "01-Jan-1897 to 31-Dec-1897"},

		{"2014-2016", "01-Jan-2014 to 31-Dec-2016"},
		{"2014 – 2016", "01-Jan-2014 to 31-Dec-2016"},
		{"2014 to 2016", "01-Jan-2014 to 31-Dec-2016"},
		{"2014 TO Mar 2016", "01-Jan-2014 to 31-Mar-2016"},
		{"4-3-2016 to 10-3-2016", "04-Mar-2016 to 10-Mar-2016"},
		{"4-3-2016 to 4-3-2016", "04-Mar-2016"},
		{"Dec 2015 to 2026", "01-Dec-2015 to 22-Nov-2026"},

		{"age 4", "23-Nov-2021 to 22-Nov-2022"},
		{"Aged 4", "23-Nov-2021 to 22-Nov-2022"},
		{"age4", "23-Nov-2021 to 22-Nov-2022"},
		{"4y", "23-Nov-2021 to 22-Nov-2022"},
		{"4 Y", "23-Nov-2021 to 22-Nov-2022"},
		{"4 yrs", "23-Nov-2021 to 22-Nov-2022"},
		{"4yo", "23-Nov-2021 to 22-Nov-2022"},
		{"4 years old", "23-Nov-2021 to 22-Nov-2022"},
		{"1 year", "23-Nov-2024 to 22-Nov-2025"},
		{"0y", "23-Nov-2025 to 22-Nov-2026"},
		{"age 3-5", "23-Nov-2020 to 22-Nov-2023"},
		{"3-5y", "23-Nov-2020 to 22-Nov-2023"},
		{"3–5 years", "23-Nov-2020 to 22-Nov-2023"},
		{"3 to 5 years", "23-Nov-2020 to 22-Nov-2023"},
		{"3y to 5y", "23-Nov-2020 to 22-Nov-2023"},
		{"aged\u00a03\u200b-5", "23-Nov-2020 to 22-Nov-2023"},
		{"5-5y", "23-Nov-2020 to 22-Nov-2021"},
		{"6m", "23-Apr-2026 to 22-May-2026"},
		{"age 6 months", "23-Apr-2026 to 22-May-2026"},
		{"6-9 mths", "23-Jan-2026 to 22-May-2026"},
		{"6m-2y", "23-Nov-2023 to 22-May-2026"},
		{"3w", "26-Oct-2026 to 01-Nov-2026"},
		{"2 weeks to 3 months", "23-Jul-2026 to 08-Nov-2026"},
		{"10d", "12-Nov-2026"},
		{"0 days", "22-Nov-2026"},
		{"5-10 days", "12-Nov-2026 to 17-Nov-2026"},
		{"129y", "23-Nov-1896 to 22-Nov-1897"},
	} {
		got, err := nhs.ParseBirth(c.typed, today)
		if err != nil || got.String() != c.want {
			t.Errorf("ParseBirth(%q) = %s, %v, want %s", c.typed, got, err, c.want)
		}
	}
}

func TestABirthDateToSearchByIsNeverGuessed(t *testing.T) {
	const (
		unclear  = "This may be an age or a date. Type an age with its unit, as in 3-5y, or a year with 4 digits."
		year     = "Type the year with 4 digits, as in Mar 2016 or 04-Mar-2016."
		dayFirst = "Type the birth date day first, as in 04-03-2016."
		whole    = "Type the whole birth date, day first, as in 04-03-2016."
		order    = "This ends before it begins."
		future   = "This birth date is in the future."
		long     = "This birth date is more than 130 years ago."
		old      = "An age is less than 130 years."
	)

	for _, c := range []struct{ typed, want string }{
		{"", "Type a birth date, as in 04-03-2016."},
		{" to ", dayFirst},
		{"4", unclear},
		{"16", unclear},
		{"'16", unclear},
		{"316", unclear},
		{"3-5", unclear},
		{"03-16", unclear},
		{"4/3", unclear},
		{"3 to 5", unclear},
		{"Mar 16", year},
		{"4 Mar", year},
		{"16-Mar", year},
		{"Mar", dayFirst},
		{"Mar 4 2016", dayFirst},
		{"2016 to", "There is no month “to”."},
		{"to 2016", "There is no month “to”."},
		{"2014 to 2015 to 2016", dayFirst},
		{"2014 to 16", unclear},
		{"Jan to Mar 2016", dayFirst},
		{"13-2016", "There is no month 13; type the day first, as in 04-03-2016."},
		{"2016/17", "There is no month 17; type the day first, as in 04-03-2016."},
		{"Mat 2016", "There is no month “Mat”."},
		{"before 2016", "There is no month “before”."},
		{"~2016", dayFirst},
		{"2016?", dayFirst},
		{"٢٠١٦", dayFirst},
		{"2016\x00", dayFirst},
		{"32016", whole},
		{"032016", "There is no month 20; type the day first, as in 04-03-2016."},
		{"4-3-2016 - 10-3-2016", whole},

		{"2016 to 2014", order},
		{"2016-2014", order},
		{"10-3-2016 to 4-3-2016", order},
		{"5-3y", order},
		{"2y-6m", order},
		{"2027", future},
		{"12-2026", future},
		{"2016 to 23-11-2026", future},
		{"2016 to 2027", future},
		{"1600", long},
		{"0000", long},
		{"1896", long},

		{"6m-2", "Type the unit of both ages, as in 6m-2y."},
		{"age 6m-2", "Type the unit of both ages, as in 6m-2y."},
		{"130y", old},
		{"age 2016", old},
		{"99999y", old},
		{"3-99999 weeks", old},
		{"99999-3 weeks", old},
		{"999999y", dayFirst},
		{"-4y", dayFirst},
		{"4.5y", dayFirst},
		{"4x", dayFirst},
		{"age", dayFirst},
		{"under 1", dayFirst},
		{"4y 1m", dayFirst},
		{"age 4y4", dayFirst},
	} {
		d, err := nhs.ParseBirth(c.typed, today)
		if got := sentence(t, err, nhs.FieldBorn); got != c.want || !d.IsZero() {
			t.Errorf("ParseBirth(%q) = %s, %q, want %q", c.typed, d, got, c.want)
		}
	}
}

func TestADateOfDeathToSearchBy(t *testing.T) {
	for _, c := range []struct{ typed, want, wrong string }{
		{"4-3-2016", "04-Mar-2016", ""},
		{"2016", "01-Jan-2016 to 31-Dec-2016", ""},
		{"Mar 2016", "01-Mar-2016 to 31-Mar-2016", ""},
		{"2014 to 2016", "01-Jan-2014 to 31-Dec-2016", ""},
		{"2026", "01-Jan-2026 to 22-Nov-2026", ""},
		{"", "", "Type a date of death, as in 04-03-2016."},
		{"16", "", "Type the year with 4 digits, as in 2016 or 03-2016."},
		{"3-5", "", "Type the year with 4 digits, as in 2016 or 03-2016."},
		{"4y", "", "Type the date of death day first, as in 04-03-2016."},
		{"age 4", "", "Type the date of death day first, as in 04-03-2016."},
		{"yesterday", "", "Type the date of death day first, as in 04-03-2016."},
		{"23-11-2026", "", "This date of death is in the future."},
		{"1600", "", "This date of death is more than 130 years ago."},
		{"2016 to 2014", "", "This ends before it begins."},
	} {
		got, err := nhs.ParseDeath(c.typed, today)
		if said := sentence(t, err, nhs.FieldDied); said != c.wrong || err == nil && got.String() != c.want {
			t.Errorf("ParseDeath(%q) = %s, %q, want %s, %q", c.typed, got, said, c.want, c.wrong)
		}
	}
}

// For each age, it checks that all days of the range have that age according to Age, and that the days next to the
// range haven't. This includes births on 29 February and months without a 29th to 31st.
func TestAnAgeIsThatOfTheBanner(t *testing.T) {
	months := func(born, today nhs.Date) int {
		n := (today.Year-born.Year)*12 + int(today.Month-born.Month)
		if today.Day < born.Day {
			n--
		}
		return n
	}

	for _, today := range []nhs.Date{
		day(2026, 11, 22), day(2024, 2, 29), day(2025, 2, 28), day(2026, 3, 31),
		day(2026, 12, 31), day(2028, 3, 1),
	} {
		for _, c := range []struct {
			typed    string
			from, to int
		}{ // in months, both included
			{"0y", 0, 11},
			{"1y", 12, 23},
			{"4y", 48, 59},
			{"3-5y", 36, 71},
			{"1m", 1, 1},
			{"6-9m", 6, 9},
			{"11m-2y", 11, 35},
		} {
			d, err := nhs.ParseBirth(c.typed, today)
			if err != nil {
				t.Fatal(err)
			}
			for born := d.From.AddDays(-3); born.Before(d.To.AddDays(4)); born = born.AddDays(1) {
				if today.Before(born) {
					break
				}
				age := months(born, today)
				if inside := !born.Before(d.From) && !d.To.Before(born); inside != (age >= c.from && age <= c.to) {
					t.Errorf("ParseBirth(%q) on %s = %s: includes %s = %v, but the age is %d months (%s)",
						c.typed, today, d, born, inside, age, nhs.Age(born, today.Time(time.UTC)))
				}
			}
		}
	}
}

func FuzzParseBirth(f *testing.F) {
	for _, s := range []string{
		"2016", "Mar 2016", "age 3-5", "6m-2y", "2014 to 2016", "4-3-2016", "3 to 5 years old",
		"99999w", " to ",
	} {
		f.Add(s)
	}

	f.Fuzz(func(t *testing.T, s string) {
		d, err := nhs.ParseBirth(s, today)
		if (sentence(t, err, nhs.FieldBorn) == "") == d.IsZero() {
			t.Fatalf("ParseBirth(%q) = %+v, %v, want a range or an error", s, d, err)
		}
		if one, wrong := nhs.ParseTyped(s, today); wrong == nil && (err != nil || d != (nhs.Days{From: one, To: one})) {
			t.Fatalf("ParseBirth(%q) = %s, %v, want the day %s that ParseTyped returns", s, d, err, one)
		}
		if died, wrong := nhs.ParseDeath(s, today); wrong == nil && died != d {
			t.Fatalf("ParseDeath(%q) = %s, want the same as ParseBirth: %s", s, died, d)
		}
		if err != nil {
			return
		}
		if !d.From.Complete() || !d.To.Complete() || d.To.Before(d.From) || today.Before(d.To) || d.From.Year < 1896 {
			t.Fatalf("ParseBirth(%q) = %s, want an error", s, d)
		}
		if again, err := nhs.ParseBirth(fmt.Sprint(d), today); err != nil || again != d {
			t.Fatalf("ParseBirth(%q) = %s, parsed again %s, %v", s, d, again, err)
		}
	})
}
