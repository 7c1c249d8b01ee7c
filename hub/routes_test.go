package hub_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/api"
	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// tracers are the roles that may trace patients.
var tracers = []string{nurse, gp, clerk, both, officer, guardian, noOfficer}

// allowed are the roles that may call each route. It is written by hand, because a test that reads the table of routes
// would not find errors in it.
var allowed = map[string][]string{
	"GET /personal-demographics/FHIR/R4/Patient":                        tracers,
	"GET /personal-demographics/FHIR/R4/Patient/{number}":               tracers,
	"GET /personal-demographics/FHIR/R4/Patient/{number}/RelatedPerson": tracers,
	"GET /cpis/FHIR/R4/Flag":                                            {nurse, both, officer, guardian},
	"GET /cpis/FHIR/R4/Flag silently":                                   {gp, both},
	"GET /cpis/FHIR/R4/AuditEvent":                                      {nurse, viewer, both, officer, guardian},
	"GET /cpis/FHIR/R4/AuditEvent silently":                             {gp, silent, both},
	"GET /cpis/FHIR/R4/CareTeam":                                        {nurse, both, officer, guardian},
	"GET /cpis/FHIR/R4/CareTeam silently":                               {gp, silent, both},
	"GET /privacy/patient-access":                                       {officer, guardian},
	"GET /privacy/user-access":                                          {officer, guardian},
	"GET /privacy/patient-enquiries":                                    {officer, guardian},
}

// theirs are the routes of local authorities, with the status of an empty request.
var theirs = map[string]int{"POST /la/uploads": 415, "GET /la/uploads/{id}": 404, "GET /la/notifications": 200}

// anyone are the routes that need no session.
var anyone = []string{
	"POST /oauth2/challenge", "POST /oauth2/token", "POST /oauth2/revoke", "GET /livez",
	"GET /readyz", "GET /openapi.json",
}

func TestEveryRouteForEveryKindOfRole(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	b.office("V999")
	seen := make(map[string]bool)
	for _, rt := range b.hub.Routes() {
		name := rt.Method + " " + rt.Path
		seen[name] = true
		for _, action := range actionsOf(rt) {
			if _, known := audit.Actions[action]; !known {
				t.Errorf("%s: action %q isn't in audit.Actions", name, action)
			}
		}

		if (rt.Cost > 0) == (rt.Open != "") {
			t.Errorf("%s: got cost %d, want a cost for authenticated routes only", name, rt.Cost)
		}

		if slices.Contains(anyone, name) {
			if rt.Open == "" || rt.Authority != "" || len(rt.Actions) != 0 {
				t.Errorf("%s: got no reason why the route is open, or an action", name)
			}
			continue
		}

		if status, ok := theirs[name]; ok {
			checkTheirs(t, x, rt, status)
			continue
		}

		if rt.Open != "" || rt.Authority != "" || len(rt.Actions) == 0 || allowed[name] == nil {
			t.Errorf("%s isn't covered by this test", name)
			continue
		}

		for urid := range roleKinds {
			check(t, x, rt, name, urid)
			if strings.HasPrefix(rt.Path, "/cpis") {
				check(t, x, rt, name+" silently", urid, scheduled)
			}
		}
	}

	for name := range theirs {
		if !seen[name] {
			t.Errorf("%s is not served", name)
		}
	}

	for name := range allowed {
		if !seen[strings.TrimSuffix(name, " silently")] {
			t.Errorf("%s is not served", name)
		}
	}
}

// actionsOf returns the actions that an audit record of the route may have.
func actionsOf(rt api.Route) []string {
	switch {
	case rt.Authority != "":
		return []string{rt.Authority}
	case rt.Audited != "":
		return []string{rt.Audited}
	}
	var all []string
	for _, a := range rt.Actions {
		all = append(all, a.String())
	}
	return all
}

