package hub_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/summary"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// Paths of the Summary Care Record API and of privacy alerts.
const (
	scrBase       = "/summary-care-record/FHIR/R4"
	scrReference  = scrBase + "/DocumentReference"
	scrBundle     = scrBase + "/Bundle"
	scrAlert      = scrBase + "/AuditEvent"
	privacyAlerts = "/privacy/alerts"
)

// Roles for summaries.
const (
	reader       = "999000003111" // B0264, B0107, B0370
	emergencyMD  = "999000003222" // B0264, B0370, B0168
	legalMD      = "999000003333" // B0264, B0370, B0082
	untraced     = "999000003444" // B0370, B0168, B0082
	viewOfficer  = "999000003555" // Privacy Officer; B0264, B0107, B0015
	lrOfficer    = "999000003666" // Privacy Officer; B0264, B0107, B0016
	otherOfficer = "999000003777" // as viewOfficer and lrOfficer, at another organisation
)

// newSummaryFixture returns a hub with summaries of tess and hidden, with roles for them, and a signed-in terminal.
func newSummaryFixture(t testing.TB, options ...option) (*fixture, *terminal) {
	t.Helper()
	b := newFixture(t, options...)
	fillSummaries(t, b.store)
	return b, b.signIn()
}

func fillSummaries(t testing.TB, s store.Store) {
	t.Helper()
	ada, err := s.Person(t.Context(), nurseUUID)
	must(t, err)
	for urid, codes := range map[string][]rbac.ActivityCode{
		reader: {rbac.Trace, rbac.ViewAlert, rbac.ViewSummary}, emergencyMD: {
			rbac.Trace, rbac.ViewSummary,
			rbac.EmergencyAccess,
		},
		legalMD:      {rbac.Trace, rbac.ViewSummary, rbac.LegalOverride},
		untraced:     {rbac.ViewSummary, rbac.EmergencyAccess, rbac.LegalOverride},
		viewOfficer:  {rbac.Trace, rbac.ViewAlert, rbac.ReceiveViewAlerts},
		lrOfficer:    {rbac.Trace, rbac.ViewAlert, rbac.ReceiveClaimAlerts},
		otherOfficer: {rbac.Trace, rbac.ViewAlert, rbac.ReceiveViewAlerts, rbac.ReceiveClaimAlerts},
	} {
		role := ada.Roles[0]
		role.URID, role.Activities = urid, codes
		if urid == viewOfficer || urid == lrOfficer || urid == otherOfficer {
			role.JobRole = "S8000:G8000:" + rbac.PrivacyOfficer
		}
		if urid == otherOfficer {
			role.OrgODS = "RX2"
		}
		ada.Roles = append(ada.Roles, role)
	}
	must(t, s.PutPerson(t.Context(), ada))
	for _, n := range []nhs.Number{tess, hidden} {
		must(t, s.PutSummary(t.Context(), summaryOf(n, start.Add(-time.Hour))))
	}
}

// summaryOf returns a summary with an allergy.
func summaryOf(n nhs.Number, made time.Time) summary.Document {
	made = made.UTC().Truncate(time.Second)
	s := people.NewSummary(
		n,
		made,
		people.Allergies([]string{"1-Mar-2020", "Allergy to penicillin", "Certain", "", ""}),
		people.Repeat(),
	)
	return summary.Document{Number: n, ID: s.ID, Made: made, Body: s.Bundle}
}

func scrOf(n nhs.Number) url.Values {
	return url.Values{"patient": {"https://fhir.nhs.uk/Id/nhs-number|" + n.Digits()}}
}

func viewOf(n nhs.Number, id string) url.Values {
	return url.Values{
		"composition.identifier":                 {id},
		"composition.subject:Patient.identifier": {"https://fhir.nhs.uk/Id/nhs-number|" + n.Digits()},
	}
}

// permitted sets the headers of a view. basis and reason may be "".
func permitted(permission, basis, reason string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Wardlight-Permission", permission)
		if basis != "" {
			r.Header.Set("Wardlight-Permission-Basis", basis)
		}
		if reason != "" {
			r.Header.Set("Wardlight-Permission-Reason", url.PathEscape(reason))
		}
	}
}

// Permissions of views.
var (
	agreed    = permitted("patient", "", "")
	emergency = permitted("emergency", "", "Unconscious, no relatives — 3 a.m.")
	legal     = permitted("legal", "statute", "Section 47")
)

