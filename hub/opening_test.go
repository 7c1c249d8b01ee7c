package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// entries reads an answer's bundle, each entry as a T.
func entries[T any](t *testing.T, r response) (fhir.Bundle, []T) {
	t.Helper()
	var b fhir.Bundle
	r.into(t, &b)
	if r.status != 200 || b.Type != "searchset" || b.Timestamp != start.Format(time.RFC3339) {
		t.Fatalf("not a searchset of now: %d %s", r.status, r.body)
	}
	all := make([]T, len(b.Entry))
	for i, e := range b.Entry {
		must(t, json.Unmarshal(e.Resource, &all[i]))
	}
	return b, all
}

func TestTheLampSaysWhetherAndNothingElse(t *testing.T) {
	b := newBench(t)
	x := b.signIn()
	for n, lit := range map[nhs.Number]int{tess: 1, plain: 0, hidden: 1, mother: 1, merged: 1, absent: 0} {
		r := x.get(nurse, flag, about(n))
		bundle, flags := entries[fhir.Flag](t, r)
		if *bundle.Total != lit || len(flags) != lit {
			t.Errorf("%s: total %d", n, *bundle.Total)
		}
		for _, f := range flags {
			if f.Status != "active" || f.Code.Coding[0].Code != fhir.CodeCPISFlag || f.Subject.Identifier.Value != n.Digits() {
				t.Errorf("%s: %+v", n, f)
			}
		}
		for _, word := range []string{"5f0c0e64", "V999", "EXAMPLESHIRE", "2026-02", "342191000000101", "0163"} {
			if strings.Contains(strings.ReplaceAll(r.body, bundle.Timestamp, ""), word) {
				t.Errorf("%s: the lamp tells %q: %s", n, word, r.body)
			}
		}
		if a, m := b.left(n); len(a) != 0 || len(m) != 0 {
			t.Errorf("%s: the lamp left %d accesses and %d notifications", n, len(a), len(m))
		}
	}
}

func TestAnOpeningShowsThePlans(t *testing.T) {
	b := newBench(t)
	x := b.signIn()
	_, teams := entries[fhir.CareTeam](t, x.get(nurse, careTeam, about(tess)))
	if len(teams) != 2 {
		t.Fatalf("%d plans", len(teams))
	}
	first, second := teams[0], teams[1]
	if first.Period.Start != "2026-02-03" || first.Period.End != "" || first.Status != "active" || first.Name != "V999 - EXAMPLESHIRE COUNCIL" ||
		first.Category[0].Coding[0].Code != fhir.SnomedChildPlan || first.Subject.Identifier.Value != tess.Digits() {
		t.Errorf("first: %+v", first)
	}
	if second.Period.End != "2025-12-01" || second.Status != "inactive" || second.Category[0].Coding[0].Code != fhir.SnomedLookedAfter {
		t.Errorf("second: %+v", second)
	}
	want := []fhir.ContactPoint{{System: "phone", Use: "work", Value: "01632960101"}, {System: "phone", Use: "mobile", Value: "01632960102"}}
	if !slices.Equal(first.Telecom, want) {
		t.Errorf("telecom %+v", first.Telecom)
	}
	_, unborn := entries[fhir.CareTeam](t, x.get(nurse, careTeam, about(mother)))
	if len(unborn) != 1 || unborn[0].Category[0].Coding[0].Code != fhir.SnomedUnbornPlan || unborn[0].Subject.Identifier.Value != mother.Digits() {
		t.Errorf("through the mother: %+v", unborn)
	}
}

func TestAnOpeningLeavesOneAccessAndTellsEachAuthorityOnce(t *testing.T) {
	b := newBench(t)
	x := b.signIn()
	x.get(nurse, careTeam, about(tess))
	accesses, told := b.left(tess)
	if len(accesses) != 1 || len(told) != 2 || told[0].Authority == told[1].Authority {
		t.Fatalf("%d accesses, %d notifications", len(accesses), len(told))
	}
	want := store.Viewer{
		UUID: nurseUUID, URID: nurse, Name: "Ms Ada Sample", JobRole: "R8001", JobName: "Nurse Access Role", OrgODS: "RX1",
		OrgName: "EXAMPLE GENERAL HOSPITAL",
	}
	if accesses[0].Who != want || !accesses[0].At.Equal(start) || accesses[0].Number != tess {
		t.Errorf("access %+v", accesses[0])
	}
	// Two plans of one authority are one notification.
	must(t, b.sqlite.PutPlan(t.Context(), store.Plan{ID: uuid.NewString(), Number: hidden, Kind: store.LookedAfter, Start: day(2026, 3, 1), Authority: "V999"}))
	x.get(nurse, careTeam, about(hidden))
	if accesses, told = b.left(hidden); len(accesses) != 1 || len(told) != 3 {
		t.Errorf("two plans of one authority: %d accesses, %d notifications", len(accesses), len(told)-2)
	}
	// Nobody is told about a child with nothing on file.
	x.get(nurse, careTeam, about(plain))
	if accesses, told = b.left(plain); len(accesses) != 0 || len(told) != 3 {
		t.Errorf("nothing on file: %d accesses, %d notifications", len(accesses), len(told)-3)
	}
}

