package nhs_test

import (
	"testing"

	"wardlight/internal/nhs"
)

var today = day(2026, 11, 22)

func TestABirthDateAsTyped(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  nhs.Date
	}{
		{"04-03-2016", day(2016, 3, 4)},
		{"04/03/2016", day(2016, 3, 4)},
		{"04.03.2016", day(2016, 3, 4)},
		{"4 3 2016", day(2016, 3, 4)},
		{"04032016", day(2016, 3, 4)},
		{"040316", day(2016, 3, 4)},
		{"04-03-16", day(2016, 3, 4)},
		{"04 Mar 2016", day(2016, 3, 4)},
		{"04-Mar-16", day(2016, 3, 4)},
		{"4mar2016", day(2016, 3, 4)},
		{"4 MARCH, 2016", day(2016, 3, 4)},
		{"9 Sept 2016", day(2016, 9, 9)},
		{"2016-03-04", day(2016, 3, 4)},
		{"2016-Mar-04", day(2016, 3, 4)},
		{" 04–03–2016 ", day(2016, 3, 4)},
		{"4th March 2016", day(2016, 3, 4)},
		{"1st of May 2016", day(2016, 5, 1)},
		{"22ND-nov-16", day(2016, 11, 22)},
		{"3rd 4 2016", day(2016, 4, 3)},
		{"4 th Mar 2016", day(2016, 3, 4)},
		{"4 Mar '16", day(2016, 3, 4)},
		{"4 Mar ’16", day(2016, 3, 4)},
		{"4\\3\\2016", day(2016, 3, 4)},
		{"4 Mar. 2016", day(2016, 3, 4)},
		{"1-Sep-2026", day(2026, 9, 1)},
		{"4/3/16", day(2016, 3, 4)},
		{"221126", day(2026, 11, 22)},               // today
		{"231126", day(1926, 11, 23)},               // in 2026 it would be tomorrow
		{"010127", day(1927, 1, 1)},                 // in 2027 it would be in the future
		{"290224", day(2024, 2, 29)},                // leap day
		{"010100", day(2000, 1, 1)},                 // not 1900
		{"22-11-1896", day(1896, 11, 22)},           // 130 years to the day
		{day(2016, 3, 4).String(), day(2016, 3, 4)}, // display format
		{day(2016, 3, 4).FHIR(), day(2016, 3, 4)},   // FHIR format
		{"02-03-2004", day(2004, 3, 2)},             // day first
		{"12-10-2004", day(2004, 10, 12)},           // day first, although month first would be valid too
		{"4\u00a0Mar\u00a02016", day(2016, 3, 4)},   // with no-break spaces, as pasted
		{"\u200e04/\u200e03/\u200e2016", day(2016, 3, 4)},
		{"\ufeff4th\u200b March 2016", day(2016, 3, 4)},
	} {
		got, err := nhs.ParseTyped(c.typed, today)
		if err != nil || got != c.want {
			t.Errorf("ParseTyped(%q) = %s, %v, want %s", c.typed, got, err, c.want)
		}
	}
}

func TestABirthDateIsRefusedWithItsCause(t *testing.T) {
	const (
		dayFirst = "Type the birth date day first, as in 04-03-2016."
		whole    = "Type the whole birth date, day first, as in 04-03-2016."
	)

	for _, c := range []struct{ typed, want string }{
		{"", "Type a birth date, as in 04-03-2016."},
		{" / ", "Type a birth date, as in 04-03-2016."},
		{"2016", whole},
		{"Mar 2016", dayFirst},
		{"03-2016", whole},
		{"4 3 20 16", whole},
		{"04032", whole},
		{"yesterday", dayFirst},
		{"th March 2016", dayFirst},
		{"4 of March 2016", dayFirst},
		{"4thMarch 2016", "There is no month “thMarch”."},
		{"04*03*2016", dayFirst},
		{"March 4 2016", dayFirst},
		{"004-03-2016", dayFirst},
		{"03-25-2016", "There is no month 25; type the day first, as in 04-03-2016."},
		{"20160304", "There is no month 16; type the day first, as in 04-03-2016."},
		{"4 Mat 2016", "There is no month “Mat”."},
		{"4 Ma 2016", "There is no month “Ma”."},
		{"4 Marchioness 2016", "There is no month “Marchioness”."},
		{"31-02-2016", "There is no such date: February 2016 has 29 days."},
		{"29-02-2015", "There is no such date: February 2015 has 28 days."},
		{"290225", "There is no such date: February 2025 has 28 days."},
		{"00-03-2016", "There is no day 0; type the day first, as in 04-03-2016."},
		{"04-00-2016", "There is no month 00; type the day first, as in 04-03-2016."},
		{"04-03-216", "Type the year with 4 digits, as in 04-03-2016."},
		{"23-11-2026", "This birth date is in the future."},
		{"01-01-2126", "This birth date is in the future."},
		{"21-11-1896", "This birth date is more than 130 years ago."},
		{"04-03-0016", "This birth date is more than 130 years ago."},
	} {
		d, err := nhs.ParseTyped(c.typed, today)
		if got := sentence(t, err, nhs.FieldBorn); got != c.want || !d.IsZero() {
			t.Errorf("ParseTyped(%q) = %s, %q, want %q", c.typed, d, got, c.want)
		}
	}
}

func FuzzParseTyped(f *testing.F) {
	for _, s := range []string{
		"04-03-2016", "040316", "4 Mar 16", "2016-03-04", "31022016", "0",
		"99999999999999999999 1 2",
	} {
		f.Add(s)
	}

	f.Add("4th of Mar '16")

	f.Fuzz(func(t *testing.T, s string) {
		d, err := nhs.ParseTyped(s, today)
		if (sentence(t, err, nhs.FieldBorn) == "") == d.IsZero() {
			t.Fatalf("ParseTyped(%q) = %+v, %v, want a date or an error", s, d, err)
		}
		if err != nil {
			return
		}
		if !d.Complete() || today.Before(d) || d.Year < 1896 {
			t.Fatalf("ParseTyped(%q) = %s, want an error", s, d)
		}
		for _, shown := range []string{d.String(), d.FHIR()} {
			if again, err := nhs.ParseTyped(shown, today); err != nil || again != d {
				t.Fatalf("ParseTyped(%q) = %s, but ParseTyped(%q) = %s, %v", s, d, shown, again, err)
			}
		}
		if again, err := nhs.ParseDate(d.FHIR()); err != nil || again != d {
			t.Fatalf("ParseDate(%q) = %s, %v, want the same date", d.FHIR(), again, err)
		}
	})
}
