package nhs_test

import (
	"testing"
	"time"

	"wardlight/internal/nhs"
)

// day returns a date.
func day(y int, m time.Month, d int) nhs.Date { return nhs.Date{Year: y, Month: m, Day: d} }

func TestFHIRDates(t *testing.T) {
	for _, c := range []struct {
		in          string
		want        nhs.Date
		shown, fhir string
	}{
		{"2016-03-04", day(2016, 3, 4), "04-Mar-2016", "2016-03-04"},
		{"2016-03", day(2016, 3, 0), "Mar-2016", "2016-03"},
		{"2016", day(2016, 0, 0), "2016", "2016"},
		{"2016-02-29", day(2016, 2, 29), "29-Feb-2016", "2016-02-29"},
		{"2010-10-22T00:00:00+00:00", day(2010, 10, 22), "22-Oct-2010", "2010-10-22"},
		{"2010-10-22T23:59:60.123Z", day(2010, 10, 22), "22-Oct-2010", "2010-10-22"},
		{"2010-10-22T23:59", day(2010, 10, 22), "22-Oct-2010", "2010-10-22"},
		{"0987-01-01", day(987, 1, 1), "01-Jan-0987", "0987-01-01"},
	} {
		got, err := nhs.ParseDate(c.in)
		if err != nil || got != c.want || got.String() != c.shown || got.FHIR() != c.fhir {
			t.Errorf("ParseDate(%q) = %+v, shown %q, FHIR %q, %v, want %+v, %q, %q",
				c.in, got, got, got.FHIR(), err, c.want, c.shown, c.fhir)
		}
	}

	for _, bad := range []string{
		"", "16", "2016-3-4", "2016-13", "2016-00", "2016-03-00", "2015-02-29", "0000", "2016-03-04x", "2016-03-04T",
		"2016-03-04T25:00",
		"04-03-2016", "2016-03T10:00", "２016", "2016-03-04\n",
	} {
		if got, err := nhs.ParseDate(bad); sentence(t, err, nhs.FieldDate) == "" || !got.IsZero() {
			t.Errorf("ParseDate(%q) = %+v, want an error", bad, got)
		}
	}
}

func TestNothingKnownOfADate(t *testing.T) {
	var d nhs.Date
	if d.String() != "Not Known" || d.FHIR() != "" || !d.IsZero() || d.Complete() || !d.Time(time.UTC).IsZero() {
		t.Errorf("zero date: String %q, FHIR %q, want %q and an empty string", d, d.FHIR(), "Not Known")
	}
	if day(2016, 3, 0).Complete() || day(2016, 0, 0).IsZero() {
		t.Error("Complete of a year and month = true, or IsZero of a year = true, want false")
	}
}

func TestDatesInOrder(t *testing.T) {
	order := []nhs.Date{
		{},
		day(2015, 12, 31), day(2016, 0, 0), day(2016, 3, 0), day(2016, 3, 4), day(2016, 3, 5),
		day(2016, 4, 1),
	}
	for i, a := range order {
		for j, b := range order {
			if a.Before(b) != (i < j) {
				t.Errorf("%s before %s = %v, want %v", a, b, a.Before(b), i < j)
			}
		}
	}
}

func TestCountingDays(t *testing.T) {
	for _, c := range []struct {
		from nhs.Date
		n    int
		to   nhs.Date
	}{
		{day(2016, 2, 28), 1, day(2016, 2, 29)},
		{day(2015, 2, 28), 1, day(2015, 3, 1)},
		{day(2026, 12, 31), 1, day(2027, 1, 1)},
		{day(2026, 3, 29), 1, day(2026, 3, 30)}, // the clocks change
		{day(1896, 1, 1), 47_847, day(2027, 1, 1)},
	} {
		if got := c.from.AddDays(c.n); got != c.to {
			t.Errorf("%s.AddDays(%d) = %s, want %s", c.from, c.n, got, c.to)
		}
		if got := c.to.AddDays(-c.n); got != c.from {
			t.Errorf("%s.AddDays(%d) = %s, want %s", c.to, -c.n, got, c.from)
		}
		if got := c.from.DaysUntil(c.to); got != c.n {
			t.Errorf("%s.DaysUntil(%s) = %d, want %d", c.from, c.to, got, c.n)
		}
	}

	partial := day(2016, 3, 0)
	if partial.AddDays(5) != partial || partial.DaysUntil(day(2017, 1, 1)) != 0 {
		t.Error("AddDays or DaysUntil counted days of a partial date")
	}
}

