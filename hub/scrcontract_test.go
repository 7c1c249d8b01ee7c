package hub_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/limit"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/nhs"
	"wardlight/internal/prismtest"
)

// scrContract is hubs behind Prism, and the answers of them that Prism has validated.
type scrContract struct {
	*testing.T
	prism    string
	answered map[prismtest.Response]bool // without the issue
}

// newSCRContract starts Prism in front of a reverse proxy to each test's own hub.
func newSCRContract(t *testing.T) *scrContract {
	t.Helper()
	board := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			if hub, err := url.Parse(r.In.Header.Get(hubHeader)); err == nil {
				r.SetURL(hub)
			}
		},
		ModifyResponse: func(r *http.Response) error {
			if r.Request.Header.Get("X-Test-Spoil") != "" {
				r.Header.Set("Content-Type", "text/plain")
			}
			return nil
		},
	})
	t.Cleanup(board.Close)
	return &scrContract{t, prismtest.SCRProxy(t, "..", board.URL), make(map[prismtest.Response]bool)}
}

// through makes the hub's answers to requests about summaries pass Prism.
func (c *scrContract) through(b *fixture) {
	b.by = func(r *http.Request) {
		path, ok := strings.CutPrefix(r.URL.EscapedPath(), prismtest.SCRBase)
		if !ok {
			return
		}
		by, err := url.Parse(c.prism + path + "?" + r.URL.RawQuery)
		must(c, err)
		r.Header.Set(hubHeader, b.server.URL)
		r.URL, r.Host = by, ""
	}
}

// answers returns a function that checks an answer of a route: what Prism says about it, its status, and a text in it.
// The code of an error's issue must be the document's, or one that FHIR has below it.
func (c *scrContract) answers(method, path string, described []prismtest.Response) func(string, response, int, string) {
	return func(what string, r response, status int, has string) {
		c.Helper()
		what = fmt.Sprintf("%s %s, %s", method, path, what)
		if r.status != status || !strings.Contains(r.body, has) || strings.Contains(r.body, "#VIOLATIONS") {
			c.Errorf("%s: got %d %s, want %d with %s", what, r.status, r.body, status, has)
		}
		c.answered[prismtest.Response{Method: method, Path: path, Status: status}] = true
		if status < http.StatusBadRequest {
			return
		}

		var o fhir.OperationOutcome
		if err := json.Unmarshal([]byte(r.body), &o); err != nil || len(o.Issue) != 1 {
			c.Errorf("%s: got %s, want an OperationOutcome with one issue", what, r.body)
			return
		}
		for _, d := range described {
			if d.Method == method && d.Path == path && d.Status == status && d.Issue != "" &&
				!slices.Contains(narrower[d.Issue], o.Issue[0].Code) {
				c.Errorf("%s: got the issue %s, want %s or a narrower one", what, o.Issue[0].Code, d.Issue)
			}
		}
	}
}

// narrower is the document's codes of issues with those below them (FHIR R4, IssueType). Two codes of our hub say more
// than the document's: that the content was too long, and that a fault was an exception.
var narrower = map[string][]string{
	"invalid":       {"invalid", "structure", "required", "value", "invariant", "too-long"},
	"forbidden":     {"forbidden"},
	"not-supported": {"not-supported"},
	"transient":     {"transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled"},
	"unknown":       {"unknown", "exception"},
}

// brokenRecords is a source of records with a fault.
type brokenRecords struct{}

func (brokenRecords) RecordStatus(context.Context, nhs.Number) (trace.RecordStatus, error) {
	panic("a fault")
}

