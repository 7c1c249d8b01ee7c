package nhs_test

import (
	"testing"

	"wardlight/internal/nhs"
)

func TestMonthEnd(t *testing.T) {
	for from, want := range map[string]string{
		"2026-11-01": "2026-11-30", "2026-01-15": "2026-02-14", "2026-12-02": "2027-01-01", "2026-12-31": "2027-01-30",
		"2026-01-29": "2026-02-28", "2026-01-30": "2026-02-28", "2026-01-31": "2026-02-28", "2028-01-30": "2028-02-29",
		"2028-01-29": "2028-02-28", "2026-03-31": "2026-04-30", "2026-11": "2026-11", "2026": "2026",
	} {
		d, err := nhs.ParseDate(from)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.MonthEnd().FHIR(); got != want {
			t.Errorf("MonthEnd of %s = %s, want %s", from, got, want)
		}
	}
	if got := (nhs.Date{}).MonthEnd(); !got.IsZero() {
		t.Errorf("MonthEnd of the zero date = %s, want zero", got.FHIR())
	}
}

func TestDate_Anniversary(t *testing.T) {
	for _, c := range []struct{ born, want string }{
		{"2008-03-04", "2026-03-04"},
		{"2008-02-29", "2026-03-01"},
		{"2008-12-31", "2026-12-31"},
		{"2008-03", "2008-03"},
	} {
		born, err := nhs.ParseDate(c.born)
		if err != nil {
			t.Fatal(err)
		}
		if got := born.Anniversary(18).FHIR(); got != c.want {
			t.Errorf("Anniversary(18) of %s = %s, want %s", c.born, got, c.want)
		}
	}
	if got := (nhs.Date{}).Anniversary(18); !got.IsZero() {
		t.Errorf("Anniversary of the zero date = %s, want the zero date", got)
	}
}