func TestANotificationSaysWhoLookedAtWhom(t *testing.T) {
	b := newBench(t)
	b.signIn().get(nurse, careTeam, about(tess))
	_, told := b.left(tess)
	i := slices.IndexFunc(told, func(n store.Notification) bool { return n.Authority == "V999" })
	n := told[i]
	wellFormed(t, n.Body)
	var m fhir.Bundle
	must(t, json.Unmarshal(n.Body, &m))
	var head fhir.MessageHeader
	var event fhir.AuditEvent
	var role fhir.PractitionerRole
	for i, v := range []any{&head, &event, &role} {
		must(t, json.Unmarshal(m.Entry[i].Resource, v))
	}
	if m.Type != "message" || head.ResourceType != "MessageHeader" || head.ID != n.ID || head.Source.Endpoint != issuer ||
		head.Destination[0].Receiver.Identifier.Value != "V999" || head.Focus[0].Reference != m.Entry[1].FullURL {
		t.Errorf("header %+v", head)
	}
	if event.Recorded != start.Format(time.RFC3339) || event.Agent[0].Who.Reference != m.Entry[2].FullURL ||
		event.Entity[0].What.Identifier.Value != tess.Digits() || event.Entity[2].What.Identifier.Value != "CPP-77" {
		t.Errorf("event %+v", event)
	}
	if role.Practitioner.Display != "Ms Ada Sample" || role.Practitioner.Identifier.Value != nurseUUID || role.Organization.Identifier.Value != "RX1" ||
		role.Code[0].Coding[0].Code != "R8001" {
		t.Errorf("role %+v", role)
	}
	if strings.Contains(string(n.Body), "Tess") || strings.Contains(string(n.Body), "2016-03-04") {
		t.Error("the message tells more of the child than the NHS number")
	}
}

func TestScheduledCareReadsInSilence(t *testing.T) {
	b := newBench(t)
	x := b.signIn()
	_, teams := entries[fhir.CareTeam](t, x.get(gp, careTeam, about(tess), scheduled))
	if len(teams) != 2 {
		t.Fatalf("%d plans", len(teams))
	}
	if a, n := b.left(tess); len(a) != 0 || len(n) != 0 {
		t.Errorf("a silent read left %d accesses and %d notifications", len(a), len(n))
	}
	last := b.trail()[len(b.trail())-1]
	if last.Action != "open an alert in scheduled care" || last.Outcome != "granted" || !slices.Equal(last.Patients, []nhs.Number{tess}) {
		t.Errorf("audit %+v", last)
	}
}

func TestTheCareSettingIsTheHeadersAndTheRoleMustFit(t *testing.T) {
	b := newBench(t)
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
		{viewer, "true", 403, "B0264"},
		{nobody, "true", 403, "B0264"},
		{nurse, "TRUE", 400, "PRECONDITION_FAILED"},
		{nurse, "yes", 400, "PRECONDITION_FAILED"},
		{gp, "0", 400, "PRECONDITION_FAILED"},
	} {
		r := x.get(c.role, careTeam, about(tess), func(r *http.Request) {
			if c.setting != "" {
				r.Header.Set("IsUnscheduledAccessEvent", c.setting)
			}
		})
		if r.status != c.status || !strings.Contains(r.body, c.says) || c.status != 200 && strings.Contains(r.body, "CareTeam") {
			t.Errorf("role %s, header %q: %d %s", c.role, c.setting, r.status, r.body)
		}
	}
	r := x.get(nurse, careTeam, about(tess), func(r *http.Request) {
		r.Header["Isunscheduledaccessevent"] = []string{"true", "false"}
	})
	if r.status != 400 {
		t.Errorf("both settings at once: %d", r.status)
	}
}

