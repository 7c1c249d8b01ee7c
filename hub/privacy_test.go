package hub_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/audit"
	"wardlight/hub/limit"
	"wardlight/hub/privacy"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// period returns the parameters of a privacy officer's report: July, and the patient or the person of the path.
func period(path string) url.Values {
	q := url.Values{"from": {"2026-07-01"}, "to": {"2026-07-31"}}
	switch path {
	case "/privacy/patient-access":
		q["patient:identifier"] = about(tess)["patient:identifier"]
	case "/privacy/user-access":
		q.Set("person", nurseUUID)
	}
	return q
}

// privacyAccess is an access in a report as the tests read it.
type privacyAccess struct {
	Action, Outcome, Reason, URID string
	Person                        struct{ UUID, Name string }
	Patients                      []string
	Listed                        int
}

// privacyReport is a report as the tests read it.
type privacyReport struct {
	Report, Organisation, From, To, Patient, Person string
	SealedAt                                        string `json:"sealed_at"`
	Attendance                                      struct{ State, From, Until string }
	Unusual                                         []struct {
		Kind, Patient string
		Person        struct{ UUID, Name string }
		Count         int
	}
	Accesses []privacyAccess
}

// made makes a report as that role.
func (x *terminal) made(urid, kind string, change ...func(url.Values)) (r privacyReport) {
	x.b.t.Helper()
	q := period("/privacy/" + kind)
	for _, c := range change {
		c(q)
	}
	got := x.get(urid, "/privacy/"+kind, q)
	if got.status != 200 {
		x.b.t.Fatalf("%s: got status %d, body %s; want 200", kind, got.status, got.body)
	}
	got.into(x.b.t, &r)
	return r
}

// actions returns the actions, each with its patients, newest first.
func (r privacyReport) actions() string {
	var all []string
	for _, a := range r.Accesses {
		all = append(all, fmt.Sprintf("%s %s %v/%d", a.Outcome, a.Action, a.Patients, a.Listed))
	}
	return strings.Join(all, "; ")
}

func TestPrivacyReports(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	x.get(nurse, patients, url.Values{"family": {"Example"}, "birthdate": {"2016-03-04"}})
	b.clock.Add(time.Second)
	x.get(nurse, careTeam, about(tess))
	b.clock.Add(time.Second)
	x.get(clerk, flag, about(merged)) // refused
	b.clock.Add(time.Second)
	x.get(nurse, patients+"/"+plain.Digits(), nil)
	b.clock.Add(time.Second)

	const (
		searched = "granted search for patients [9990000018 9990000026]/2"
		opened   = "granted open an alert [9990000018]/1"
		refused  = "refused see whether there is an alert [9990000050]/1"
		plains   = "granted retrieve a patient [9990000026]/1"
		reported = "granted report patient access [9990000018]/1"
	)
	got := x.made(officer, "patient-access")
	if want := refused + "; " + opened + "; granted search for patients [9990000018]/2"; got.actions() != want {
		t.Errorf("patient access: got %s, want %s", got.actions(), want)
	}
	if got.Report != "patient-access" || got.Organisation != "RX1" || got.Patient != tess.Digits() ||
		got.Accesses[0].Person.Name != "SAMPLE, Ada" || got.Accesses[0].Reason != "ACCESS_DENIED" {
		t.Errorf("patient access: got %+v, want RX1, %s, and a refusal of SAMPLE, Ada", got, tess.Digits())
	}

	b.clock.Add(time.Second)
	got = x.made(guardian, "user-access") // the report before is on record, too
	if want := strings.Join([]string{reported, plains, refused, opened, searched}, "; "); got.actions() != want {
		t.Errorf("user access: got %s, want %s", got.actions(), want)
	}

	b.clock.Add(time.Second)
	got = x.made(officer, "patient-enquiries")
	want := strings.Join([]string{"granted report user access []/0", reported, plains, refused, opened, searched}, "; ")
	if got.actions() != want {
		t.Errorf("patient enquiries: got %s, want %s", got.actions(), want)
	}

	left := b.trail()
	if last := left[len(left)-1]; last.Action != "report patient enquiries" || last.Person != nurseUUID ||
		last.URID != officer || last.Reason != "2026-07-01 to 2026-07-31" || len(last.Patients) != 0 {
		t.Errorf("got the last audit record %+v, want the report's", last)
	}
	if a, n := b.left(tess); len(a) != 1 || len(n) == 0 {
		t.Errorf("got %d accesses and %d notifications, want those of the opening only", len(a), len(n))
	}
}

