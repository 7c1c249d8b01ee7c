package hub_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/lab/people"
)

// FuzzSCR makes the Summary Care Record API answer with anything. The hub shows a summary, or that none is on file,
// only if the answer may say so about this patient. Its seeds are answers of each kind.
func FuzzSCR(f *testing.F) {
	d := summaryOf(tess, start)
	const none = `{"resourceType":"Bundle","type":"searchset","total":0}`
	outcome := `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"forbidden",` +
		`"details":{"text":"no consent"}}]}`
	for _, seed := range []struct {
		status      int
		media, body string
	}{
		{200, fhir.MediaType, none},
		{200, "text/html", none},
		{201, fhir.MediaType, none},
		{403, fhir.MediaType, none},
		{404, fhir.MediaType, none},
		{200, fhir.MediaType, strings.Replace(none, "searchset", "collection", 1)},
		{200, fhir.MediaType, string(d.Body)},
		{200, "application/json", string(d.Body)},
		{206, fhir.MediaType, string(d.Body)},
		{200, fhir.MediaType, string(people.NewSummary(plain, start, people.Allergies()).Bundle)},
		{200, fhir.MediaType, scrReferenceOf(d.ID, "No", tess)},
		{200, fhir.MediaType, scrReferenceOf(d.ID, "Ask", tess)},
		{200, fhir.MediaType, scrReferenceOf(d.ID, "Ask", plain)},
		{403, fhir.MediaType, outcome},
		{420, fhir.MediaType, outcome},
		{200, fhir.MediaType, outcome},
		{403, "text/html", "<html>consent</html>"},
		{200, fhir.MediaType, `null`},
		{200, fhir.MediaType, `{"resourceType":"Bundle","type":"searchset","entry":[null]}`},
		{200, fhir.MediaType, ``},
		{302, "", ""},
		{503, "text/html", "<html>503</html>"},
	} {
		f.Add(seed.status, seed.media, seed.body)
	}

	s := newSCRSourceWith(f, func(_ *fixture, c *hub.Config) { longSessions(c) })
	f.Fuzz(func(t *testing.T, status int, media, body string) {
		if status < 200 || status > 599 || strings.ContainsAny(media, "\r\n\x00") {
			t.Skip("not an HTTP answer")
		}
		s.t = t
		s.clock.Add(time.Minute) // a circuit tries again
		for _, place := range []nationaltest.Place{nationaltest.Reference, nationaltest.Summary} {
			s.platform.Replace(place, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", media)
				w.Header().Set("X-Request-ID", r.Header.Get("X-Request-ID"))
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			})
		}

		about := aboutTess(body)
		says := status == http.StatusOK && strings.HasPrefix(strings.ToLower(strings.TrimSpace(media)), fhir.MediaType)
		for what, request := range map[string]*http.Request{
			"search": s.x.request(reader, scrReference, scrOf(tess)),
			"view":   s.x.request(reader, scrBundle, viewOf(tess, d.ID), agreed),
		} {
			answered, got := s.ask(request) // parts of a summary are passed on, and may not be valid FHIR
			switch {
			case answered == http.StatusForbidden && !strings.Contains(strings.ToLower(unescaped(body)), "consent"):
				t.Errorf("%s: got %s of an answer without consent: %q", what, got, body)
			case answered != http.StatusOK:
			case !says:
				t.Errorf("%s: got %s of an answer with status %d, type %q", what, got, status, media)
			case isEmptySearchset(got) && !isEmptySearchset(body):
				t.Errorf("%s: got %s of an answer that is no empty searchset: %q", what, got, body)
			case !isEmptySearchset(got) && !about:
				t.Errorf("%s: got %s of an answer that is not about the patient: %q", what, got, body)
			}
		}
	})
}

// unescaped returns JSON without escapes, or the text if it isn't JSON.
func unescaped(body string) string {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return body
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return body
	}
	return string(plain)
}

// aboutTess reports whether an answer has the NHS number of tess.
func aboutTess(body string) bool { return strings.Contains(unescaped(body), tess.Digits()) }

// isEmptySearchset reports whether an answer is a searchset without entries.
func isEmptySearchset(body string) bool {
	var b struct {
		ResourceType, Type string
		Entry              []any
	}
	return json.Unmarshal([]byte(body), &b) == nil && b.ResourceType == "Bundle" && b.Type == "searchset" &&
		len(b.Entry) == 0
}