// writing returns a POST.
func (x *terminal) writing(urid, path, mediaType, body string, change ...func(*http.Request)) *http.Request {
	x.b.t.Helper()
	req, err := http.NewRequestWithContext(
		x.b.t.Context(),
		http.MethodPost,
		x.b.server.URL+path,
		strings.NewReader(body),
	)
	must(x.b.t, err)
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("Authorization", "DPoP "+x.token)
	req.Header.Set("DPoP", x.proof(http.MethodPost, path))
	req.Header.Set("X-Request-ID", uuid.NewString())
	req.Header.Set("NHSD-Session-URID", urid)
	for _, c := range change {
		c(req)
	}
	return req
}

// write returns the answer to a POST.
func (x *terminal) write(urid, path, mediaType, body string, change ...func(*http.Request)) response {
	x.b.t.Helper()
	return x.b.do(x.writing(urid, path, mediaType, body, change...))
}

// alerts returns the alerts of the organisation RX1.
func (b *fixture) alerts() []summary.Alert {
	b.t.Helper()
	return b.alertsUpTo(100)
}

func (b *fixture) alertsUpTo(limit int) []summary.Alert {
	b.t.Helper()
	all, err := b.store.PrivacyAlerts(b.t.Context(), summary.AlertQuery{
		OrgODS: "RX1", Until: b.clock.Now().Add(time.Hour), Limit: limit,
		Types: []summary.AlertType{summary.AccessAlert, summary.ClaimAlert},
	})
	must(b.t, err)
	return all
}

// entriesOf returns the resource types of a Bundle's entries.
func (r response) kinds(t *testing.T) string {
	t.Helper()
	var b struct {
		ResourceType string `json:"resourceType"`
		Type         string `json:"type"`
		Total        int    `json:"total"`
		Entry        []struct {
			Resource struct {
				ResourceType string `json:"resourceType"`
			} `json:"resource"`
		} `json:"entry"`
	}
	r.into(t, &b)
	if r.status != 200 || b.ResourceType != "Bundle" || b.Type != "searchset" {
		t.Errorf("got status %d, body %s; want a searchset", r.status, r.body)
	}
	var all []string
	for _, e := range b.Entry {
		all = append(all, e.Resource.ResourceType)
	}
	return strings.Join(all, " ")
}

// found returns the ID and the permission of a DocumentReference, or "" if the answer has none.
func (r response) reference(t *testing.T) (id, sharing string) {
	t.Helper()
	if r.kinds(t) == "" {
		return "", ""
	}
	var b struct {
		Entry []struct {
			Resource struct {
				Master   struct{ System, Value string } `json:"masterIdentifier"`
				Security []struct {
					Coding []struct{ System, Code string }
				} `json:"securityLabel"`
			} `json:"resource"`
		} `json:"entry"`
	}
	r.into(t, &b)
	d := b.Entry[0].Resource
	if d.Master.System != "https://fhir.nhs.uk/Id/nhsSCRUUID" {
		t.Errorf("got system %s, want nhsSCRUUID", d.Master.System)
	}
	return d.Master.Value, d.Security[0].Coding[0].Code
}

func TestSummary_FoundAndViewed(t *testing.T) {
	b, x := newSummaryFixture(t)
	id, sharing := x.get(reader, scrReference, scrOf(tess)).reference(t)
	if id != summaryOf(tess, start).ID || sharing != "Ask" {
		t.Fatalf("DocumentReference: got %s %s, want the summary's ID and Ask", id, sharing)
	}

	r := x.get(reader, scrBundle, viewOf(tess, id), agreed)
	if kinds := r.kinds(t); !strings.HasPrefix(kinds, "Composition Patient") ||
		!strings.Contains(r.body, "penicillin") {
		t.Errorf("view: got %s, body %s; want the Composition", kinds, r.body)
	}

	trail := b.trail()
	got := trail[len(trail)-1]
	if got.Action != "view a summary" || got.Outcome != "granted" || got.Patients[0] != tess ||
		got.Reason != "summary "+id+", permission patient" {
		t.Errorf("audit: got %+v, want the view with its permission", got)
	}
	if found := trail[len(trail)-2]; found.Action != "look for a summary" {
		t.Errorf("audit: got %+v, want the search", found)
	}
	if all := b.alerts(); len(all) != 0 {
		t.Errorf("got %d alerts, want none, because the patient agreed", len(all))
	}
	if a, n := b.left(tess); len(a)+len(n) != 0 {
		t.Errorf("got %d accesses and %d notifications, want none", len(a), len(n))
	}
}