// A report covers only the organisation of the role that asks for it.
func TestPrivacyReports_OwnOrganisation(t *testing.T) {
	b := newFixture(t)
	p, err := b.sqlite.Person(t.Context(), nurseUUID)
	must(t, err)
	const elsewhere = "999000001444"
	p.Roles = append(p.Roles, store.Role{OrgID: "999000000998", RoleProfile: rbac.RoleProfile{
		URID: elsewhere, JobRole: "S8000:G8000:R0001", JobName: "Privacy Officer", OrgODS: "RX2", OrgName: "ANOTHER",
		Activities: []rbac.ActivityCode{rbac.Trace, rbac.ViewAlert},
	}})
	must(t, b.sqlite.PutPerson(t.Context(), p))
	x := b.signIn()
	x.get(nurse, flag, about(tess))

	for _, kind := range []string{"patient-access", "user-access", "patient-enquiries"} {
		theirs := x.made(elsewhere, kind)
		others := func(a privacyAccess) bool { return a.URID != elsewhere }
		if slices.ContainsFunc(theirs.Accesses, others) || theirs.Organisation != "RX2" {
			t.Errorf("%s of RX2: got %s, want only requests in its own roles", kind, theirs.actions())
		}
		ours := x.made(officer, kind)
		if !strings.Contains(ours.actions(), "see whether there is an alert") {
			t.Errorf("%s of RX1: got %s, want the lamp", kind, ours.actions())
		}
	}
}

func TestPrivacyReports_Unusual(t *testing.T) {
	b := newFixture(t)
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
		record(t, patient(absent, "Sample", "Ada", "2016-03-04", "female", "U", "")),
		record(t, patient("9990000085", "SAMPLE", "Ben", "2016-03-04", "male", "U", "")),
	}))
	x := b.signIn()
	for _, n := range []nhs.Number{tess, "9990000085", absent, absent} {
		x.get(nurse, patients+"/"+n.Digits(), nil)
		b.clock.Add(time.Second)
	}

	var all []string
	for _, f := range x.made(officer, "user-access").Unusual {
		all = append(all, fmt.Sprint(f.Kind, " ", f.Person.Name, " ", f.Patient, " ", f.Count))
	}
	const want = "own_name SAMPLE, Ada 9990000077 2; same_family_name SAMPLE, Ada 9990000085 1"
	if got := strings.Join(all, "; "); got != want {
		t.Errorf("got unusual accesses %s, want %s", got, want)
	}
}

func TestPrivacyReports_ManyPatients(t *testing.T) {
	b := newFixture(t, func(_ *fixture, c *hub.Config) { c.Limits = &limit.Config{PatientsPerson: 2} })
	x := b.signIn()
	for _, n := range []nhs.Number{tess, plain, mother} {
		if got := x.made(officer, "user-access").Unusual; len(got) != 0 {
			t.Errorf("before the third patient: got unusual accesses %+v, want none", got)
		}
		x.get(nurse, patients+"/"+n.Digits(), nil)
		b.clock.Add(time.Second)
	}
	for _, kind := range []string{"user-access", "patient-enquiries"} {
		if got := x.made(officer, kind).Unusual; len(got) != 1 || got[0].Kind != "many_patients" || got[0].Count != 3 ||
			got[0].Patient != "" || got[0].Person.UUID != nurseUUID {
			t.Errorf("%s: got unusual accesses %+v, want many_patients of %s, 3", kind, got, nurseUUID)
		}
	}
}

func TestPrivacyReports_BadRequests(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	for _, c := range []struct{ kind, name, value, want string }{
		{"patient-enquiries", "to", "2026-08-01", "a report covers at most one month"},
		{"patient-enquiries", "to", "2026-06-30", "a last day that is not earlier"},
		{"patient-enquiries", "to", "", "to is not a date"},
		{"patient-enquiries", "from", "2026-07-32", "from is not a date"},
		{"patient-enquiries", "from", "2026-07", "a report needs a first day"},
		{"patient-enquiries", "from", "2026-07-01T10:00:00Z", "from is not a date"},
		{"patient-enquiries", "person", nurseUUID, "ADDITIONAL_PROPERTIES"},
		{"patient-access", "patient:identifier", "9990000018", "a valid NHS number"},
		{"user-access", "person", "ada", "person is not a user's UUID"},
		{"user-access", "organisation", "RX2", "ADDITIONAL_PROPERTIES"},
	} {
		path := "/privacy/" + c.kind
		q := period(path)
		q.Set(c.name, c.value)
		if r := x.get(officer, path, q); r.status != 400 || !strings.Contains(r.body, c.want) {
			t.Errorf("%s with %s=%s: got status %d, body %s; want 400 and %q", c.kind, c.name, c.value, r.status,
				r.body, c.want)
		}
	}
}

// manyAccesses is a store with that many audit records of the organisation, in turn of the two days before start. It
// returns them at once: reading them from a database takes longer than a report may on a busy machine.
type manyAccesses struct {
	store.Store
	records int
}

// AuditRecords returns the records of the period, up to the limit.
func (m manyAccesses) AuditRecords(_ context.Context, q store.AuditQuery) ([]store.AuditRecord, error) {
	var all []store.AuditRecord
	for i := range m.records {
		r := store.AuditRecord{
			At: start.AddDate(0, 0, -1-i%2), Person: "999000000112", OrgODS: q.OrgODS, Action: "retrieve a patient",
			Outcome: "granted",
		}
		if !r.At.Before(q.From) && r.At.Before(q.Until) && len(all) < q.Limit {
			all = append(all, r)
		}
	}
	return all, nil
}

