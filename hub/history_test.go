package hub_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

func TestTheHistoryShowsTheLatestTwentyFive(t *testing.T) {
	b := newFixture(t)
	for day := range 27 {
		x := b.signIn()
		for i := range 3 {
			if r := x.get([]string{nurse, both, nurse}[i], careTeam, about(tess)); r.status != 200 {
				t.Fatalf("opening %d of day %d: got status %d, want 200", i, day, r.status)
			}
			b.clock.Add(time.Minute)
		}
		b.clock.Add(24*time.Hour - 3*time.Minute)
	}

	x := b.signIn()
	query := about(tess)
	r := x.get(nurse, events, query)
	var bundle fhir.Bundle
	r.into(t, &bundle)
	if *bundle.Total != 25 || len(bundle.Entry) != 25 {
		t.Errorf("access history without _include: got total %d and %d entries, want 25 of each", *bundle.Total,
			len(bundle.Entry))
	}

	query.Set("_include", "AuditEvent:entity-type=http://terminology.hl7.org/CodeSystem/v3-RoleClass|ASSIGNED")
	r = x.get(nurse, events, query)
	r.into(t, &bundle)
	if *bundle.Total != 25 || len(bundle.Entry) != 26 {
		t.Fatalf("access history with _include: got total %d and %d entries, want 25 and 26", *bundle.Total,
			len(bundle.Entry))
	}

	roles := make(map[string]fhir.PractitionerRole)
	for _, e := range bundle.Entry[25:] {
		var p fhir.PractitionerRole
		must(t, json.Unmarshal(e.Resource, &p))
		if e.Search.Mode != "include" || e.FullURL != "urn:uuid:"+p.ID {
			t.Errorf("included entry: got %+v, want mode include and the role's URN", e)
		}
		roles[e.FullURL] = p
	}

	for i, e := range bundle.Entry[:25] {
		var a fhir.AuditEvent
		must(t, json.Unmarshal(e.Resource, &a))
		if _, known := roles[a.Agent[0].Who.Reference]; !known || !a.Agent[0].Requestor {
			t.Errorf("agent: got %+v, want the requestor with an included role", a.Agent)
		}
		if want := start.Add(time.Duration(26-i) * 24 * time.Hour).Format(time.RFC3339); a.Recorded != want {
			t.Errorf("entry %d: recorded = %s, want %s, the first access of that day", i, a.Recorded, want)
		}
	}

	if a, notified := b.left(tess); len(a) != 81 || len(notified) != 2*81 {
		t.Errorf("got %d accesses and %d notifications, want 81 and 162: one access and two notifications an opening",
			len(a), len(notified))
	}

	for name, value := range map[string]string{"_include": "AuditEvent:patient", "_sort": "date"} {
		bad := about(tess)
		bad.Set(name, value)
		if r := x.get(nurse, events, bad); r.status != 400 {
			t.Errorf("access history with %s=%s: got status %d, want 400", name, value, r.status)
		}
	}
}

func TestAPlanThatIsNoLongerVisibleLeavesNoTrace(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	x.get(nurse, careTeam, about(mother))
	b.clock.Add(77 * 24 * time.Hour) // 30 September: the due date was 1 September, and the 28 days are over
	x = b.signIn()
	for _, path := range []string{flag, careTeam, events} {
		var bundle fhir.Bundle
		x.get(nurse, path, about(mother)).into(t, &bundle)
		if bundle.Total == nil || *bundle.Total != 0 {
			t.Errorf("GET %s after the plan's end: got total %v, want 0", path, bundle.Total)
		}
	}
}