// TestSummary_EachState checks that no state reads like another, and none like a summary.
func TestSummary_EachState(t *testing.T) {
	b, x := newSummaryFixture(t)
	if id, _ := x.get(reader, scrReference, scrOf(plain)).reference(t); id != "" {
		t.Errorf("none on file: got %s, want an empty searchset", id)
	}

	must(t, b.sqlite.PutSummary(t.Context(), summary.Document{Number: mother, Sharing: summary.No}))
	const nobody = "00000000-0000-0000-0000-000000000000"
	if id, sharing := x.get(reader, scrReference, scrOf(mother)).reference(t); id != nobody || sharing != "No" {
		t.Errorf("opted out: got %s %s, want No", id, sharing)
	}
	optedOut := x.get(reader, scrBundle, viewOf(mother, nobody), agreed)
	if optedOut.status != 403 || !strings.Contains(optedOut.body, "scr-no-consent") {
		t.Errorf("view of opted out: got %d %s, want 403 with scr-no-consent", optedOut.status, optedOut.body)
	}

	outdated := x.get(reader, scrBundle, viewOf(tess, uuid.NewString()), emergency)
	if outdated.status != 403 { // this role has no B0168
		t.Errorf("emergency without B0168: got %d %s, want 403", outdated.status, outdated.body)
	}
	outdated = x.get(emergencyMD, scrBundle, viewOf(tess, uuid.NewString()), emergency)
	if kinds := outdated.kinds(t); kinds != "" {
		t.Errorf("outdated ID: got %s, want an empty Bundle", outdated.body)
	}
	if none := x.get(emergencyMD, scrBundle, viewOf(plain, uuid.NewString()), emergency); none.kinds(t) != "" {
		t.Errorf("view of none on file: got %s, want an empty Bundle", none.body)
	}
	if all := b.alerts(); len(all) != 0 {
		t.Errorf("got alerts %+v, want none, because nothing was shown", all)
	}

	for what, c := range map[string]struct {
		number nhs.Number
		status int
		has    string
	}{
		"restricted": {hidden, 403, `"suppressed"`}, "invalidated": {invalid, 404, "INVALIDATED_RESOURCE"},
		"unknown": {absent, 404, "RESOURCE_NOT_FOUND"},
	} {
		for _, r := range []response{
			x.get(reader, scrReference, scrOf(c.number)),
			x.get(emergencyMD, scrBundle, viewOf(c.number, summaryOf(c.number, start).ID), emergency),
		} {
			if r.status != c.status || !strings.Contains(r.body, c.has) || strings.Contains(r.body, "penicillin") {
				t.Errorf("%s: got %d %s, want %d with %s", what, r.status, r.body, c.status, c.has)
			}
		}
	}
}

func TestSummary_NoSummariesOnFile(t *testing.T) {
	b, x := newSummaryFixture(t)
	if id, _ := x.get(reader, scrReference, scrOf(plain)).reference(t); id != "" {
		t.Errorf("none on file: got %s, want an empty searchset", id)
	}
	b.exec("DELETE FROM summary") // while the hub runs
	for _, r := range []response{
		x.get(reader, scrReference, scrOf(tess)), x.get(reader, scrBundle, viewOf(tess, uuid.NewString()), agreed),
	} {
		if r.status != 501 || !strings.Contains(r.body, "not-supported") {
			t.Errorf("got %d %s, want 501: the absence of a summary means nothing", r.status, r.body)
		}
	}
}

func TestSummary_AfterARestore(t *testing.T) {
	b, x := newSummaryFixture(t)
	must(t, audit.Store(t.Context(), b.store, &store.Entry{Change: &store.Change{
		Resend: &store.ResendChange{Authorities: []string{"V999"}, Since: start},
	}}))
	if r := x.get(reader, scrReference, scrOf(plain)); r.status != 503 || !strings.Contains(r.body, "incomplete") {
		t.Errorf("none on file: got %d %s, want 503 incomplete", r.status, r.body)
	}
	if id, _ := x.get(reader, scrReference, scrOf(tess)).reference(t); id == "" {
		t.Error("got no summary that is on file, want it")
	}
}

