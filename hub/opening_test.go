package hub_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// entries decodes an answer's bundle and its entries into Ts, without OperationOutcome entries.
func entries[T any](t *testing.T, r response) (fhir.Bundle, []T) {
	t.Helper()
	var b fhir.Bundle
	r.into(t, &b)
	if r.status != 200 || b.Type != "searchset" || b.Timestamp != start.Format(time.RFC3339) {
		t.Fatalf("got status %d, body %s; want 200 and a searchset with the current time", r.status, r.body)
	}
	var all []T
	for _, e := range b.Entry {
		if e.Search != nil && e.Search.Mode == "outcome" {
			continue
		}
		var one T
		must(t, json.Unmarshal(e.Resource, &one))
		all = append(all, one)
	}
	return b, all
}

// recordMissing reports whether the bundle has a warning that the patient has no current record. It fails the test on
// any other outcome.
func recordMissing(t *testing.T, b fhir.Bundle) bool {
	t.Helper()
	missing := false
	for _, e := range b.Entry {
		if e.Search == nil || e.Search.Mode != "outcome" {
			continue
		}
		var o fhir.OperationOutcome
		must(t, json.Unmarshal(e.Resource, &o))
		if o.SpineCode() != "RESOURCE_NOT_FOUND" || o.Issue[0].Severity != "warning" || missing {
			t.Errorf("got outcome %s, want a single RESOURCE_NOT_FOUND warning", e.Resource)
		}
		missing = true
	}
	return missing
}

func TestTheLampSaysWhetherAndNothingElse(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	for n, lit := range map[nhs.Number]int{tess: 1, plain: 0, mother: 1, merged: 1} {
		r := x.get(nurse, flag, about(n))
		bundle, flags := entries[fhir.Flag](t, r)
		if *bundle.Total != lit || len(flags) != lit {
			t.Errorf("lamp of %s: got total %d, want %d", n, *bundle.Total, lit)
		}

		for _, f := range flags {
			if f.Status != "active" || f.Code.Coding[0].Code != fhir.CodeCPISFlag ||
				f.Subject.Identifier.Value != n.Digits() {
				t.Errorf("lamp of %s: got flag %+v, want an active CP-IS flag of the patient", n, f)
			}
		}

		for _, word := range []string{"5f0c0e64", "V999", "EXAMPLESHIRE", "2026-02", "342191000000101", "0163"} {
			if strings.Contains(strings.ReplaceAll(r.body, bundle.Timestamp, ""), word) {
				t.Errorf("lamp of %s: the answer contains %q: %s", n, word, r.body)
			}
		}

		if a, m := b.left(n); len(a) != 0 || len(m) != 0 {
			t.Errorf("lamp of %s left %d accesses and %d notifications, want none", n, len(a), len(m))
		}
	}
}

func TestAnOpeningShowsThePlans(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	_, teams := entries[fhir.CareTeam](t, x.get(nurse, careTeam, about(tess)))
	if len(teams) != 2 {
		t.Fatalf("got %d plans, want 2", len(teams))
	}

	first, second := teams[0], teams[1]
	if first.Period.Start != "2026-02-03" || first.Period.End != "" || first.Status != "active" ||
		first.Name != "V999 - EXAMPLESHIRE COUNCIL" ||
		first.Category[0].Coding[0].Code != fhir.SnomedChildPlan || first.Subject.Identifier.Value != tess.Digits() {
		t.Errorf("first plan: got %+v, want the child protection plan of V999", first)
	}

	if second.Period.End != "2025-12-01" || second.Status != "inactive" ||
		second.Category[0].Coding[0].Code != fhir.SnomedLookedAfter {
		t.Errorf("second plan: got %+v, want the ended plan of a looked-after child", second)
	}

	want := []fhir.ContactPoint{
		{System: "phone", Use: "work", Value: "01632960101"},
		{System: "phone", Use: "mobile", Value: "01632960102"},
	}
	if !slices.Equal(first.Telecom, want) {
		t.Errorf("telecom: got %+v, want the office's and the duty team's phones", first.Telecom)
	}

	_, unborn := entries[fhir.CareTeam](t, x.get(nurse, careTeam, about(mother)))
	if len(unborn) != 1 || unborn[0].Category[0].Coding[0].Code != fhir.SnomedUnbornPlan ||
		unborn[0].Subject.Identifier.Value != mother.Digits() {
		t.Errorf("opening of the mother's number: got %+v, want the unborn child's plan", unborn)
	}
}

