package hub_test

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/audit"
	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/hub/summary"
	"wardlight/internal/certtest"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// faulty is a store whose reads of patients fail or panic, depending on how.
type faulty struct {
	store.Store
	how atomic.Int32
}

// Values of faulty.how.
const (
	sound = iota
	fails
	panics
)

// newFaulty returns a bench with a faulty store.
func newFaulty(t *testing.T) (b *fixture, f *faulty) {
	t.Helper()
	b = newFixture(t, over(func(s store.Store) store.Store {
		f = &faulty{Store: s}
		return f
	}), func(_ *fixture, c *hub.Config) { c.Tree = newTreeLog(t, "hub.example") })
	return b, f
}

func (f *faulty) fault() error {
	switch f.how.Load() {
	case fails:
		return errors.New("the disk is gone")
	case panics:
		panic("a fault in the program")
	default:
		return nil
	}
}

func (f *faulty) FindPatients(ctx context.Context, q store.PatientQuery) ([]store.Patient, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	return f.Store.FindPatients(ctx, q)
}

func (f *faulty) Candidates(ctx context.Context, blocks []store.Block, limit int) ([]store.Candidate, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	return f.Store.Candidates(ctx, blocks, limit)
}

func (f *faulty) Patients(ctx context.Context, numbers []nhs.Number) (map[nhs.Number]store.Patient, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	return f.Store.Patients(ctx, numbers)
}

func (f *faulty) AuditRecords(ctx context.Context, q store.AuditQuery) ([]store.AuditRecord, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	return f.Store.AuditRecords(ctx, q)
}

func (f *faulty) AuditRequest(ctx context.Context, person, requestID string) ([]store.AuditRecord, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	return f.Store.AuditRequest(ctx, person, requestID)
}

func (f *faulty) PrivacyAlerts(ctx context.Context, q summary.AlertQuery) ([]summary.Alert, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	return f.Store.PrivacyAlerts(ctx, q)
}

func (f *faulty) PrivacyAlert(ctx context.Context, id string) (summary.Alert, error) {
	if err := f.fault(); err != nil {
		return summary.Alert{}, err
	}
	return f.Store.PrivacyAlert(ctx, id)
}

func (f *faulty) Patient(ctx context.Context, n nhs.Number) (store.Patient, error) {
	if err := f.fault(); err != nil {
		return store.Patient{}, err
	}
	return f.Store.Patient(ctx, n)
}

// asking is a request and the audit record that it must leave.
type asking struct {
	name   string
	urid   string
	path   string
	query  url.Values
	change []func(*http.Request)
	method string // GET if empty
	body   string // JSON, of POST
	how    int32
	status int

	action, outcome, reason string
	whom                    []nhs.Number
	norole, noid            bool   // the record has no role, or no request ID
	org                     string // of the role; RX1 if empty
}

// routeActions maps each route to its action in the audit. It is written by hand, because a test that reads the table
// of routes would not find errors in it.
var routeActions = map[string]string{
	"GET /personal-demographics/FHIR/R4/Patient":                        "search for patients",
	"GET /personal-demographics/FHIR/R4/Patient/{number}":               "retrieve a patient",
	"GET /personal-demographics/FHIR/R4/Patient/{number}/RelatedPerson": "list related persons",
	"GET /cpis/FHIR/R4/Flag":                                            "see whether there is an alert",
	"GET /cpis/FHIR/R4/AuditEvent":                                      "see who has looked",
	"GET /cpis/FHIR/R4/CareTeam":                                        "open an alert",
	"GET /patient-flags/FHIR/R4/Flag":                                   "see whether there is an alert",
	"GET /patient-flags/FHIR/R4/PatientFlag":                            "open an alert in scheduled care",
	"GET /audit/receipts/{id}":                                          "read a receipt",
	"GET /privacy/patient-access":                                       "report patient access",
	"GET /privacy/user-access":                                          "report user access",
	"GET /privacy/patient-enquiries":                                    "report patient enquiries",
}

// receiptless is the id of a request that nobody made.
const receiptless = "60e0b220-8136-4ca5-ae46-1d97ef59d068"