func TestTheSameRequestAgainLeavesNothingMoreAndGetsTheSameAnswer(t *testing.T) {
	b := newBench(t)
	x := b.signIn()
	id := header("X-Request-ID", uuid.NewString())
	first := x.get(nurse, careTeam, about(tess), id)
	b.clock.Add(time.Minute)
	must(t, b.sqlite.DeletePlan(t.Context(), "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f12"))
	again := x.get(nurse, careTeam, about(tess), id)
	if again.status != 200 || again.body != first.body {
		t.Errorf("again: %d %s\nfirst: %s", again.status, again.body, first.body)
	}
	if a, n := b.left(tess); len(a) != 1 || len(n) != 2 {
		t.Errorf("%d accesses, %d notifications", len(a), len(n))
	}
	if last := b.trail()[len(b.trail())-1]; last.Reason != "again" {
		t.Errorf("audit %+v", last)
	}

	other := x.get(nurse, careTeam, about(hidden), id)
	if other.status != 400 || strings.Contains(other.body, "CareTeam") {
		t.Errorf("the same id for another child: %d %s", other.status, other.body)
	}
	if role := x.get(both, careTeam, about(tess), id); role.status != 400 {
		t.Errorf("the same id in another role: %d", role.status)
	}
	if a, _ := b.left(hidden); len(a) != 0 {
		t.Errorf("the other child has %d accesses", len(a))
	}
	if denied := x.get(gp, careTeam, about(tess), id); denied.status != 403 {
		t.Errorf("the same id in a role that may not: %d", denied.status)
	}

	fresh := b.signIn().get(nurse, careTeam, about(tess), id)
	if a, _ := b.left(tess); fresh.status != 200 || len(a) != 2 {
		t.Errorf("another session's request is another: %d, %d accesses", fresh.status, len(a))
	}
}

func TestTheSameRequestManyTimesAtOnceIsOneOpening(t *testing.T) {
	b := newBench(t)
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
		t.Errorf("answers differ: %v", bodies)
	}
	if a, n := b.left(tess); len(a) != 1 || len(n) != 2 {
		t.Errorf("%d accesses, %d notifications", len(a), len(n))
	}
}

// failing is a store whose ledger can be made to fail.
type failing struct {
	store.Store
	broken atomic.Bool
}

var errDiskFull = errors.New("disk full")

func (f *failing) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	if f.broken.Load() {
		// The transaction is begun and then fails, as it does when the disk is full at commit.
		return nil, errDiskFull
	}
	return f.Store.Commit(ctx, entries)
}