func TestAnOpeningLeavesOneAccessAndTellsEachAuthorityOnce(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	x.get(nurse, careTeam, about(tess))
	accesses, notified := b.left(tess)
	if len(accesses) != 1 || len(notified) != 2 || notified[0].Authority == notified[1].Authority {
		t.Fatalf("got %d accesses and %d notifications, want 1, and one for each of two authorities", len(accesses),
			len(notified))
	}

	want := store.Viewer{
		UUID: nurseUUID, URID: nurse, Name: "Ms Ada Sample", JobRole: "R8001", JobName: "Nurse Access Role",
		OrgODS:  "RX1",
		OrgName: "EXAMPLE GENERAL HOSPITAL",
	}
	if accesses[0].Who != want || !accesses[0].At.Equal(start) || accesses[0].Number != tess {
		t.Errorf("got access %+v, want one with the nurse, the time and the number", accesses[0])
	}

	// An authority with two plans gets one notification.
	must(t, b.sqlite.PutPlan(t.Context(), store.Plan{
		ID: uuid.NewString(), Number: mother, Kind: store.LookedAfter,
		Start: day(2026, 3, 1), Authority: "V999",
	}))

	x.get(nurse, careTeam, about(mother))
	if accesses, notified = b.left(mother); len(accesses) != 1 || len(notified) != 3 {
		t.Errorf("opening of two plans of one authority: got %d accesses and %d notifications, want one of each",
			len(accesses), len(notified)-2)
	}

	// An opening without plans has no notification.
	x.get(nurse, careTeam, about(plain))
	if accesses, notified = b.left(plain); len(accesses) != 0 || len(notified) != 3 {
		t.Errorf("opening without plans: got %d accesses and %d notifications, want none", len(accesses),
			len(notified)-3)
	}
}

func TestANotificationSaysWhoLookedAtWhom(t *testing.T) {
	b := newFixture(t)
	b.signIn().get(nurse, careTeam, about(tess))
	_, notified := b.left(tess)
	i := slices.IndexFunc(notified, func(n store.Notification) bool { return n.Authority == "V999" })
	n := notified[i]
	emitted.Check(t, n.Body)
	var m fhir.Bundle
	must(t, json.Unmarshal(n.Body, &m))
	var head fhir.MessageHeader
	var event fhir.AuditEvent
	var role fhir.PractitionerRole
	for i, v := range []any{&head, &event, &role} {
		must(t, json.Unmarshal(m.Entry[i].Resource, v))
	}

	if m.Type != "message" || head.ResourceType != "MessageHeader" || head.ID != n.ID ||
		head.Source.Endpoint != issuer ||
		head.Destination[0].Receiver.Identifier.Value != "V999" || head.Focus[0].Reference != m.Entry[1].FullURL {
		t.Errorf("got message header %+v, want one from the hub to V999 with the event in focus", head)
	}

	if event.Recorded != start.Format(time.RFC3339) || event.Agent[0].Who.Reference != m.Entry[2].FullURL ||
		event.Entity[0].What.Identifier.Value != tess.Digits() || event.Entity[2].What.Identifier.Value != "CPP-77" {
		t.Errorf("got event %+v, want one with time, role, patient and plan", event)
	}

	if role.Practitioner.Display != "Ms Ada Sample" || role.Practitioner.Identifier.Value != nurseUUID ||
		role.Organization.Identifier.Value != "RX1" ||
		role.Code[0].Coding[0].Code != "R8001" {
		t.Errorf("got role %+v, want the nurse's", role)
	}

	if strings.Contains(string(n.Body), "Tess") || strings.Contains(string(n.Body), "2016-03-04") {
		t.Error("the message contains more about the child than the NHS number")
	}
}

func TestScheduledCareReadsInSilence(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	_, teams := entries[fhir.CareTeam](t, x.get(gp, careTeam, about(tess), scheduled))
	if len(teams) != 2 {
		t.Fatalf("got %d plans, want 2", len(teams))
	}
	if a, n := b.left(tess); len(a) != 0 || len(n) != 0 {
		t.Errorf("an opening in scheduled care left %d accesses and %d notifications, want none", len(a), len(n))
	}
	last := b.trail()[len(b.trail())-1]
	if last.Action != "open an alert in scheduled care" || last.Outcome != "granted" ||
		!slices.Equal(last.Patients, []nhs.Number{tess}) {
		t.Errorf("last audit record: got %+v, want a granted opening in scheduled care", last)
	}
}