// askings returns requests for every route and every outcome.
func askings() []asking {
	var all []asking
	search := func(more ...string) url.Values {
		q := url.Values{"family": {"Example"}, "birthdate": {"2016-03-04"}}
		for i := 0; i < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		return q
	}

	for route, action := range routeActions {
		_, path, _ := strings.Cut(route, " ")
		a := asking{
			urid: nurse, path: strings.NewReplacer("{number}", tess.Digits(), "{id}", receiptless).Replace(path),
			status: 200, action: action,
			outcome: "granted", whom: []nhs.Number{tess},
		}

		asked := a.whom // the patients of a refused request
		switch {
		case path == patients:
			a.query, a.whom, asked = search(), []nhs.Number{tess, plain}, nil
		case strings.HasPrefix(path, "/cpis"):
			a.query = about(tess)
		case path == allFlags:
			a.query = flagsOf(tess)
		case path == patientFlag:
			a.urid, a.query = gp, flagOf(tess, fhir.CodeCPISFlag)
		case strings.HasPrefix(path, "/privacy"):
			a.urid, a.query, a.reason = officer, period(path), "2026-07-01 to 2026-07-31"
			switch path {
			case "/privacy/user-access":
				a.reason += ", person " + nurseUUID
				fallthrough
			case "/privacy/patient-enquiries":
				a.whom, asked = nil, nil
			}
		case strings.HasPrefix(path, "/audit"):
			a.whom, asked = nil, nil
		}

		add := func(name string, change func(*asking)) {
			x := a
			x.name, x.query = route+": "+name, maps.Clone(a.query)
			if x.query == nil {
				x.query = url.Values{}
			}
			change(&x)
			if x.outcome != "granted" && name != "a bad number" {
				x.whom = asked
			}
			all = append(all, x)
		}

		bad := "PRECONDITION_FAILED"
		if strings.HasPrefix(path, "/personal") {
			bad = "INVALID_VALUE"
		}

		refuse := func(x *asking, status int, reason string) {
			x.status, x.outcome, x.reason = status, "refused", reason
		}

		if !strings.HasPrefix(path, "/audit") {
			add("granted", func(*asking) {})
		}
		add("a role that may not", func(x *asking) {
			x.urid = nopObserver
			if path == allFlags { // the action of a role without the codes for child protection
				x.action = "see whether there are reasonable adjustments"
			}
			refuse(x, 403, "ACCESS_DENIED")
		})

		add("another's role", func(x *asking) {
			x.urid, x.norole = "999000000223", true
			refuse(x, 400, bad)
		})

		add("no role", func(x *asking) {
			x.norole, x.change = true, []func(*http.Request){func(r *http.Request) {
				r.Header.Del("NHSD-Session-URID")
			}}
			refuse(x, 400, bad)
		})

		add("no request id", func(x *asking) {
			x.norole, x.noid, x.change = true, true, []func(*http.Request){func(r *http.Request) {
				r.Header.Del("X-Request-ID")
			}}
			refuse(x, 400, map[string]string{"INVALID_VALUE": "MISSING_VALUE"}[bad])
			if x.reason == "" {
				x.reason = bad
			}
		})

		add("a request id that is none", func(x *asking) {
			x.norole, x.noid, x.change = true, true, []func(*http.Request){header("X-Request-ID", "1234")}
			refuse(x, 400, bad)
		})

		add("an unknown parameter", func(x *asking) {
			x.query.Set("colour", "blue")
			refuse(x, 400, "ADDITIONAL_PROPERTIES")
		})

		add("the store fails", func(x *asking) { x.how, x.status, x.outcome, x.reason = fails, 503, "failed", "" })
		add("a fault in the program", func(x *asking) {
			x.how, x.status, x.outcome, x.reason = panics, 500, "failed", ""
		})

		if strings.HasPrefix(path, "/privacy") {
			add("more than a month", func(x *asking) {
				x.query.Set("to", "2026-08-01")
				refuse(x, 400, "INVALID_SEARCH_DATA")
			})
			continue
		}

		if strings.HasPrefix(path, "/audit") { // TestTree has those that are granted
			add("no such request", func(x *asking) { refuse(x, 404, "RESOURCE_NOT_FOUND") })
			continue
		}

		switch path {
		case patients:
			add("wider", func(x *asking) { x.query = search("given", "T", "_fuzzy-match", "true") })
			add("too many", func(x *asking) {
				x.query.Set("_max-results", "1")
				refuse(x, 200, "TOO_MANY_MATCHES")
			})
			add("too many, wider", func(x *asking) {
				x.query = search("given", "T", "_fuzzy-match", "true", "_max-results", "1")
				refuse(x, 200, "TOO_MANY_MATCHES")
			})
			add("nobody found", func(x *asking) { x.query, x.whom = search("family", "Nobody"), nil })
			continue
		}

		askAbout := func(x *asking, n nhs.Number) {
			x.path = strings.ReplaceAll(path, "{number}", n.Digits())
			if x.query.Has("patient:identifier") {
				x.query = about(n)
			}
			if x.query.Has("patient") {
				x.query.Set("patient", n.Digits())
			}
			x.whom = []nhs.Number{n}
		}

		add("a bad number", func(x *asking) {
			askAbout(x, "9990000019")
			x.whom = nil
			refuse(x, 400, "INVALID_SEARCH_DATA")
			if bad == "INVALID_VALUE" {
				x.reason = "INVALID_RESOURCE_ID"
			}
		})

		asked = []nhs.Number{absent}
		add("nobody has the number", func(x *asking) { askAbout(x, absent); refuse(x, 404, "RESOURCE_NOT_FOUND") })
		asked = []nhs.Number{invalid}
		add("marked invalid", func(x *asking) { askAbout(x, invalid); refuse(x, 404, "INVALIDATED_RESOURCE") })
		if strings.HasPrefix(path, "/personal") {
			add("superseded", func(x *asking) { askAbout(x, merged); x.whom = []nhs.Number{tess} })
			continue
		}

		add("nothing on file", func(x *asking) { askAbout(x, plain) })
		asked = []nhs.Number{hidden}
		add("restricted", func(x *asking) { askAbout(x, hidden); refuse(x, 403, "ACCESS_DENIED") })
		asked = []nhs.Number{tess}
		if strings.HasPrefix(path, "/patient-flags") { // it has no care setting
			continue
		}
		silently := action
		if strings.HasSuffix(path, "CareTeam") {
			silently = "open an alert in scheduled care"
		}

		add("silently", func(x *asking) {
			x.urid, x.action, x.change = gp, silently, []func(*http.Request){scheduled}
		})

		add("silently, without the right", func(x *asking) {
			x.action, x.change = silently, []func(*http.Request){scheduled}
			refuse(x, 403, "ACCESS_DENIED")
		})

		add("neither true nor false", func(x *asking) {
			x.change = []func(*http.Request){header("IsUnscheduledAccessEvent", "maybe")}
			refuse(x, 400, "PRECONDITION_FAILED")
		})
	}

	return all
}