// TestSummary_ContractOfTheNHS checks answers of each kind with the NHS's description of the API, through Prism: each
// route of viewing, with each status that the description has for it.
func TestSummary_ContractOfTheNHS(t *testing.T) {
	c := newSCRContract(t)
	described := prismtest.SCRResponses(t, "..")
	if len(described) < 20 {
		t.Errorf("the document describes %d responses, want at least 20: %v", len(described), described)
	}
	found := c.answers(http.MethodGet, "/DocumentReference", described)
	viewed := c.answers(http.MethodGet, "/Bundle", described)
	raised := c.answers(http.MethodPost, "/AuditEvent", described)
	id := summaryOf(tess, start).ID
	without := func(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }

	b, x := newSummaryFixture(t)
	c.through(b)
	found("found", x.get(reader, scrReference, scrOf(tess)), 200, "masterIdentifier")
	found("none on file", x.get(reader, scrReference, scrOf(plain)), 200, `"total":0`)
	found("no parameters", x.get(reader, scrReference, nil), 400, "INVALID_SEARCH_DATA")
	found("no token", x.get(reader, scrReference, scrOf(tess), without("Authorization")), 401, "ACCESS_DENIED")
	found("unknown patient", x.get(reader, scrReference, scrOf(absent)), 404, "RESOURCE_NOT_FOUND")
	found("no B0370", x.get(nurse, scrReference, scrOf(tess)), 403, "B0370")

	viewed("summary", x.get(reader, scrBundle, viewOf(tess, id), agreed), 200, "penicillin")
	viewed("outdated", x.get(reader, scrBundle, viewOf(tess, uuid.NewString()), agreed), 200, `"total":0`)
	viewed("no permission", x.get(reader, scrBundle, viewOf(tess, id)), 400, "PRECONDITION_FAILED")
	viewed("no patient", x.get(reader, scrBundle, nil, agreed), 400, "INVALID_SEARCH_DATA")
	viewed("no token", x.get(reader, scrBundle, viewOf(tess, id), agreed, without("Authorization")), 401,
		"ACCESS_DENIED")
	viewed("no B0168", x.get(reader, scrBundle, viewOf(tess, id), emergency), 403, "B0168")

	const fhirJSON = "application/fhir+json"
	event := auditEvent(tess, 1, 6)
	raised("alert", x.write(reader, scrAlert, fhirJSON, event), 201, "")
	raised("no alert", x.write(reader, scrAlert, fhirJSON, "{}"), 400, "INVALID_VALUE")
	raised("no token", x.write(reader, scrAlert, fhirJSON, event, without("Authorization")), 401, "ACCESS_DENIED")
	raised("no B0370", x.write(nurse, scrAlert, fhirJSON, event), 403, "B0370")
	large := auditEvent(tess, 1, 6, "a test alert", strings.Repeat("x", 65<<10))
	raised("too large", x.write(reader, scrAlert, fhirJSON, large), 413, "INVALID_VALUE")
	raised("text", x.write(reader, scrAlert, "text/plain", event), 415, "not-supported")

	b.exec("CREATE TRIGGER no_opening BEFORE INSERT ON opening BEGIN SELECT RAISE(ABORT, 'no'); END")
	viewed("nothing stored", x.get(reader, scrBundle, viewOf(tess, id), agreed), 503, "UNABLE_TO_CALL_SERVICE")
	raised("nothing stored", x.write(reader, scrAlert, fhirJSON, event), 503, "UNABLE_TO_CALL_SERVICE")
	b.exec("DROP TRIGGER no_opening")

	spoilt := x.get(reader, scrReference, scrOf(tess), header("X-Test-Spoil", "1"))
	if !strings.Contains(spoilt.body, "#VIOLATIONS") {
		t.Errorf("a spoilt answer through Prism: got %d %s, want #VIOLATIONS", spoilt.status, spoilt.body)
	}

	broken, y := newSummaryFixture(t, func(_ *fixture, c *hub.Config) { c.Records = brokenRecords{} })
	c.through(broken)
	found("a fault", y.get(reader, scrReference, scrOf(tess)), 500, "INTERNAL_SERVER_ERROR")
	viewed("a fault", y.get(reader, scrBundle, viewOf(tess, id), agreed), 500, "INTERNAL_SERVER_ERROR")
	raised("a fault", y.write(reader, scrAlert, fhirJSON, event), 500, "INTERNAL_SERVER_ERROR")

	limited, z := newSummaryFixture(t, func(_ *fixture, c *hub.Config) {
		c.Limits = &limit.Config{RequestPerson: limit.Rate{PerSecond: 1.0 / float64(time.Hour/time.Second), Burst: 1}}
	})
	c.through(limited)
	z.get(reader, scrReference, scrOf(tess))
	found("too many", z.get(reader, scrReference, scrOf(tess)), 429, "TOO_MANY_REQUESTS")
	viewed("too many", z.get(reader, scrBundle, viewOf(tess, id), agreed), 429, "TOO_MANY_REQUESTS")
	raised("too many", z.write(reader, scrAlert, fhirJSON, event), 429, "TOO_MANY_REQUESTS")

	// What the national service refuses, also in HTML, is an answer in the contract's shape to the terminal.
	s := newSCRSource(t)
	c.through(s.fixture)
	for _, refused := range []struct {
		answer http.HandlerFunc
		status int
		has    string
	}{
		{nationaltest.SCROutcome(403, "forbidden", "no consent"), 403, "scr-no-consent"},
		{nationaltest.SCROutcome(420, "forbidden", "Code: 420"), 420, "scr-access-controlled"},
		{nationaltest.SCROutcome(500, "unknown", "Unknown Error"), 503, "scr-unavailable"},
		{nationaltest.Gateway(503), 503, "scr-unavailable"},
	} {
		s.platform.Replace(nationaltest.Reference, refused.answer)
		s.platform.Replace(nationaltest.Summary, refused.answer)
		viewed("refused", s.x.get(reader, scrBundle, viewOf(tess, id), agreed), refused.status, refused.has)
		if refused.status != 420 { // only a summary has it
			found("refused", s.x.get(reader, scrReference, scrOf(tess)), refused.status, refused.has)
		}
	}

	for _, d := range described {
		d.Issue = ""
		if !c.answered[d] {
			t.Errorf("%s %s: no request of this test got the document's status %d", d.Method, d.Path, d.Status)
		}
	}
}
