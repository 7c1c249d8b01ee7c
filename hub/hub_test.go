package hub_test

import (
	"net/url"
	"testing"

	"wardlight/internal/fhir"
)

func TestFromSignInToAccessHistory(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()

	found := x.get(nurse, patients, url.Values{"family": {"example"}, "birthdate": {"eq2016-03-04"}})
	var rows fhir.Bundle
	found.into(t, &rows)
	if found.status != 200 || *rows.Total != 2 || found.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("search: got status %d, body %s; want 200 with 2 patients and no-store", found.status, found.body)
	}

	got := x.get(nurse, patients+"/"+tess.Digits(), nil)
	var p fhir.Patient
	got.into(t, &p)
	if got.status != 200 || p.ID != tess.Digits() || got.header.Get("ETag") != `W/"3"` {
		t.Fatalf("retrieve: got status %d, body %s; want 200 with version 3 of the patient", got.status, got.body)
	}

	lamp := x.get(nurse, flag, about(tess))
	var lit fhir.Bundle
	lamp.into(t, &lit)
	if lamp.status != 200 || *lit.Total != 1 {
		t.Fatalf("lamp: got status %d, body %s; want 200 with an alert", lamp.status, lamp.body)
	}

	if a, n := b.left(tess); len(a) != 0 || len(n) != 0 {
		t.Fatalf("the lamp left %d accesses and %d notifications, want none", len(a), len(n))
	}

	opened := x.get(nurse, careTeam, about(tess))
	var plans fhir.Bundle
	opened.into(t, &plans)
	if opened.status != 200 || *plans.Total != 2 {
		t.Fatalf("opening: got status %d, body %s; want 200 with 2 plans", opened.status, opened.body)
	}

	if a, n := b.left(tess); len(a) != 1 || len(n) != 2 {
		t.Fatalf("the opening left %d accesses and %d notifications, want 1 and 2", len(a), len(n))
	}

	query := about(tess)
	query.Set("_include", "AuditEvent:entity-type=http://terminology.hl7.org/CodeSystem/v3-RoleClass|ASSIGNED")
	seen := x.get(nurse, events, query)
	var history fhir.Bundle
	seen.into(t, &history)
	if seen.status != 200 || *history.Total != 1 || len(history.Entry) != 2 {
		t.Fatalf("access history: got status %d, body %s; want 200 with one access and its role", seen.status,
			seen.body)
	}
}