func TestEveryRequestLeavesExactlyOneRecordOfAllThatHappened(t *testing.T) {
	b, f := newFaulty(t)
	fillSummaries(t, b.sqlite)
	x := b.signIn()
	x.get(emergencyMD, scrBundle, viewOf(tess, summaryOf(tess, start).ID), emergency)
	session := b.trail()[0].Session
	covered := make(map[string]bool)
	for _, a := range append(askings(), summaryAskings(b.alerts()[0].ID)...) {
		b.clock.Add(1500 * time.Microsecond)
		before := len(b.trail())
		f.how.Store(a.how)
		req := x.request(a.urid, a.path, a.query, a.change...)
		if a.method == http.MethodPost {
			req = x.writing(a.urid, a.path, "application/json", a.body, a.change...)
			req.URL.RawQuery = a.query.Encode()
		}
		r := b.do(req)
		f.how.Store(sound)
		left := b.trail()[before:]
		if r.status != a.status || len(left) != 1 {
			t.Errorf("%s: got status %d, want %d; got %d audit records, want 1; body: %s", a.name, r.status, a.status,
				len(left), r.body)
			continue
		}

		want := store.AuditRecord{
			At: b.clock.Now().Truncate(time.Microsecond), RequestID: req.Header.Get("X-Request-ID"), Session: session,
			Person: nurseUUID, URID: a.urid, OrgODS: cmp.Or(a.org, "RX1"),
			Action: a.action, Outcome: a.outcome, Reason: a.reason, Patients: a.whom,
			Source: "127.0.0.1",
		}

		if a.norole {
			want.URID, want.OrgODS = "", ""
		}

		if a.noid {
			want.RequestID = ""
		}

		if a.action == "open an alert" && a.outcome == "granted" && slices.Contains(a.whom, tess) { // has a plan
			written, err := b.sqlite.Accesses(t.Context(), []nhs.Number{tess}, 1)
			must(t, err)
			want.Reason = audit.AccessReason(written[0].ID)
		}

		got := left[0]
		if sealed := audit.Seal(want, got.Seq, got.Prev); !slices.Equal(sealed.Hash, got.Hash) {
			t.Errorf("%s:\n got record %+v\n want %+v", a.name, got, sealed)
		}

		route, _, _ := strings.Cut(a.name, ": ")
		covered[route] = true
	}

	for _, rt := range b.hub.Routes() {
		if len(rt.Actions) > 0 && !covered[rt.Method+" "+rt.Path] {
			t.Errorf("%s %s isn't covered by this test", rt.Method, rt.Path)
		}
	}

	if _, err := audit.Verify(t.Context(), b.sqlite); err != nil {
		t.Error(err)
	}
}