// TestSummary_SupersededNumber checks that a summary is found by each number of the patient, and names the requested
// one.
func TestSummary_SupersededNumber(t *testing.T) {
	_, x := newSummaryFixture(t)
	id, _ := x.get(reader, scrReference, scrOf(merged)).reference(t)
	r := x.get(reader, scrBundle, viewOf(merged, strings.ToLower(id)), agreed)
	if r.status != 200 || !strings.Contains(r.body, merged.Digits()) || strings.Contains(r.body, tess.Digits()) ||
		!strings.Contains(r.body, "penicillin") {
		t.Errorf("got %d %s, want the summary with the requested number", r.status, r.body)
	}
}

// TestSummary_NoPermissionNoAnswer checks each request without a valid permission, or with a role that lacks a code.
func TestSummary_NoPermissionNoAnswer(t *testing.T) {
	b, x := newSummaryFixture(t)
	id := summaryOf(tess, start).ID
	twice := func(r *http.Request) { r.Header["Wardlight-Permission"] = []string{"patient", "patient"} }
	raw := func(reason string) func(*http.Request) {
		return func(r *http.Request) {
			emergency(r)
			r.Header.Set("Wardlight-Permission-Reason", reason)
		}
	}
	for what, c := range map[string]struct {
		role   string
		change func(*http.Request)
		status int
	}{
		"none":                         {reader, func(*http.Request) {}, 400},
		"another word":                 {reader, permitted("yes", "", ""), 400},
		"twice":                        {reader, twice, 400},
		"emergency without a reason":   {emergencyMD, permitted("emergency", "", ""), 400},
		"emergency with blanks":        {emergencyMD, permitted("emergency", "", " \t "), 400},
		"legal without a basis":        {legalMD, permitted("legal", "", "Section 47"), 400},
		"legal with another basis":     {legalMD, permitted("legal", "hunch", "Section 47"), 400},
		"legal without a reason":       {legalMD, permitted("legal", "statute", ""), 400},
		"patient with a basis":         {reader, permitted("patient", "statute", ""), 400},
		"a reason that is too long":    {emergencyMD, permitted("emergency", "", strings.Repeat("é", 201)), 400},
		"a reason that is not encoded": {emergencyMD, raw("100%"), 400},
		"emergency without B0168":      {reader, emergency, 403},
		"emergency with B0082":         {legalMD, emergency, 403},
		"legal without B0082":          {emergencyMD, legal, 403},
		"without B0370":                {nurse, agreed, 403},
		"without B0264":                {untraced, emergency, 403},
	} {
		before := len(b.trail())
		r := x.get(c.role, scrBundle, viewOf(tess, id), c.change)
		if r.status != c.status || strings.Contains(r.body, "penicillin") {
			t.Errorf("%s: got %d %s, want %d", what, r.status, r.body, c.status)
		}
		trail := b.trail()
		if len(trail) != before+1 || trail[before].Outcome != "refused" || trail[before].Patients[0] != tess {
			t.Errorf("%s: got records %+v, want one refusal about the patient", what, trail[before:])
		}
	}
	if r := x.get(nurse, scrReference, scrOf(tess)); r.status != 403 {
		t.Errorf("search without B0370: got %d, want 403", r.status)
	}
	if all := b.alerts(); len(all) != 0 {
		t.Errorf("got alerts %+v, want none", all)
	}
}

func TestSummary_BadRequests(t *testing.T) {
	_, x := newSummaryFixture(t)
	id := summaryOf(tess, start).ID
	with := func(q url.Values, name, value string) url.Values {
		q.Set(name, value)
		return q
	}
	for what, r := range map[string]response{
		"no patient":    x.get(reader, scrReference, nil),
		"a bare number": x.get(reader, scrReference, url.Values{"patient": {tess.Digits()}}),
		"an invalid number": x.get(reader, scrReference,
			url.Values{"patient": {"https://fhir.nhs.uk/Id/nhs-number|9990000019"}}),
		"another type":        x.get(reader, scrReference, with(scrOf(tess), "type", "x")),
		"another order":       x.get(reader, scrReference, with(scrOf(tess), "_sort", "-date")),
		"another count":       x.get(reader, scrReference, with(scrOf(tess), "_count", "2")),
		"an unknown name":     x.get(reader, scrReference, with(scrOf(tess), "foo", "1")),
		"no ID":               x.get(reader, scrBundle, viewOf(tess, ""), agreed),
		"an invalid ID":       x.get(reader, scrBundle, viewOf(tess, "INVALID ID"), agreed),
		"a view of nobody":    x.get(reader, scrBundle, url.Values{"composition.identifier": {id}}, agreed),
		"an unknown name too": x.get(reader, scrBundle, with(viewOf(tess, id), "foo", "1"), agreed),
		"no request ID": x.get(reader, scrBundle, viewOf(tess, id), agreed, func(r *http.Request) {
			r.Header.Del("X-Request-ID")
		}),
	} {
		if r.status != 400 {
			t.Errorf("%s: got %d %s, want 400", what, r.status, r.body)
		}
	}
	all := scrOf(tess)
	all.Set("type", "http://snomed.info/sct|196981000000101")
	all.Set("_sort", "date")
	all.Set("_count", "1")
	if id, _ := x.get(reader, scrReference, all).reference(t); id == "" {
		t.Error("all parameters of the NHS: got no summary, want it")
	}
}