func check(t *testing.T, x *terminal, rt api.Route, name, urid string, change ...func(*http.Request)) {
	t.Helper()
	path := strings.ReplaceAll(rt.Path, "{number}", tess.Digits())
	var query url.Values
	switch {
	case strings.HasPrefix(path, "/cpis"):
		query = about(tess)
	case path == patients:
		query = url.Values{"family": {"Example"}, "birthdate": {"2016-03-04"}}
	case strings.HasPrefix(path, "/privacy"):
		query = period(path)
	}

	r := x.get(urid, path, query, change...)
	want := 403
	if slices.Contains(allowed[name], urid) {
		want = 200
	}

	if r.status != want {
		t.Errorf("%s as %s: got status %d, want %d; body: %s", name, urid, r.status, want, r.body)
	}

	lacks := strings.Contains(r.body, " lacks B0") || strings.Contains(r.body, " lacks the job role R0001 ")
	if want == 403 && (!strings.Contains(r.body, "ACCESS_DENIED") || !lacks) {
		t.Errorf("%s as %s: the refusal lacks the missing activity code or job role: %s", name, urid, r.body)
	}

	without := x.get(urid, path, query, append(change, func(r *http.Request) { r.Header.Del("Authorization") })...)
	if without.status != 401 {
		t.Errorf("%s without a token: got status %d, want 401", name, without.status)
	}

	as := x.get(urid, path, query, append(change, func(r *http.Request) {
		r.SetBasicAuth("V999", "wlla_V999-secret")
	})...)
	if as.status != 401 {
		t.Errorf("%s with an authority's credential: got status %d, want 401", name, as.status)
	}
}

// checkTheirs checks that a route of authorities accepts an authority's credential, and no person's session.
func checkTheirs(t *testing.T, x *terminal, rt api.Route, want int) {
	t.Helper()
	if rt.Open != "" || rt.Authority == "" || len(rt.Actions) != 0 {
		t.Errorf("%s %s: got no action of an authority, or permissions of persons", rt.Method, rt.Path)
	}

	o := &office{x.b, "V999", "wlla_V999-secret"}
	path := strings.ReplaceAll(rt.Path, "{id}", uuid.NewString())
	if r := o.send(rt.Method, path, "", ""); r.status != want {
		t.Errorf("%s %s as an authority: got status %d, body %s; want %d", rt.Method, path, r.status, r.body, want)
	}

	for name, change := range map[string]func(*http.Request){
		"nobody": func(r *http.Request) { r.Header.Del("Authorization") },
		"a person": func(r *http.Request) {
			r.Header.Set("Authorization", "DPoP "+x.token)
			r.Header.Set("DPoP", x.proof(rt.Method, path))
			r.Header.Set("NHSD-Session-URID", both)
		},
	} {
		if r := o.send(rt.Method, path, "", "", change); r.status != 401 {
			t.Errorf("%s %s as %s: got status %d, body %s; want 401", rt.Method, path, name, r.status, r.body)
		}
	}
}

func TestWhatIsNotInTheTableIsNotServed(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/", 404},
		{"GET", "/personal-demographics/FHIR/R4/", 404},
		{"GET", "/personal-demographics/FHIR/R4/Patient/", 404},
		{"GET", "/personal-demographics/FHIR/R4/Patient/9990000018/RelatedPerson/R1", 404},
		{"PATCH", patients + "/9990000018", 404},
		{"POST", patients, 404},
		{"POST", careTeam, 404},
		{"GET", "/oauth2/token", 404},
		{"GET", "/metrics", 404},
		{"GET", "/debug/pprof/", 404},
		{"HEAD", careTeam, 405},
		{"HEAD", patients + "/9990000018", 405},
	} {
		req := x.request(nurse, c.path, about(tess))
		req.Method = c.method
		req.Header.Set("DPoP", x.proof(c.method, c.path))
		if r := b.do(req); r.status != c.status || strings.Contains(r.body, "Bundle") {
			t.Errorf("%s %s: got status %d, body %s; want %d", c.method, c.path, r.status, r.body, c.status)
		}
	}

	if a, _ := b.left(tess); len(a) != 0 {
		t.Errorf("refused requests left %d accesses, want none", len(a))
	}
}

