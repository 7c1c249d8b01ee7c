package storetest

import (
	"errors"
	"fmt"
	"testing"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

// born returns a record of somebody born on the date; "" is nobody knows when.
func born(t *testing.T, n nhs.Number, date string) store.Patient {
	t.Helper()
	document := fmt.Sprintf(`{"resourceType":"Patient","id":%q,"birthDate":%q}`, n.Digits(), date)
	if date == "" {
		document = fmt.Sprintf(`{"resourceType":"Patient","id":%q}`, n.Digits())
	}
	p, err := trace.Document([]byte(document))
	must(t, err)
	return p
}

// alertsFollowTheRecord asks about a patient through the services that answer from the store: whether there is an
// alert goes by the record as it is at the time of asking.
func alertsFollowTheRecord(t *testing.T, b *bench) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	noMessage := func(string, store.Access, store.Authority, []store.HeldPlan) ([]byte, error) { return nil, nil }
	alerts := cpis.New(b, trace.New(b), cpis.Standard(), func() string { return "id" }, noMessage)
	check := func(what string, today nhs.Date, wantEnd nhs.Date, want error) {
		t.Helper()
		for _, n := range []nhs.Number{older, tess} {
			found, err := alerts.Plans(b.ctx, n, today)
			if !errors.Is(err, want) || want == nil && (err != nil || len(found.Visible) != 1 || found.Visible[0].End != wantEnd) {
				t.Errorf("%s, about %s on %s: %+v, %v; want the end %s, %v", what, n, today, found, err, wantEnd, want)
			}
		}
	}
	plan := store.Plan{ID: "p", Number: older, Kind: store.LookedAfter, Start: day(2020, 1, 2), Authority: "V999"}
	superseded := born(t, older, "2016-03-04")
	superseded.SupersededBy = tess

	must(t, b.PutPatients(b.ctx, []store.Patient{superseded}))
	check("no current record, no plan", day(2026, 7, 15), nhs.Date{}, trace.ErrNotFound)
	must(t, b.PutPlan(b.ctx, plan))
	check("no current record, a plan", day(2026, 7, 15), nhs.Date{}, nil)
	check("no current record, a plan, after the superseded record's birthday", day(2036, 7, 15), nhs.Date{}, nil)
	check("no current record, a plan that has not started", day(2020, 1, 1), nhs.Date{}, trace.ErrNotFound)

	for _, c := range []struct {
		born string
		end  nhs.Date
	}{
		{"2008-07-15", day(2026, 7, 15)},
		{"2008-02-29", day(2026, 3, 1)},
		{"2009-03", day(2027, 3, 31)},
		{"2007", day(2025, 12, 31)},
	} {
		must(t, b.PutPatients(b.ctx, []store.Patient{born(t, tess, c.born)}))
		check("before the birthday of "+c.born, c.end.AddDays(-1), nhs.Date{}, nil)
		check("on the birthday of "+c.born, c.end, c.end, nil)
		check("365 days after the birthday of "+c.born, c.end.AddDays(365), c.end, nil)
		if found, err := alerts.Plans(b.ctx, tess, c.end.AddDays(366)); err != nil || len(found.Visible) != 0 || !found.Patient.Known {
			t.Errorf("366 days after the birthday of %s: %+v, %v", c.born, found, err)
		}
	}
	must(t, b.PutPatients(b.ctx, []store.Patient{born(t, tess, "")}))
	check("no birth date", day(2060, 1, 1), nhs.Date{}, nil)

	invalid := born(t, tess, "2016-03-04")
	invalid.Invalidated = true
	must(t, b.PutPatients(b.ctx, []store.Patient{invalid}))
	check("invalidated, with a plan", day(2026, 7, 15), nhs.Date{}, trace.ErrInvalidated)
}