// TestSummary_OneAlert checks that a view without the patient's permission makes one alert for each request ID, however
// often and at whatever time the request is repeated.
func TestSummary_OneAlert(t *testing.T) {
	b, x := newSummaryFixture(t)
	id := summaryOf(tess, start).ID
	request := header("X-Request-ID", "60E0B220-8136-4CA5-AE46-1D97EF59D068")

	var all sync.WaitGroup
	for range 8 {
		req := x.request(emergencyMD, scrBundle, viewOf(tess, id), emergency, request)
		all.Go(func() {
			if r := b.do(req); r.status != 200 || !strings.Contains(r.body, "penicillin") {
				t.Errorf("got %d %s, want the summary", r.status, r.body)
			}
		})
	}
	all.Wait()
	b.restart()
	if r := x.get(emergencyMD, scrBundle, viewOf(tess, strings.ToLower(id)), emergency, request); r.status != 200 {
		t.Errorf("repeated after a restart: got %d %s, want 200", r.status, r.body)
	}

	alerts := b.alerts()
	if len(alerts) != 1 {
		t.Fatalf("got %d alerts, want one", len(alerts))
	}
	a := alerts[0]
	if a.Cause != (summary.Cause{Type: summary.AccessAlert, Reason: summary.Emergency}) || a.Number != tess ||
		a.Summary != id ||
		a.Words != "Unconscious, no relatives — 3 a.m." || a.Who.UUID != nurseUUID || a.Who.URID != emergencyMD ||
		a.Who.OrgODS != "RX1" || a.Who.Name != "Ms Ada Sample" || a.Sending.State() != summary.NotSent ||
		!a.Closing.At.IsZero() {
		t.Errorf("got alert %+v, want the view's", a)
	}

	views, repeated := 0, 0
	for _, r := range b.trail() {
		if r.Action == "view a summary in an emergency" && r.Outcome == "granted" {
			if r.Reason == "again, summary "+id {
				repeated++
			} else if views++; !strings.HasSuffix(r.Reason,
				"permission emergency: Unconscious, no relatives — 3 a.m.") {
				t.Errorf("got the reason %q, want the permission and the words", r.Reason)
			}
		}
	}
	if views != 1 || repeated != 8 {
		t.Errorf("got %d records of the view and %d of repetitions, want 1 and 8", views, repeated)
	}

	// The same ID of another request is refused.
	for what, r := range map[string]response{
		"another reason": x.get(emergencyMD, scrBundle, viewOf(tess, id), permitted("emergency", "", "Other"),
			request),
		"another patient": x.get(emergencyMD, scrBundle, viewOf(plain, id), emergency, request),
		"another role":    x.get(reader, scrBundle, viewOf(tess, id), agreed, request),
		"an opening":      x.get(nurse, careTeam, about(tess), request),
	} {
		if r.status != 400 || !strings.Contains(r.body, "already used") {
			t.Errorf("%s: got %d %s, want 400", what, r.status, r.body)
		}
	}

	// A new request is a new view, and makes a new alert.
	x.get(emergencyMD, scrBundle, viewOf(tess, id), emergency)
	x.get(legalMD, scrBundle, viewOf(tess, id), legal)
	if alerts := b.alerts(); len(alerts) != 3 {
		t.Errorf("got %d alerts, want 3", len(alerts))
	}
}