func TestTheHeadersOfEveryClinicalRequest(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	search := url.Values{"family": {"Example"}, "birthdate": {"2016-03-04"}}
	for _, c := range []struct {
		name      string
		change    func(*http.Request)
		pds, cpis string
	}{
		{
			"no X-Request-ID", func(r *http.Request) { r.Header.Del("X-Request-ID") },
			"MISSING_VALUE Invalid request with error - X-Request-ID header must be supplied to access this resource",
			"PRECONDITION_FAILED",
		},
		{
			"X-Request-ID is no UUID", header("X-Request-ID", "1234"),
			"INVALID_VALUE Invalid value - '1234' in header 'X-Request-ID'", "PRECONDITION_FAILED",
		},
		{
			"no role", func(r *http.Request) { r.Header.Del("NHSD-Session-URID") },
			"INVALID_VALUE Invalid value - '' in header 'NHSD-Session-URID'. Refer to the guidance",
			"PRECONDITION_FAILED",
		},
		{
			"another's role", header("NHSD-Session-URID", "999000000223"),
			"INVALID_VALUE Invalid value - '999000000223' in header 'NHSD-Session-URID'", "PRECONDITION_FAILED",
		},
		{
			"two roles", func(r *http.Request) { r.Header.Add("NHSD-Session-URID", gp) },
			"INVALID_VALUE Invalid value - '' in header", "PRECONDITION_FAILED",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for path, want := range map[string]string{patients: c.pds, flag: c.cpis, careTeam: c.cpis, events: c.cpis} {
				query := about(tess)
				if path == patients {
					query = search
				}
				r := x.get(nurse, path, query, c.change)
				code, diagnostics, _ := strings.Cut(want, " ")
				if r.status != 400 || !strings.Contains(r.body, `"code":"`+code+`"`) ||
					!strings.Contains(r.body, diagnostics) {
					t.Errorf("GET %s: got status %d, body %s; want 400 %s", path, r.status, r.body, want)
				}
			}
		})
	}

	id := strings.ToUpper(uuid.NewString())
	r := x.get(nurse, flag, about(tess), header("X-Request-ID", id), header("X-Correlation-ID", "c-1"))
	if r.status != 200 || r.header.Get("X-Request-ID") != id || r.header.Get("X-Correlation-ID") != "c-1" {
		t.Errorf("request IDs in an answer: got status %d, headers %v; want 200 with both IDs", r.status, r.header)
	}

	bad := x.get(nurse, flag, nil, header("X-Request-ID", id))
	if bad.status != 400 || bad.header.Get("X-Request-ID") != id {
		t.Errorf("request IDs in an error: got status %d, headers %v; want 400 with the ID", bad.status, bad.header)
	}
}

// panicking is a store that panics with a secret in the message.
type panicking struct{ store.Store }

func (panicking) Plans(context.Context, []nhs.Number) ([]store.PlanWithAuthority, error) {
	panic("secret")
}

func TestAPanicIsAnAnswerWithoutAWordOfIt(t *testing.T) {
	b := newFixture(t, over(func(s store.Store) store.Store { return panicking{s} }))
	x := b.signIn()
	r := x.get(nurse, careTeam, about(tess))
	if r.status != 500 || !strings.Contains(r.body, "OperationOutcome") || strings.Contains(r.body, "secret") ||
		strings.Contains(r.body, ".go") {
		t.Errorf("opening with a panicking store: got status %d, body %s; want 500 without the panic's message",
			r.status, r.body)
	}
	if !strings.Contains(b.log.String(), "panicked") || strings.Contains(b.log.String(), tess.Digits()) {
		t.Error("the log lacks \"panicked\", or contains the NHS number")
	}
	if r := x.get(nurse, patients+"/"+tess.Digits(), nil); r.status != 200 {
		t.Errorf("request after the panic: got status %d, want 200", r.status)
	}
}

func TestHealth(t *testing.T) {
	b := newFixture(t)
	get := func(path string) response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+path, nil)
		must(t, err)
		return b.do(req)
	}
	for _, path := range []string{"/livez", "/readyz"} {
		if r := get(path); r.status != 200 {
			t.Errorf("GET %s: got status %d, body %s; want 200", path, r.status, r.body)
		}
	}
	must(t, b.sqlite.Close())
	b.clock.Add(time.Second)
	if r := get("/readyz"); r.status != 503 {
		t.Errorf("GET /readyz with a closed store: got status %d, want 503", r.status)
	}
	if r := get("/livez"); r.status != 200 {
		t.Errorf("GET /livez with a closed store: got status %d, want 200", r.status)
	}
}

func TestABodyIsBounded(t *testing.T) {
	b := newFixture(t)
	r := b.post("/oauth2/token", url.Values{"assertion": {strings.Repeat("A", 1<<20)}}, "")
	if r.status != http.StatusRequestEntityTooLarge || !strings.Contains(r.body, "request_malformed") {
		t.Errorf("sign-in with a large body: got status %d, body %s; want 413 request_malformed", r.status, r.body)
	}
}
