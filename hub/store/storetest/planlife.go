package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

// born returns a record with that birth date; "" means none.
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

// alertsFollowTheRecord checks, with the services on top of the store, that an alert depends on the record at the time
// of the request.
func alertsFollowTheRecord(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	noMessage := func(string, store.Access, store.Authority, []store.PlanWithAuthority) ([]byte, error) {
		return nil, nil
	}

	alerts := cpis.New(b, trace.New(b), cpis.Standard(), func() string { return "id" }, noMessage)
	check := func(what string, today nhs.Date, wantEnd nhs.Date, want error) {
		t.Helper()
		for _, n := range []nhs.Number{older, tess} {
			found, err := alerts.Plans(b.ctx, n, today)
			if !errors.Is(err, want) || want == nil && (err != nil || len(found.Visible) != 1 ||
				found.Visible[0].End != wantEnd) {
				t.Errorf("%s, plans of %s on %s: got %+v, error %v; want end %s, error %v", what, n, today, found, err,
					wantEnd, want)
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
		if found, err := alerts.Plans(b.ctx, tess, c.end.AddDays(366)); err != nil || len(found.Visible) != 0 ||
			!found.Patient.Known {
			t.Errorf("366 days after the birthday of %s: got %+v, error %v; want no plan", c.born, found, err)
		}
	}

	must(t, b.PutPatients(b.ctx, []store.Patient{born(t, tess, "")}))
	check("no birth date", day(2060, 1, 1), nhs.Date{}, nil)

	invalid := born(t, tess, "2016-03-04")
	invalid.Invalidated = true
	must(t, b.PutPatients(b.ctx, []store.Patient{invalid}))
	check("invalidated, with a plan", day(2026, 7, 15), nhs.Date{}, trace.ErrInvalidated)
}

// aCycleOfRecordsIsLeftOut searches for records that supersede one another in a cycle, and for another patient of the
// same name.
func aCycleOfRecordsIsLeftOut(t *testing.T, b *fixture) {
	const before = nhs.Number("9990000050") // superseded by one in the cycle
	put := func(n, by nhs.Number, label string) {
		p, err := trace.Document(fmt.Appendf(nil,
			`{"resourceType":"Patient","id":%q,"birthDate":"2016-03-04","name":[{"use":"usual","family":"Example",
			"given":["Tess"]}],"meta":{"security":[{"code":%q}]}}`, n.Digits(), label))
		must(t, err)
		p.SupersededBy = by
		must(t, b.PutPatients(b.ctx, []store.Patient{p}))
	}

	put(before, tom, "U")
	put(tom, older, "R")
	put(older, tom, "U")
	put(tess, "", "U")
	var log bytes.Buffer
	patients := trace.NewLogging(b, slog.New(slog.NewTextHandler(&log, nil)))
	for _, wider := range []string{"false", "true"} {
		q, err := trace.ParseQuery(url.Values{
			"family": {"Example"}, "given": {"Tess"}, "birthdate": {"2016-03-04"},
			"_fuzzy-match": {wider},
		}, today)
		must(t, err)
		if rows, err := patients.Search(b.ctx, q); err != nil || len(rows) != 1 || rows[0].Number != tess {
			t.Errorf("wider %s: got %+v, error %v; want only Tess", wider, rows, err)
		}
	}

	for _, n := range []nhs.Number{before, tom, older} {
		_, err := patients.Retrieve(b.ctx, n)
		mustBe(t, err, trace.ErrNotFound)
		on, err := patients.RecordStatus(b.ctx, n)
		slices.Sort(on.Numbers)
		if err != nil || on.Known || !on.Restricted || !slices.Equal(on.Numbers, []nhs.Number{tom, older, before}) {
			t.Errorf("OnRecord(%s) = %+v, %v; want unknown, restricted, and all three numbers", n, on, err)
		}
	}

	// from within the cycle, and from before it
	if got := strings.Count(log.String(), "ALARM: "); got != 1 && got != 2 ||
		strings.Contains(log.String(), tom.Digits()) {
		t.Errorf("got %d alarms, want 1 or 2 without a number: %s", got, &log)
	}
}
