package hub_test

import (
	"net/url"
	"strings"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Two records that supersede each other must not affect other records.
func TestTrace_RecordsThatSupersedeEachOtherAreLeftOut(t *testing.T) {
	const one, other = absent, nhs.Number("9990000085")
	b := newFixture(t)
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
		superseded(record(t, patient(one, "Example", "Tom", "2016-03-04", "male", "U", "")), other),
		superseded(record(t, patient(other, "Example", "Tom", "2016-03-04", "male", "U", "")), one),
	}))

	o, x := b.office("V999"), b.signIn()
	for _, query := range []url.Values{
		{"family": {"Example"}, "given": {"Tom"}, "birthdate": {"eq2016-03-04"}},
		{"family": {"Example"}, "given": {"Tom"}, "birthdate": {"eq2016-03-04"}, "_fuzzy-match": {"true"}},
	} {
		r := x.get(nurse, patients, query)
		bundle, found := entries[fhir.Patient](t, r)
		if r.status != 200 || *bundle.Total < 1 || strings.Contains(r.body, one.Digits()) ||
			strings.Contains(r.body, other.Digits()) {
			t.Errorf("search for %s: got status %d, body %s, patients %v; want others without the two records", query,
				r.status, r.body, found)
		}
	}

	for _, c := range alertCalls {
		if r := x.get(c.role, c.path, about(one), c.change...); !refused(t, r, "RESOURCE_NOT_FOUND") {
			t.Errorf("GET %s as %s: got status %d, body %s; want RESOURCE_NOT_FOUND", c.path, c.role, r.status, r.body)
		}
	}

	b.planUnder(other)
	for _, n := range []nhs.Number{one, other} {
		if !x.lit(n) {
			t.Errorf("got no alert for %s, want one", n)
		}
	}

	short := strings.ReplaceAll(tomsRow, "Tom", "T")
	ringed := strings.ReplaceAll(tomsRow, "999 000 0026", one.Digits())
	o.took(o.csv("1", sheet(ringed, "end;CPP;"+other.Digits()+";;;;01/01/2026;02/07/2026;;", short)), "CPF03",
		"2 CPR05, 3 CPR06, 4 CPR01")
	if n := strings.Count(b.log.String(), `"ALARM: `); n != 1 || strings.Contains(b.log.String(), one.Digits()) {
		t.Errorf("got %d alarms, want 1 without the number: %s", n, b.log.String())
	}
}