func TestTheCareSettingIsTheHeadersAndTheRoleMustFit(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	for _, c := range []struct {
		role, setting string
		status        int
		says          string
	}{
		{nurse, "true", 200, ""},
		{nurse, "", 200, ""},
		{nurse, "false", 403, "B0170"},
		{gp, "false", 200, ""},
		{gp, "true", 403, "B0107"},
		{gp, "", 403, "B0107"},
		{both, "true", 200, ""},
		{both, "", 200, ""},
		{both, "false", 200, ""},
		{clerk, "true", 403, "B0107"},
		{clerk, "false", 403, "B0170"},
		{nopObserver, "true", 403, "B0107"},
		{nurse, "TRUE", 400, "PRECONDITION_FAILED"},
		{nurse, "yes", 400, "PRECONDITION_FAILED"},
		{gp, "0", 400, "PRECONDITION_FAILED"},
	} {
		for _, path := range []string{flag, careTeam, events} {
			r := x.get(c.role, path, about(tess), func(r *http.Request) {
				if c.setting != "" {
					r.Header.Set("IsUnscheduledAccessEvent", c.setting)
				}
			})
			if r.status != c.status || !strings.Contains(r.body, c.says) || c.status != 200 &&
				strings.Contains(r.body, "searchset") {
				t.Errorf("GET %s, role %s, header %q: got status %d, body %s; want %d with %q", path, c.role,
					c.setting, r.status, r.body, c.status, c.says)
			}
		}
	}

	for _, path := range []string{flag, careTeam, events} {
		r := x.get(nurse, path, about(tess), func(r *http.Request) {
			r.Header["Isunscheduledaccessevent"] = []string{"true", "false"}
		})
		if r.status != 400 {
			t.Errorf("GET %s with both care settings: got status %d, want 400", path, r.status)
		}
	}

	if r := x.get(viewer, careTeam, about(tess)); r.status != 403 || !strings.Contains(r.body, "B0264") {
		t.Errorf("opening in a role without trace: got status %d, body %s; want 403 with B0264", r.status, r.body)
	}
}

func TestTheSameRequestAgainLeavesNothingMoreAndGetsTheSameAnswer(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	id := header("X-Request-ID", uuid.NewString())
	first := x.get(nurse, careTeam, about(tess), id)
	b.clock.Add(time.Minute)
	b.removePlan("5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f12")
	again := x.get(nurse, careTeam, about(tess), id)
	if again.status != 200 || again.body != first.body {
		t.Errorf("repeated opening: got status %d, body %s\nwant 200, %s", again.status, again.body, first.body)
	}

	if a, n := b.left(tess); len(a) != 1 || len(n) != 2 {
		t.Errorf("repeated opening left %d accesses and %d notifications, want 1 and 2", len(a), len(n))
	}

	if last := b.trail()[len(b.trail())-1]; last.Reason != "again" {
		t.Errorf("last audit record: got %+v, want reason \"again\"", last)
	}

	other := x.get(nurse, careTeam, about(hidden), id)
	if other.status != 400 || strings.Contains(other.body, "CareTeam") {
		t.Errorf("opening of another child with the same request ID: got status %d, body %s; want 400", other.status,
			other.body)
	}

	if role := x.get(both, careTeam, about(tess), id); role.status != 400 {
		t.Errorf("opening in another role with the same request ID: got status %d, want 400", role.status)
	}

	if a, _ := b.left(hidden); len(a) != 0 {
		t.Errorf("got %d accesses of the other child, want none", len(a))
	}

	if denied := x.get(gp, careTeam, about(tess), id); denied.status != 403 {
		t.Errorf("repeated opening in a role without permission: got status %d, want 403", denied.status)
	}

	later := b.signIn().get(nurse, careTeam, about(tess), id)
	if a, n := b.left(tess); later.body != first.body || len(a) != 1 || len(n) != 2 {
		t.Errorf("opening in a later session: got %d %s, %d accesses, %d notifications; want the first answer",
			later.status, later.body, len(a), len(n))
	}

	eve := b.terminal()
	eve.begin(eve.try(b.other(), of(otherUUID)))
	if hers := eve.get(otherURID, careTeam, about(tess), id); hers.status != 200 {
		t.Errorf("opening of another person with the same request ID: got status %d, body %s; want 200", hers.status,
			hers.body)
	}

	if a, _ := b.left(tess); len(a) != 2 {
		t.Errorf("got %d accesses by two people, want 2", len(a))
	}
}

