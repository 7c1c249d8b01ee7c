package hub_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/limit"
	"wardlight/internal/prismtest"
)

// TestSummary_ContractOfTheNHS checks answers of each kind with the NHS's description of the API, through Prism.
func TestSummary_ContractOfTheNHS(t *testing.T) {
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
	prism := prismtest.SCRProxy(t, "..", board.URL)
	through := func(b *fixture) {
		b.by = func(r *http.Request) {
			path, ok := strings.CutPrefix(r.URL.EscapedPath(), prismtest.SCRBase)
			if !ok {
				return
			}
			by, err := url.Parse(prism + path + "?" + r.URL.RawQuery)
			must(t, err)
			r.Header.Set(hubHeader, b.server.URL)
			r.URL, r.Host = by, ""
		}
	}
	is := func(what string, r response, status int, has string) {
		t.Helper()
		if r.status != status || !strings.Contains(r.body, has) || strings.Contains(r.body, "#VIOLATIONS") {
			t.Errorf("%s: got %d %s, want %d with %s", what, r.status, r.body, status, has)
		}
	}

	b, x := newSummaryFixture(t)
	through(b)
	id := summaryOf(tess, start).ID
	const fhirJSON = "application/fhir+json"
	without := func(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }
	is("found", x.get(reader, scrReference, scrOf(tess)), 200, "masterIdentifier")
	is("none on file", x.get(reader, scrReference, scrOf(plain)), 200, `"total":0`)
	is("summary", x.get(reader, scrBundle, viewOf(tess, id), agreed), 200, "penicillin")
	is("outdated", x.get(reader, scrBundle, viewOf(tess, uuid.NewString()), agreed), 200, `"total":0`)
	is("alert", x.write(reader, scrAlert, fhirJSON, auditEvent(tess, 1, 6)), 201, "")
	is("400", x.get(reader, scrReference, nil), 400, "INVALID_SEARCH_DATA")
	is("400 of a view", x.get(reader, scrBundle, viewOf(tess, id)), 400, "PRECONDITION_FAILED")
	is("400 of an alert", x.write(reader, scrAlert, fhirJSON, "{}"), 400, "INVALID_VALUE")
	is("401", x.get(reader, scrReference, scrOf(tess), without("Authorization")), 401, "ACCESS_DENIED")
	is("403", x.get(nurse, scrReference, scrOf(tess)), 403, "B0370")
	is("404", x.get(reader, scrReference, scrOf(absent)), 404, "RESOURCE_NOT_FOUND")
	is(
		"413",
		x.write(reader, scrAlert, fhirJSON, auditEvent(tess, 1, 6, "a test alert", strings.Repeat("x", 65<<10))),
		413,
		"INVALID_VALUE",
	)
	is("415", x.write(reader, scrAlert, "text/plain", auditEvent(tess, 1, 6)), 415, "not-supported")
	b.exec("CREATE TRIGGER no_opening BEFORE INSERT ON opening BEGIN SELECT RAISE(ABORT, 'no'); END")
	is("503", x.get(reader, scrBundle, viewOf(tess, id), agreed), 503, "UNABLE_TO_CALL_SERVICE")
	b.exec("DROP TRIGGER no_opening")

	if r := x.get(reader, scrReference, scrOf(tess), header("X-Test-Spoil", "1")); !strings.Contains(
		r.body,
		"#VIOLATIONS",
	) {
		t.Errorf("a spoilt answer through Prism: got %d %s, want #VIOLATIONS", r.status, r.body)
	}

	limited, y := newSummaryFixture(t, func(_ *fixture, c *hub.Config) {
		c.Limits = &limit.Config{RequestPerson: limit.Rate{PerSecond: 1.0 / float64(time.Hour/time.Second), Burst: 1}}
	})
	through(limited)
	y.get(reader, scrReference, scrOf(tess))
	is("429", y.get(reader, scrReference, scrOf(tess)), 429, "TOO_MANY_REQUESTS")
}