// TestSummary_ReplacedBeforeTheRepetition checks a repetition after a new summary has arrived: it is of the new one,
// and makes no second alert.
func TestSummary_ReplacedBeforeTheRepetition(t *testing.T) {
	b, x := newSummaryFixture(t)
	request := header("X-Request-ID", uuid.NewString())
	x.get(emergencyMD, scrBundle, viewOf(tess, summaryOf(tess, start).ID), emergency, request)
	before := len(b.trail())

	newer := summaryOf(tess, start)
	newer.ID = strings.ToUpper(uuid.NewString())
	newer.Body = []byte(strings.ReplaceAll(string(newer.Body), summaryOf(tess, start).ID, newer.ID))
	must(t, b.sqlite.PutSummary(t.Context(), newer))
	r := x.get(emergencyMD, scrBundle, viewOf(tess, newer.ID), emergency, request)
	if r.status != 200 || !strings.Contains(r.body, newer.ID) {
		t.Errorf("got %d %s, want the new summary", r.status, r.body)
	}
	if left := b.trail()[before:]; len(left) != 1 || left[0].Reason != "again, summary "+newer.ID {
		t.Errorf("got records %+v, want one with the new summary", left)
	}
	if alerts := b.alerts(); len(alerts) != 1 {
		t.Errorf("got %d alerts, want one", len(alerts))
	}
}

func TestSummary_LegalBases(t *testing.T) {
	b, x := newSummaryFixture(t)
	id := summaryOf(tess, start).ID
	for basis, want := range map[string]summary.Reason{
		"public-interest": summary.PublicInterestReason, "statute": summary.StatuteReason,
		"court-order": summary.CourtOrderReason,
	} {
		if r := x.get(legalMD, scrBundle, viewOf(tess, id), permitted("legal", basis, "Words")); r.status != 200 {
			t.Errorf("%s: got %d %s, want 200", basis, r.status, r.body)
		}
		found := false
		for _, a := range b.alerts() {
			found = found || a.Cause == summary.Cause{Type: summary.AccessAlert, Reason: want}
		}
		if !found {
			t.Errorf("%s: got no alert with reason %d, want one", basis, want)
		}
	}
}

// TestSummary_NoAlertNoAnswer checks that a view whose alert can't be stored isn't answered.
func TestSummary_NoAlertNoAnswer(t *testing.T) {
	b, x := newSummaryFixture(t)
	b.exec("CREATE TRIGGER no_alert BEFORE INSERT ON privacy_alert BEGIN SELECT RAISE(ABORT, 'no'); END")
	id := summaryOf(tess, start).ID
	r := x.get(emergencyMD, scrBundle, viewOf(tess, id), emergency)
	if r.status != 503 || strings.Contains(r.body, "penicillin") {
		t.Errorf("got %d %s, want 503", r.status, r.body)
	}
	b.exec("DROP TRIGGER no_alert")
	if all := b.alerts(); len(all) != 0 {
		t.Errorf("got %d alerts, want none", len(all))
	}
}

// auditEvent returns an AuditEvent as in the NHS's examples.
func auditEvent(n nhs.Number, kind, reason int, change ...string) string {
	body := fmt.Sprintf(`{"resourceType":"AuditEvent","id":"example",
	"extension":[{"url":"https://fhir.nhs.uk/StructureDefinition/Extension-SCR-NotificationMessage","valueString":"Alert"}],
	"type":{"system":"https://fhir.nhs.uk/CodeSystem/SCR-AlertType","code":"%d","display":"d"},
	"subtype":[{"system":"https://fhir.nhs.uk/CodeSystem/SCR-AlertReason","code":"%d","display":"d"}],
	"outcomeDesc":"a test alert","recorded":"2020-11-13T00:00:00+00:00",
	"agent":[{"who":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"%s"}},"requestor":false},
	{"who":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RX1"}},"requestor":false},
	{"who":{"identifier":{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"%s"}},"role":[{"text":"GP"}],"requestor":false}],
	"source":{"observer":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhsSpineASID","value":"227319907548"}}},
	"entity":[{"what":{"identifier":{"value":"1C03CF4F-D404-4D76-B192-4F81727059F6"}}}]}`, kind, reason, n.Digits(), nurseUUID)
	return strings.NewReplacer(change...).Replace(body)
}