func TestAPlanBeginsByTheDayInTheUnitedKingdom(t *testing.T) {
	b := newFixture(t)
	must(t, b.sqlite.PutPlan(t.Context(), store.Plan{
		ID: "p1", Number: plain, Kind: store.ChildProtection,
		Start: day(2026, 7, 16), Authority: "V999",
	}))
	b.clock.Add(9 * time.Hour) // 22:00 UTC on the 15th is 23:00 in the United Kingdom
	for _, want := range []int{0, 1} {
		var bundle fhir.Bundle
		b.signIn().get(nurse, flag, about(plain)).into(t, &bundle)
		if *bundle.Total != want {
			t.Errorf("at %s: got total %d, want %d", b.clock.Now(), *bundle.Total, want)
		}
		b.clock.Add(time.Hour)
	}
}

func TestAPlanUnderASupersededNumberIsFoundUnderTheNewOne(t *testing.T) {
	b := newFixture(t)
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
		superseded(record(t, patient("9990000085", "Example", "Tom", "2016-03-04", "male", "U", "")), plain),
	}))

	must(t, b.sqlite.PutPlan(t.Context(), store.Plan{
		ID: "p1", Number: "9990000085", Kind: store.ChildProtection,
		Start: day(2026, 1, 1), Authority: "V999",
	}))

	x := b.signIn()
	for _, n := range []nhs.Number{plain, "9990000085"} {
		_, teams := entries[fhir.CareTeam](t, x.get(nurse, careTeam, about(n)))
		if len(teams) != 1 || teams[0].Subject.Identifier.Value != n.Digits() {
			t.Errorf("opening by number %s: got plans %+v, want one under that number", n, teams)
		}
	}

	for _, again := range []time.Duration{24*time.Hour - time.Second, time.Second} {
		b.clock.Add(again)
		x = b.signIn()
		x.get(nurse, careTeam, about("9990000085"))
	}

	for _, n := range []nhs.Number{plain, "9990000085"} {
		var bundle fhir.Bundle
		x.get(nurse, events, about(n)).into(t, &bundle)
		var seen []string
		for _, e := range bundle.Entry {
			var a fhir.AuditEvent
			must(t, json.Unmarshal(e.Resource, &a))
			seen = append(seen, a.Recorded)
		}
		if want := []string{"2026-07-16T13:00:00Z", "2026-07-15T13:00:00Z"}; !slices.Equal(seen, want) {
			t.Errorf("access history of %s: got accesses at %v, want those under both numbers, %v", n, seen, want)
		}
	}
}

func TestAPlanIsFoundAlongTheWayToARecordThatIsNotOnFile(t *testing.T) {
	b := newFixture(t)
	const first, second, last = nhs.Number("9990000085"), nhs.Number("9990000107"), absent
	old := func(n nhs.Number, confidentiality string, by nhs.Number) store.Patient {
		return superseded(record(t, patient(n, "Example", "Tim", "2016-03-04", "male", confidentiality, "")), by)
	}

	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{old(first, "U", second), old(second, "U", last)}))
	x := b.signIn()
	for _, n := range []nhs.Number{first, second, last} {
		if r := x.get(nurse, flag, about(n)); !refused(t, r, "RESOURCE_NOT_FOUND") {
			t.Errorf("lamp of %s without a plan: got status %d, body %s; want RESOURCE_NOT_FOUND", n, r.status, r.body)
		}
	}

	for _, n := range []nhs.Number{second, last} {
		p := store.Plan{ID: "p1", Number: n, Kind: store.ChildProtection, Start: day(2026, 1, 1), Authority: "V999"}
		must(t, b.sqlite.PutPlan(t.Context(), p))
		if bundle, flags := entries[fhir.Flag](t, x.get(nurse, flag, about(first))); len(flags) != 1 ||
			!recordMissing(t, bundle) {
			t.Errorf("lamp of %s with a plan under %s: got %+v, want an alert and a warning that the record is missing",
				first, n, bundle)
		}
	}

	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{old(second, "R", last)}))
	for _, n := range []nhs.Number{first, last} {
		if got := x.get(nurse, flag, about(n)); got.status != http.StatusForbidden {
			t.Errorf("lamp of %s, whose current record is restricted: got status %d, body %s; want 403", n, got.status,
				got.body)
		}
	}
}