func TestAnOpeningAskedAgainLeavesARecordThatSaysSo(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	id := uuid.NewString()
	for i, want := range []string{"", "again"} {
		before := len(b.trail())
		x.get(nurse, careTeam, about(tess), header("X-Request-ID", id))
		left := b.trail()[before:]
		if i == 0 { // the access of the opening
			written, err := b.sqlite.Accesses(t.Context(), []nhs.Number{tess}, 1)
			must(t, err)
			want = audit.AccessReason(written[0].ID)
		}
		if len(left) != 1 || left[0].RequestID != id || left[0].Outcome != "granted" || left[0].Reason != want ||
			!slices.Equal(left[0].Patients, []nhs.Number{tess}) {
			t.Errorf("got audit records %+v, want one granted with the request ID and reason %q", left, want)
		}
	}
}

func TestSignInAndOutAreOnRecordAndRefusedSignInsToo(t *testing.T) {
	b := newFixture(t)
	x := b.terminal()
	proof := func() string { return x.proof("POST", "/oauth2/token") }
	revoked := b.card()
	must(t, b.sqlite.RevokeCertificates(t.Context(),
		[]store.Revocation{{Certificate: identity.CertificateOf(revoked.cert), At: start}}))

	for _, c := range []struct {
		name, person, outcome, reason string
		sign                          func() response
	}{
		{"a good one", nurseUUID, "granted", "certificate SHA-256 ", func() response {
			return x.post(x.assertion(b.card()), proof())
		}},
		{"a revoked card", nurseUUID, "refused", "certificate_revoked", func() response {
			return x.post(x.assertion(revoked), proof())
		}},
		{"a nonce that has lapsed", nurseUUID, "refused", "nonce_unknown", func() response {
			b.clock.Add(-121 * time.Second)
			lapsed := b.nonce()
			b.clock.Add(121 * time.Second)
			return x.post(x.assertion(b.card(), claim("nonce", lapsed)), proof())
		}},
		{"a slow clock", nurseUUID, "refused", "clock_skew", func() response {
			late := start.Add(-time.Hour).Unix()
			return x.post(x.assertion(b.card(), claim("iat", late), claim("exp", late+60)), proof())
		}},
		{"another audience", nurseUUID, "refused", "assertion_invalid", func() response {
			return x.post(x.assertion(b.card(), claim("aud", "https://other.example/oauth2/token")), proof())
		}},
		{"somebody unknown", "999000000112", "refused", "person_unknown", func() response {
			c := b.ca.issue(t, certtest.P256(t), "ES256", "999000000112")
			return x.post(x.assertion(c, claim("iss", "999000000112"), claim("sub", "999000000112")), proof())
		}},
	} {
		before := len(b.trail())
		c.sign()
		left := b.trail()[before:]
		if len(left) != 1 || left[0].Action != "sign in" || left[0].Person != c.person ||
			left[0].Outcome != c.outcome ||
			!strings.HasPrefix(left[0].Reason, c.reason) || !left[0].At.Equal(start) {
			t.Errorf("%s: got audit records %+v, want one sign-in of %q with outcome %q", c.name, left, c.person,
				c.outcome)
		}
	}

	y := b.signIn()
	before := len(b.trail())
	b.post("/oauth2/revoke", url.Values{"token": {y.token}}, "")
	if left := b.trail()[before:]; len(left) != 1 || left[0].Action != "sign out" || left[0].Person != nurseUUID ||
		left[0].Outcome != "granted" || left[0].Session == "" {
		t.Errorf("sign-out: got audit records %+v, want one granted", left)
	}
}

func TestWhoeverIsNobodyLeavesNoRecord(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	before := len(b.trail())
	x.get(nurse, flag, about(tess), func(r *http.Request) { r.Header.Del("Authorization") })
	x.get(nurse, flag, about(tess), header("Authorization", "DPoP "+strings.Repeat("A", 43)))
	y := b.terminal()
	y.post("rubbish", y.proof("POST", "/oauth2/token"))
	if left := b.trail()[before:]; len(left) != 0 {
		t.Errorf("a malformed sign-in left audit records %+v, want none", left)
	}
}