func TestRaiseAlert(t *testing.T) {
	b, x := newSummaryFixture(t)
	const fhirJSON = "application/fhir+json"
	request := header("X-Request-ID", uuid.NewString())
	for range 2 {
		if r := x.write(reader, scrAlert, fhirJSON, auditEvent(tess, 1, 6), request); r.status != 201 || r.body != "" {
			t.Fatalf("got %d %s, want 201", r.status, r.body)
		}
	}
	alerts := b.alerts()
	if len(alerts) != 1 || alerts[0].Cause != (summary.Cause{Type: summary.ClaimAlert, Reason: summary.OtherReason}) ||
		alerts[0].Words != "a test alert" || alerts[0].Summary != "1C03CF4F-D404-4D76-B192-4F81727059F6" {
		t.Errorf("got alerts %+v, want one claim", alerts)
	}
	if r := x.write(reader, scrAlert, fhirJSON, auditEvent(plain, 1, 6), request); r.status != 400 {
		t.Errorf("the same ID for another patient: got %d, want 400", r.status)
	}

	permittedPairs := 0
	for kind := range 4 {
		for reason := range 8 {
			want := 400
			switch {
			case kind == 1 && (reason >= 1 && reason <= 3), kind == 2 && (reason >= 1 && reason <= 3):
				want = 201
			case kind == 1 && (reason == 4 || reason == 6), kind == 2 && reason == 5:
				want = 201
			}
			role := reader
			switch {
			case reason == 4 || reason == 5:
				role = emergencyMD
			case reason < 4:
				role = legalMD
			}
			if r := x.write(role, scrAlert, fhirJSON, auditEvent(tess, kind, reason)); r.status != want {
				t.Errorf("type %d reason %d: got %d %s, want %d", kind, reason, r.status, r.body, want)
			} else if want == 201 {
				permittedPairs++
			}
			if role != reader && want == 201 {
				if r := x.write(reader, scrAlert, fhirJSON, auditEvent(tess, kind, reason)); r.status != 403 {
					t.Errorf("type %d reason %d without its code: got %d, want 403", kind, reason, r.status)
				}
			}
		}
	}
	if all := b.alerts(); len(all) != 1+permittedPairs {
		t.Errorf("got %d alerts, want %d", len(all), 1+permittedPairs)
	}

	for what, c := range map[string]struct {
		mediaType, body string
		status          int
	}{
		"not JSON":             {fhirJSON, "{", 400},
		"no patient":           {fhirJSON, auditEvent(tess, 1, 6, tess.Digits(), ""), 400},
		"another organisation": {fhirJSON, auditEvent(tess, 1, 6, "RX1", "RX2"), 400},
		"another person":       {fhirJSON, auditEvent(tess, 1, 6, nurseUUID, "999000000112"), 400},
		"no summary":           {fhirJSON, auditEvent(tess, 1, 6, "1C03CF4F-", ""), 400},
		"long words":           {fhirJSON, auditEvent(tess, 1, 6, "a test alert", strings.Repeat("x", 201)), 400},
		"unknown patient":      {fhirJSON, auditEvent(absent, 1, 6), 404},
		"restricted patient":   {fhirJSON, auditEvent(hidden, 1, 6), 403},
		"another type":         {"text/plain", auditEvent(tess, 1, 6), 415},
		"too large":            {fhirJSON, auditEvent(tess, 1, 6) + strings.Repeat(" ", 65<<10), 413},
	} {
		if r := x.write(reader, scrAlert, c.mediaType, c.body); r.status != c.status {
			t.Errorf("%s: got %d %s, want %d", what, r.status, r.body, c.status)
		}
	}
	if all := b.alerts(); len(all) != 1+permittedPairs {
		t.Errorf("after refusals: got %d alerts, want %d", len(all), 1+permittedPairs)
	}
}

// listedAlerts is the answer of the list of alerts.
type listedAlerts struct {
	Organisation, State string
	Kinds               []string
	NotShown            []string `json:"not_shown"`
	Alerts              []struct {
		ID, Kind, Words, Patient string
		Closed                   *struct {
			Note string
			By   struct{ Name string }
		}
		National struct{ State string }
	}
}