// A report that would have too many accesses is refused, because a part of it would be read as all.
func TestPrivacyReports_TooManyAccesses(t *testing.T) {
	const limit = 10_000
	b := newFixture(t, over(func(s store.Store) store.Store { return manyAccesses{s, limit + 1} }))
	x := b.signIn()
	r := x.get(officer, "/privacy/patient-enquiries", period("/privacy/patient-enquiries"))
	if r.status != 400 || !strings.Contains(r.body, "more than 10000 accesses. Ask for fewer days.") ||
		!strings.Contains(r.body, "TOO_MANY_MATCHES") {
		t.Errorf("%d accesses: got status %d, body %.300s; want 400 and the limit", limit+1, r.status, r.body)
	}
	if last := b.trail()[len(b.trail())-1]; last.Reason != "TOO_MANY_MATCHES" || last.Outcome != audit.Refused {
		t.Errorf("last audit record: got %+v, want the refusal TOO_MANY_MATCHES", last)
	}

	if got := len(x.made(officer, "patient-enquiries", func(q url.Values) {
		q.Set("from", "2026-07-14")
	}).Accesses); got != limit/2+1 {
		t.Errorf("a day: got %d accesses, want %d", got, limit/2+1)
	}

	b = newFixture(t, over(func(s store.Store) store.Store { return manyAccesses{s, limit} }))
	if got := len(b.signIn().made(officer, "patient-enquiries").Accesses); got != limit {
		t.Errorf("%d accesses: got %d in the report, want all", limit, got)
	}
}

// A report that takes too long is refused like one with too many accesses, and its refusal is on record.
func TestPrivacyReports_TakesTooLong(t *testing.T) {
	b := newFixture(t, over(func(s store.Store) store.Store { return slow{s} }))
	x := b.signIn()
	r := x.get(officer, "/privacy/patient-enquiries", period("/privacy/patient-enquiries"))
	if r.status != 400 || !strings.Contains(r.body, "The report takes too long. Ask for fewer days.") ||
		!strings.Contains(r.body, "TOO_MANY_MATCHES") {
		t.Errorf("slow report: got status %d, body %.300s; want 400 and what to do", r.status, r.body)
	}
	if last := b.trail()[len(b.trail())-1]; last.Reason != "TOO_MANY_MATCHES" || last.Outcome == audit.Granted {
		t.Errorf("last audit record: got %+v, want the refusal TOO_MANY_MATCHES", last)
	}
}

// A report says that records may be missing if some of the period were sealed.
func TestPrivacyReports_Sealed(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	first := b.trail()[0]
	_, err := b.sqlite.Commit(t.Context(), []*store.Entry{{
		Audit: store.AuditRecord{At: start, Action: audit.SealAudit, Outcome: audit.Granted},
		Change: &store.Change{Seal: &store.AuditSeal{
			First: 1, Last: first.Seq, Hash: first.Hash, File: "audit-1.ndjson", Digest: []byte("d"), At: start,
		}},
	}})
	must(t, err)

	if got, want := x.made(officer, "patient-enquiries").SealedAt, "2026-07-15T13:00:00Z"; got != want {
		t.Errorf("a period with the seal: got sealed_at %q, want %q", got, want)
	}
	later := x.made(officer, "patient-enquiries", func(q url.Values) {
		q.Set("from", "2026-07-16")
	})
	if later.SealedAt != "" {
		t.Errorf("a period after the seal: got sealed_at %q, want none", later.SealedAt)
	}
}

// Attendance is checked only with a list that can be used, and the report says so.
func TestPrivacyReports_Attendance(t *testing.T) {
	uk, err := time.LoadLocation("Europe/London")
	must(t, err)
	list, err := privacy.ParseAttendances([]byte("NHS number,From,To\n"+tess.Digits()+",2026-07-15,\n"),
		start.Add(time.Hour), uk)
	must(t, err)
	broken := errors.New("it is broken")

	for state, c := range map[string]struct {
		attendances func() (*privacy.Attendances, error)
		findings    int
	}{
		"not_checked":     {nil, 0},
		"could_not_check": {func() (*privacy.Attendances, error) { return nil, broken }, 0},
		"checked":         {func() (*privacy.Attendances, error) { return list, nil }, 1},
	} {
		b := newFixture(t, func(_ *fixture, h *hub.Config) { h.Attendances = c.attendances })
		x := b.signIn()
		x.get(nurse, patients+"/"+tess.Digits(), nil)
		x.get(nurse, patients+"/"+plain.Digits(), nil)
		got := x.made(officer, "user-access")
		if got.Attendance.State != state || len(got.Unusual) != c.findings ||
			(got.Attendance.Until != "") != (c.findings > 0) {
			t.Errorf("got attendance %+v and findings %+v, want %s and %d", got.Attendance, got.Unusual, state,
				c.findings)
		}
		if c.findings > 0 && (got.Unusual[0].Kind != "not_attended" || got.Unusual[0].Patient != plain.Digits()) {
			t.Errorf("got findings %+v, want not_attended of %s", got.Unusual, plain.Digits())
		}
	}
}
