package hub_test

import (
	"net/http"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// alertCalls are the requests about a patient's alert: role, path, and the header with the care setting.
var alertCalls = []struct {
	role, path string
	change     []func(*http.Request)
}{
	{nurse, flag, nil},
	{nurse, careTeam, nil},
	{nurse, events, nil},
	{gp, flag, []func(*http.Request){scheduled}},
	{gp, careTeam, []func(*http.Request){scheduled}},
	{gp, events, []func(*http.Request){scheduled}},
}

// refused reports whether an answer is a 404 with that Spine code.
func refused(t *testing.T, r response, code string) bool {
	t.Helper()
	var o fhir.OperationOutcome
	r.into(t, &o)
	return r.status == http.StatusNotFound && o.ResourceType == "OperationOutcome" && o.SpineCode() == code
}

// planUnder stores a plan under the number that started this year.
func (b *fixture) planUnder(n nhs.Number) store.Plan {
	b.t.Helper()
	p := store.Plan{
		ID: "under-" + n.Digits(), Number: n, Kind: store.ChildProtection, Start: day(2026, 1, 1),
		Authority: "V999",
	}
	must(b.t, b.sqlite.PutPlan(b.t.Context(), p))
	return p
}

func TestAlert_NoRecord(t *testing.T) {
	const northern, scottish = nhs.Number("3200000015"), nhs.Number("0101000014")
	for name, prepare := range map[string]func(*fixture){
		"nothing on file": func(*fixture) {},
		"a plan that is over": func(b *fixture) {
			p := b.planUnder(absent)
			p.Start, p.End = day(2020, 1, 1), day(2021, 1, 1)
			must(t, b.sqlite.PutPlan(t.Context(), p))
		},
		"a plan that has not started": func(b *fixture) {
			p := b.planUnder(absent)
			p.Start = day(2026, 7, 16)
			must(t, b.sqlite.PutPlan(t.Context(), p))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t)
			prepare(b)
			x := b.signIn()
			for _, n := range []nhs.Number{absent, northern, scottish} {
				if _, err := nhs.ParseNumber(n.Digits()); err != nil {
					t.Fatal(err)
				}
				for _, c := range alertCalls {
					if r := x.get(c.role, c.path, about(n), c.change...); !refused(t, r, "RESOURCE_NOT_FOUND") {
						t.Errorf("GET %s as %s: got status %d, body %s; want RESOURCE_NOT_FOUND", c.path, c.role,
							r.status, r.body)
					}
				}
			}
			if a, m := b.left(absent); len(a) != 0 || len(m) != 0 {
				t.Errorf("refused requests left %d accesses and %d notifications, want none", len(a), len(m))
			}
		})
	}
}

func TestAlert_InvalidatedRecord(t *testing.T) {
	const former = nhs.Number("9990000085")
	b := newFixture(t)
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
		superseded(record(t, patient(former, "Example", "Wrong", "2016-03-04", "female", "U", "")), invalid),
	}))

	x := b.signIn()
	for _, planned := range []nhs.Number{"", former, invalid} {
		if planned != "" {
			b.planUnder(planned)
		}
		for _, n := range []nhs.Number{invalid, former} {
			for _, c := range alertCalls {
				if r := x.get(c.role, c.path, about(n), c.change...); !refused(t, r, "INVALIDATED_RESOURCE") {
					t.Errorf("plan under %q: GET %s of %s as %s: got status %d, body %s; want INVALIDATED_RESOURCE",
						planned, c.path, n, c.role, r.status, r.body)
				}
			}
		}
	}

	if a, m := b.left(invalid); len(a) != 0 || len(m) != 0 {
		t.Errorf("refused requests left %d accesses and %d notifications, want none", len(a), len(m))
	}
}

// A plan under a number without a patient record is an alert: a record that doesn't exist yet or any more must not
// hide a plan.
func TestAlert_PlanWithoutARecord(t *testing.T) {
	b := newFixture(t)
	b.planUnder(absent)
	x := b.signIn()
	for i, c := range alertCalls {
		r := x.get(c.role, c.path, about(absent), c.change...)
		bundle, _ := entries[struct{}](t, r)
		if *bundle.Total != 1 || !recordMissing(t, bundle) {
			t.Errorf("GET %s as %s: got %s, want one plan and a warning that the record is missing", c.path, c.role,
				r.body)
		}
		want := min(i, 1) // only the opening in unscheduled care is recorded
		if a, m := b.left(absent); len(a) != want || len(m) != want {
			t.Errorf("GET %s as %s left %d accesses and %d notifications, want %d of each", c.path, c.role, len(a),
				len(m), want)
		}
	}

	must(t,
		b.sqlite.PutPatients(t.Context(),
			[]store.Patient{record(t, patient(absent, "Example", "Tim", "2016-03-04", "male", "U", ""))}))

	bundle, _ := entries[fhir.Flag](t, x.get(nurse, flag, about(absent)))
	if *bundle.Total != 1 || recordMissing(t, bundle) {
		t.Errorf("lamp with a record: got %+v, want one alert without a warning", bundle)
	}
}