func TestPrivacyAlerts(t *testing.T) {
	b, x := newSummaryFixture(t)
	id := summaryOf(tess, start).ID
	x.get(emergencyMD, scrBundle, viewOf(tess, id), emergency)
	b.clock.Add(time.Minute)
	x.write(reader, scrAlert, "application/fhir+json", auditEvent(tess, 1, 6))

	list := func(urid string, query url.Values) listedAlerts {
		t.Helper()
		r := x.get(urid, privacyAlerts, query)
		var l listedAlerts
		if r.status == 200 {
			r.into(t, &l)
		} else {
			l.State = fmt.Sprint(r.status)
		}
		return l
	}

	views, claims := list(viewOfficer, nil), list(lrOfficer, url.Values{"state": {"open"}})
	if len(views.Alerts) != 1 || views.Alerts[0].Kind != "access" ||
		fmt.Sprint(views.Kinds, views.NotShown) != "[access] [claim]" ||
		views.Alerts[0].National.State != "not_sent" {
		t.Errorf("with B0015: got %+v, want the view, and that claims are not shown", views)
	}
	if len(claims.Alerts) != 1 || claims.Alerts[0].Kind != "claim" || fmt.Sprint(claims.NotShown) != "[access]" {
		t.Errorf("with B0016: got %+v, want the claim", claims)
	}
	if l := list(otherOfficer, nil); len(l.Alerts) != 0 || l.Organisation != "RX2" {
		t.Errorf("of another organisation: got %+v, want none", l)
	}
	for _, urid := range []string{officer, nurse, emergencyMD} {
		if l := list(urid, nil); l.State != "403" {
			t.Errorf("role %s: got %+v, want 403", urid, l)
		}
	}
	for _, q := range []string{"state=x", "from=2026-07", "to=15-07-2026", "foo=1", "state=open&state=all"} {
		query, err := url.ParseQuery(q)
		must(t, err)
		if l := list(viewOfficer, query); l.State != "400" {
			t.Errorf("%s: got %+v, want 400", q, l)
		}
	}
	if l := list(viewOfficer, url.Values{"from": {"2026-07-16"}}); len(l.Alerts) != 0 {
		t.Errorf("from the next day: got %+v, want none", l)
	}
	if l := list(viewOfficer, url.Values{"from": {"2026-07-15"}, "to": {"2026-07-15"}}); len(l.Alerts) != 1 {
		t.Errorf("on the day: got %+v, want one", l)
	}
}

func TestCloseAlert(t *testing.T) {
	b, x := newSummaryFixture(t)
	x.get(emergencyMD, scrBundle, viewOf(tess, summaryOf(tess, start).ID), emergency)
	path := privacyAlerts + "/" + b.alerts()[0].ID + "/close"
	closing := func(urid, path, note string) response {
		t.Helper()
		body, err := json.Marshal(map[string]string{"note": note})
		must(t, err)
		return x.write(urid, path, "application/json", string(body))
	}

	for what, c := range map[string]struct {
		urid, path, note string
		status           int
	}{
		"without B0015":        {lrOfficer, path, "Justified.", 404},
		"another organisation": {otherOfficer, path, "Justified.", 404},
		"no officer":           {emergencyMD, path, "Justified.", 403},
		"no alert":             {viewOfficer, privacyAlerts + "/none/close", "Justified.", 404},
		"no note":              {viewOfficer, path, "", 400},
		"a long note":          {viewOfficer, path, strings.Repeat("é", 501), 400},
	} {
		if r := closing(c.urid, c.path, c.note); r.status != c.status {
			t.Errorf("%s: got %d %s, want %d", what, r.status, r.body, c.status)
		}
	}
	if r := x.write(viewOfficer, path, "text/plain", "{}"); r.status != 415 {
		t.Errorf("text: got %d, want 415", r.status)
	}
	if !b.alerts()[0].Closing.At.IsZero() {
		t.Fatal("a refused request closed the alert")
	}

	for range 2 {
		if r := closing(viewOfficer, path, "Justified: unconscious."); r.status != 200 ||
			!strings.Contains(r.body, `"closed":{`) {
			t.Errorf("got %d %s, want the closed alert", r.status, r.body)
		}
	}
	if r := closing(viewOfficer, path, "Another note."); r.status != 409 {
		t.Errorf("another note: got %d %s, want 409", r.status, r.body)
	}
	var open listedAlerts
	x.get(viewOfficer, privacyAlerts, url.Values{"state": {"open"}}).into(t, &open)
	if len(open.Alerts) != 0 {
		t.Errorf("got open alerts %+v, want none", open)
	}

	closed := 0
	for _, r := range b.trail() {
		if r.Action == "close a privacy alert" && r.Outcome == "granted" && r.Reason != "again" {
			closed++
		}
	}
	if closed != 1 {
		t.Errorf("got %d records of the closing, want 1", closed)
	}
}