func TestTheSameRequestManyTimesAtOnceIsOneOpening(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	id := header("X-Request-ID", uuid.NewString())
	var all sync.WaitGroup
	bodies := make([]string, 8)
	for i := range bodies {
		req := x.request(nurse, careTeam, about(tess), id)
		all.Go(func() { bodies[i] = b.do(req).body })
	}
	all.Wait()
	if slices.Sort(bodies); bodies[0] != bodies[len(bodies)-1] {
		t.Errorf("concurrent openings with one request ID: got different answers: %v", bodies)
	}
	if a, n := b.left(tess); len(a) != 1 || len(n) != 2 {
		t.Errorf("concurrent openings with one request ID left %d accesses and %d notifications, want 1 and 2", len(a),
			len(n))
	}
}

// A plan of a sensitive record would reveal where the child lives, and most authorities can't upload one. Neither
// answer would be safe, so the hub refuses.
func TestASensitiveRecordIsRefusedAndNeverNoneRecorded(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	for role, setting := range map[string]string{nurse: "true", gp: "false"} {
		for _, path := range []string{flag, careTeam, events} {
			r := x.get(role, path, about(hidden), header("IsUnscheduledAccessEvent", setting))
			var o fhir.OperationOutcome
			r.into(t, &o)
			if r.status != http.StatusForbidden || o.SpineCode() != "ACCESS_DENIED" || !o.HasIssue("suppressed") ||
				strings.Contains(r.body, "V999") {
				t.Errorf("GET %s of a restricted record: got status %d, body %s; want 403 ACCESS_DENIED", path,
					r.status, r.body)
			}
		}
	}

	if a, m := b.left(hidden); len(a) != 0 || len(m) != 0 {
		t.Errorf("refused requests left %d accesses and %d notifications, want none", len(a), len(m))
	}

	if r := x.get(nurse, patients+"/"+hidden.Digits(), nil); r.status != http.StatusOK {
		t.Errorf("retrieving the restricted record: got status %d, want 200", r.status)
	}
}

// Sixteen months later the visible plan is another authority's. The first authority's plan has ended and is hidden,
// but its authority is notified until 365 days after the end.
func TestAnAuthorityIsToldFor365DaysAfterThePlansEnd(t *testing.T) {
	for after, told := range map[int]int{364: 2, 365: 2, 366: 1} {
		b := newFixture(t)
		ended := nhs.DateOf(start).AddDays(-after)
		must(t, b.sqlite.PutPlan(t.Context(), store.Plan{
			ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f15", Number: mother, Kind: store.UnbornChild,
			Start: ended.AddDays(-90), End: ended, Due: ended, Authority: "V998",
		}))
		_, teams := entries[fhir.CareTeam](t, b.signIn().get(nurse, careTeam, about(mother)))
		_, notifications := b.left(mother)
		if len(teams) != 1 || len(notifications) != told {
			t.Errorf("%d days after the end: got %d plans and %d notifications, want 1 and %d", after, len(teams),
				len(notifications), told)
		}
	}
}

func TestOpening_SentAgainAfterTheRecordChanged(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		ledger := open()
		fillStore(t, ledger)
		b := besides(t, ledger, newAuthority(t, "Sub CA"), &clock{now: start}, silence{})
		x := b.signIn()
		id := header("X-Request-ID", uuid.NewString())
		first := x.get(nurse, careTeam, about(tess), id)
		if again := x.get(nurse, careTeam, about(tess), id); first.status != 200 || again.status != 200 ||
			again.body != first.body {
			t.Fatalf("got status %d, body %s, and repeated %d, body %s; want 200 and equal bodies", first.status,
				first.body, again.status, again.body)
		}

		for confidentiality, want := range map[string]struct {
			status int
			says   string
		}{
			"R":        {http.StatusForbidden, "ACCESS_DENIED"},
			"REDACTED": {http.StatusNotFound, "INVALIDATED_RESOURCE"},
		} {
			must(t,
				ledger.PutPatients(t.Context(),
					[]store.Patient{record(t, patient(tess, "Example", "Tess", "2016-03-04", "female", confidentiality,
						""))}))
			again := x.get(nurse, careTeam, about(tess), id)
			if again.status != want.status || !strings.Contains(again.body, want.says) ||
				strings.Contains(again.body, "V999") {
				t.Errorf("record now %s: got status %d, body %s; want %d with %q", confidentiality, again.status,
					again.body, want.status, want.says)
			}
		}
	})
}