func TestDaysAndMoments(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}

	at := time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC)
	if got := nhs.DateOf(at.In(london)); got != day(2026, 7, 1) {
		t.Errorf("DateOf in London = %s, want 01-Jul-2026", got)
	}

	if got := nhs.Instant(at, london); got != "01-Jul-2026 00:30" {
		t.Errorf("Instant in London = %q, want %q", got, "01-Jul-2026 00:30")
	}

	if got := nhs.Instant(time.Date(2006, 6, 12, 2, 30, 59, 0, time.UTC), nil); got != "12-Jun-2006 02:30" {
		t.Errorf("Instant without a zone = %q, want %q", got, "12-Jun-2006 02:30")
	}

	if got := nhs.Instant(time.Time{}, london); got != "Not Known" {
		t.Errorf("Instant of the zero time = %q, want %q", got, "Not Known")
	}

	if got := day(2026, 7, 1).Time(london); !got.Equal(time.Date(2026, 6, 30, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("Time in London = %s, want 30 June 23:00 UTC", got)
	}

	if got := day(2026, 0, 0).Time(nil); !got.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("Time of a year = %s, want 1 January", got)
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2016", "2016-03", "2016-03-04", "2016-03-04T10:00:00Z", "0000", "2016-02-30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := nhs.ParseDate(s)
		if (sentence(t, err, nhs.FieldDate) == "") == d.IsZero() {
			t.Fatalf("ParseDate(%q) = %+v, %v, want a date or an error", s, d, err)
		}
		if err != nil {
			return
		}
		if again, err := nhs.ParseDate(d.FHIR()); err != nil || again != d || len(s) < len(d.FHIR()) ||
			s[:len(d.FHIR())] != d.FHIR() {
			t.Fatalf("ParseDate(%q) = %s, parsed again %s, %v", s, d.FHIR(), again.FHIR(), err)
		}
	})
}

func TestDate_Fits(t *testing.T) {
	day := nhs.Date{Year: 2016, Month: time.March, Day: 4}
	for _, c := range []struct {
		held string
		want bool
	}{
		{"2016", true},
		{"2016-03", true},
		{"2016-03-04", true},
		{"2015", false},
		{"2016-02", false},
		{"2016-03-05", false},
		{"2015-03-04", false},
	} {
		stored, err := nhs.ParseDate(c.held)
		if err != nil {
			t.Fatal(err)
		}
		if got := stored.Fits(day, day); got != c.want {
			t.Errorf("%s.Fits(%s) = %v, want %v", c.held, day.FHIR(), got, c.want)
		}
	}

	if (nhs.Date{}).Fits(day, day) {
		t.Error("Fits of the zero date = true, want false")
	}
}

func TestDate_Latest(t *testing.T) {
	for from, want := range map[string]string{
		"2016": "2016-12-31", "2016-02": "2016-02-29", "2015-02": "2015-02-28", "2016-12": "2016-12-31",
		"2016-03-04": "2016-03-04",
	} {
		d, err := nhs.ParseDate(from)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Latest().FHIR(); got != want {
			t.Errorf("Latest of %s = %s, want %s", from, got, want)
		}
	}
	if got := (nhs.Date{}).Latest(); !got.IsZero() {
		t.Errorf("Latest of the zero date = %s, want the zero date", got)
	}
}