func TestNoAuditNoAnswer(t *testing.T) {
	var f *failing
	b := newBench(t, over(func(s store.Store) store.Store {
		f = &failing{Store: s}
		return f
	}))
	x := b.signIn()
	f.broken.Store(true)
	for path, query := range map[string]func() response{
		"opening":  func() response { return x.get(nurse, careTeam, about(tess)) },
		"lamp":     func() response { return x.get(nurse, flag, about(tess)) },
		"history":  func() response { return x.get(nurse, events, about(tess)) },
		"retrieve": func() response { return x.get(nurse, patients+"/"+tess.Digits(), nil) },
		"refusal":  func() response { return x.get(nobody, flag, about(tess)) },
	} {
		r := query()
		if r.status != 503 || !strings.Contains(r.body, "OperationOutcome") || strings.Contains(r.body, "Bundle") ||
			strings.Contains(r.body, "V999") || strings.Contains(r.body, "disk") || strings.Contains(r.body, tess.Digits()) {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	y := b.terminal()
	r := y.post(y.assertion(b.card()), y.proof("POST", "/oauth2/token"))
	if status, oauth, why := reason(t, r); status != 503 || oauth != "temporarily_unavailable" || why != "store_unavailable" || strings.Contains(r.body, "access_token") {
		t.Errorf("sign-in: %d %s", r.status, r.body)
	}
	if r := b.post("/oauth2/revoke", map[string][]string{"token": {x.token}}, ""); r.status != 503 {
		t.Errorf("a session that could not be ended was said to be: %d", r.status)
	}
	if a, n := b.left(tess); len(a) != 0 || len(n) != 0 {
		t.Errorf("%d accesses, %d notifications", len(a), len(n))
	}
	f.broken.Store(false)
	if r := x.get(nurse, careTeam, about(tess)); r.status != 200 {
		t.Errorf("after the ledger came back: %d", r.status)
	}
}

func TestAnOpeningIsStoredWholeOrNotAtAll(t *testing.T) {
	b := newBench(t)
	x := b.signIn()
	before := len(b.trail())
	// Taken by hand: the notification that the opening makes is refused by the database at its insert, the last of the four.
	b.exec("CREATE TRIGGER full BEFORE INSERT ON notification BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END")
	r := x.get(nurse, careTeam, about(tess))
	if r.status != 503 || strings.Contains(r.body, "CareTeam") {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if a, n := b.left(tess); len(a) != 0 || len(n) != 0 || len(b.trail()) != before {
		t.Errorf("left behind: %d accesses, %d notifications, %d audit records", len(a), len(n), len(b.trail())-before)
	}
	b.exec("DROP TRIGGER full")
	if r := x.get(nurse, careTeam, about(tess)); r.status != 200 {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
}

func TestTheHistoryShowsTheLatestTwentyFive(t *testing.T) {
	b := newBench(t)
	x := b.signIn()
	for i := range 27 {
		role := nurse
		if i%2 == 0 {
			role = both
		}
		if r := x.get(role, careTeam, about(tess)); r.status != 200 {
			t.Fatalf("opening %d: %d", i, r.status)
		}
		b.clock.Add(time.Second)
	}
	query := about(tess)
	r := x.get(nurse, events, query)
	var bundle fhir.Bundle
	r.into(t, &bundle)
	if *bundle.Total != 25 || len(bundle.Entry) != 25 {
		t.Errorf("without include: total %d, %d entries", *bundle.Total, len(bundle.Entry))
	}
	query.Set("_include", "AuditEvent:entity-type=http://terminology.hl7.org/CodeSystem/v3-RoleClass|ASSIGNED")
	r = x.get(nurse, events, query)
	r.into(t, &bundle)
	if *bundle.Total != 25 || len(bundle.Entry) != 27 {
		t.Fatalf("total %d, %d entries", *bundle.Total, len(bundle.Entry))
	}
	roles := make(map[string]fhir.PractitionerRole)
	for _, e := range bundle.Entry[25:] {
		var p fhir.PractitionerRole
		must(t, json.Unmarshal(e.Resource, &p))
		if e.Search.Mode != "include" || e.FullURL != "urn:uuid:"+p.ID {
			t.Errorf("included %+v", e)
		}
		roles[e.FullURL] = p
	}
	last := ""
	for i, e := range bundle.Entry[:25] {
		var a fhir.AuditEvent
		must(t, json.Unmarshal(e.Resource, &a))
		if _, known := roles[a.Agent[0].Who.Reference]; !known || !a.Agent[0].Requestor {
			t.Errorf("agent %+v", a.Agent)
		}
		if last != "" && a.Recorded >= last {
			t.Errorf("entry %d of %s is not older than %s", i, a.Recorded, last)
		}
		last = a.Recorded
	}
	if a, _ := b.left(tess); len(a) != 27 {
		t.Errorf("reading the history left accesses: %d", len(a))
	}
	for name, value := range map[string]string{"_include": "AuditEvent:patient", "_sort": "date"} {
		bad := about(tess)
		bad.Set(name, value)
		if r := x.get(nurse, events, bad); r.status != 400 {
			t.Errorf("%s=%s: %d", name, value, r.status)
		}
	}
}

func TestAPlanThatIsNoLongerVisibleLeavesNoTrace(t *testing.T) {
	b := newBench(t)
	x := b.signIn()
	x.get(nurse, careTeam, about(mother))
	b.clock.Add(77 * 24 * time.Hour) // 30 September: the due date was the 1st, and 28 days have passed
	x = b.signIn()
	for _, path := range []string{flag, careTeam, events} {
		var bundle fhir.Bundle
		x.get(nurse, path, about(mother)).into(t, &bundle)
		if bundle.Total == nil || *bundle.Total != 0 {
			t.Errorf("%s: total %v", path, bundle.Total)
		}
	}
}

func TestAPlanBeginsByTheDayInTheUnitedKingdom(t *testing.T) {
	b := newBench(t)
	must(t, b.sqlite.PutPlan(t.Context(), store.Plan{ID: "p1", Number: plain, Kind: store.ChildProtection, Start: day(2026, 7, 16), Authority: "V999"}))
	b.clock.Add(9 * time.Hour) // 22:00 UTC on the 15th is 23:00 in summer time
	for _, want := range []int{0, 1} {
		var bundle fhir.Bundle
		b.signIn().get(nurse, flag, about(plain)).into(t, &bundle)
		if *bundle.Total != want {
			t.Errorf("at %s: total %d, want %d", b.clock.Now(), *bundle.Total, want)
		}
		b.clock.Add(time.Hour)
	}
}

func TestAPlanUnderASupersededNumberIsFoundUnderTheNewOne(t *testing.T) {
	b := newBench(t)
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
		superseded(record(t, patient("9990000085", "Example", "Tom", "2016-03-04", "male", "U", "")), plain),
	}))
	must(t, b.sqlite.PutPlan(t.Context(), store.Plan{ID: "p1", Number: "9990000085", Kind: store.ChildProtection, Start: day(2026, 1, 1), Authority: "V999"}))
	x := b.signIn()
	for _, n := range []nhs.Number{plain, "9990000085"} {
		_, teams := entries[fhir.CareTeam](t, x.get(nurse, careTeam, about(n)))
		if len(teams) != 1 || teams[0].Subject.Identifier.Value != n.Digits() {
			t.Errorf("%s: %+v", n, teams)
		}
	}
	query := about(plain)
	_, seen := entries[fhir.AuditEvent](t, x.get(nurse, events, query))
	if len(seen) != 2 {
		t.Errorf("%d accesses under both numbers", len(seen))
	}
}

func TestABadNumberIsRefusedAndTheLogNamesNobody(t *testing.T) {
	b := newBench(t)
	x := b.signIn()
	for _, value := range []string{
		"", "9990000018", "https://fhir.nhs.uk/Id/nhs-number|", "https://fhir.nhs.uk/Id/nhs-number|9990000019",
		"https://fhir.nhs.uk/Id/nhs-number|999 000 0018", "https://other/|9990000018",
	} {
		for _, path := range []string{flag, careTeam, events} {
			r := x.get(nurse, path, map[string][]string{"patient:identifier": {value}})
			if r.status != 400 || !strings.Contains(r.body, "INVALID_SEARCH_DATA") {
				t.Errorf("%s %q: %d %s", path, value, r.status, r.body)
			}
		}
	}
	x.get(nurse, careTeam, about(tess))
	x.get(nurse, patients+"/"+tess.Digits(), nil)
	x.get(nurse, patients, map[string][]string{"family": {"Example"}, "birthdate": {"2016-03-04"}})
	for _, secret := range []string{tess.Digits(), "2016-03-04", "Example\"", x.token} {
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestTheAuditListsWhoWasSeenAndHolds(t *testing.T) {
	b := newBench(t)
	x := b.signIn()
	x.get(nurse, patients, map[string][]string{"family": {"Example"}, "birthdate": {"2016-03-04"}})
	last := b.trail()[len(b.trail())-1]
	if last.Action != "trace a patient" || !slices.Equal(last.Patients, []nhs.Number{tess, plain}) || last.Person != nurseUUID || last.URID != nurse {
		t.Errorf("search: %+v", last)
	}
	x.get(clerk, flag, about(tess))
	last = b.trail()[len(b.trail())-1]
	if last.Outcome != "refused" || last.Reason != "ACCESS_DENIED" || len(last.Patients) != 0 {
		t.Errorf("refusal: %+v", last)
	}
	head, err := audit.Verify(t.Context(), b.sqlite)
	must(t, err)
	b.restart()
	y := b.signIn()
	y.get(nurse, careTeam, about(tess))
	after, err := audit.Verify(t.Context(), b.sqlite)
	must(t, err)
	if after.Records != head.Records+2 {
		t.Errorf("%d records, then %d", head.Records, after.Records)
	}
	// The session outlives the process.
	if why := x.refused(); why != "" {
		t.Errorf("after a restart: %s", why)
	}
	for i, change := range []string{
		"UPDATE audit SET person = '999000000112' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2",
		"UPDATE access SET name = 'nobody'", "DELETE FROM access",
	} {
		if err := b.tryExec(change); err == nil {
			t.Errorf("change %d was let through", i)
		}
	}
	b.exec("DROP TRIGGER audit_is_not_changed")
	b.exec("UPDATE audit SET patients = '' WHERE seq = 2")
	var broken *audit.BrokenError
	if _, err := audit.Verify(t.Context(), b.sqlite); !errors.As(err, &broken) || broken.Seq != 2 {
		t.Errorf("a changed record: %v", err)
	}
}
