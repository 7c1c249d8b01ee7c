package hub_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

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

// TestABodyIsBounded sends a body of 1 MB to each open route. None may read it whole.
func TestABodyIsBounded(t *testing.T) {
	b := newFixture(t)
	for path, want := range map[string]int{
		"/oauth2/token": http.StatusRequestEntityTooLarge, "/oauth2/revoke": http.StatusRequestEntityTooLarge,
		"/oauth2/browser":            http.StatusRequestEntityTooLarge,
		"/oauth2/backchannel_logout": http.StatusRequestEntityTooLarge,
		"/oauth2/challenge":          http.StatusOK, // does not read it
	} {
		body := &countedBody{left: 1 << 20}
		w := httptest.NewRecorder()
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, body)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		b.hub.Handler().ServeHTTP(w, req)
		if w.Code != want || want != http.StatusOK && !strings.Contains(w.Body.String(), "request_malformed") {
			t.Errorf("POST %s with a large body: got status %d, body %s; want %d", path, w.Code, w.Body, want)
		}
		if body.read > 64<<10+1 {
			t.Errorf("POST %s with a large body: %d bytes were read, want 64 kB at most", path, body.read)
		}
	}
}

// countedBody is a body of that many letters, which counts what is read of it.
type countedBody struct{ left, read int }

func (c *countedBody) Read(p []byte) (int, error) {
	n := min(len(p), c.left)
	if n == 0 {
		return 0, io.EOF
	}
	for i := range p[:n] {
		p[i] = 'A'
	}
	c.left, c.read = c.left-n, c.read+n
	return n, nil
}
