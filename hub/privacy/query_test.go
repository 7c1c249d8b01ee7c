package privacy_test

import (
	"errors"
	"testing"
	"time"

	"wardlight/hub/privacy"
	"wardlight/internal/nhs"
)

func day(t *testing.T, s string) nhs.Date {
	t.Helper()
	if s == "" {
		return nhs.Date{}
	}
	d, err := nhs.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCheck_Period(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     error
	}{
		{"2026-11-01", "2026-11-30", nil},
		{"2026-11-01", "2026-12-01", privacy.ErrTooLong},
		{"2026-01-15", "2026-02-14", nil},
		{"2026-01-15", "2026-02-15", privacy.ErrTooLong},
		{"2026-12-02", "2027-01-01", nil},
		{"2026-12-02", "2027-01-02", privacy.ErrTooLong},
		{"2026-01-31", "2026-02-28", nil}, // there is no 31 February
		{"2026-01-30", "2026-03-01", privacy.ErrTooLong},
		{"2028-01-30", "2028-02-29", nil}, // a leap year
		{"2026-01-29", "2026-02-28", nil},
		{"2026-02-28", "2026-03-27", nil},
		{"2026-02-28", "2026-03-28", privacy.ErrTooLong},
		{"2026-11-03", "2026-11-03", nil},
		{"2026-11-03", "2026-11-02", privacy.ErrPeriod},
		{"2026-11", "2026-11-30", privacy.ErrPeriod},
		{"2026-11-01", "2026", privacy.ErrPeriod},
		{"", "2026-11-30", privacy.ErrPeriod},
		{"2026-11-01", "", privacy.ErrPeriod},
	} {
		q := privacy.Query{
			Kind: privacy.PatientEnquiries, Organisation: "RX1", From: day(t, c.from), To: day(t, c.to),
		}
		if err := q.Check(); !errors.Is(err, c.want) {
			t.Errorf("Check of %q to %q = %v, want %v", c.from, c.to, err, c.want)
		}
	}
}

func TestCheck_Subject(t *testing.T) {
	one := []nhs.Number{tess}
	for _, c := range []struct {
		name string
		q    privacy.Query
		want error
	}{
		{"patient access", privacy.Query{Kind: privacy.PatientAccess, Patients: one}, nil},
		{"patient access to nobody", privacy.Query{Kind: privacy.PatientAccess}, privacy.ErrSubject},
		{
			"patient access by a person",
			privacy.Query{Kind: privacy.PatientAccess, Patients: one, Person: ada},
			privacy.ErrSubject,
		},
		{"user access", privacy.Query{Kind: privacy.UserAccess, Person: ada}, nil},
		{"user access of nobody", privacy.Query{Kind: privacy.UserAccess}, privacy.ErrSubject},
		{"enquiries", privacy.Query{Kind: privacy.PatientEnquiries}, nil},
		{"enquiries of a person", privacy.Query{Kind: privacy.PatientEnquiries, Person: ada}, privacy.ErrSubject},
		{"another report", privacy.Query{Kind: "all"}, privacy.ErrKind},
		{"no report", privacy.Query{}, privacy.ErrKind},
	} {
		c.q.Organisation, c.q.From, c.q.To = "RX1", day(t, "2026-11-01"), day(t, "2026-11-30")
		if err := c.q.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: Check = %v, want %v", c.name, err, c.want)
		}
		c.q.Organisation = ""
		if err := c.q.Check(); err == nil {
			t.Errorf("%s: Check without an organisation = nil, want an error", c.name)
		}
	}
}

// A day of the report is a day in the United Kingdom, also when the clocks change.
func TestPeriod_SummerTime(t *testing.T) {
	q := privacy.Query{From: day(t, "2026-10-01"), To: day(t, "2026-10-31")}
	from, until := q.Period(london(t))
	if got, want := from.UTC().Format(time.RFC3339), "2026-09-30T23:00:00Z"; got != want {
		t.Errorf("Period begins at %s, want %s", got, want)
	}
	if got, want := until.UTC().Format(time.RFC3339), "2026-11-01T00:00:00Z"; got != want {
		t.Errorf("Period ends at %s, want %s", got, want)
	}
}
