package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/fhir"
	"wardlight/internal/summary"
	"wardlight/internal/summary/summarytest"
	"wardlight/internal/text"
)

// fixedAnswers is a transport that answers the two requests of a view, and passes all others on.
type fixedAnswers struct {
	next         http.RoundTripper
	status       int
	latest, view []byte
}

// RoundTrip returns the fixed answer.
func (f *fixedAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	body, status := f.latest, http.StatusOK
	switch {
	case strings.HasSuffix(r.URL.Path, "/Bundle"):
		body, status = f.view, f.status
	case !strings.HasSuffix(r.URL.Path, "/DocumentReference"):
		return f.next.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: status, Request: r, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		Header: http.Header{
			"Content-Type": {fhir.MediaType}, "X-Request-Id": {r.Header.Get("X-Request-Id")},
			"Date": {noon.UTC().Format(http.TimeFormat)},
		},
	}, nil
}

// FuzzViewSummary views a summary with any answers. Only a summary of the patient is available, and then it says
// something about allergies. Nothing of an answer reaches the caller that is not safe to show.
func FuzzViewSummary(f *testing.F) {
	hub := hubtest.New(f, at(noon))
	answers := &fixedAnswers{}
	acting := nurse(f, hub, func(c *client.Config) {
		answers.next = c.HTTP.Transport
		c.HTTP.Transport = answers
	})
	encoded := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	patient := map[string]any{
		"resourceType": "Patient", "id": "p",
		"identifier": []any{map[string]any{"system": fhir.SystemNHSNumber, "value": hubtest.WithAlert}},
	}
	found := encoded(hub.SummarySet(hubtest.SummaryReference("Ask"), patient))
	f.Add(found, encoded(hub.SummaryOf(hubtest.WithAlert, hubtest.DefaultSections()...)), 200)
	f.Add(found, encoded(hub.SummaryOf(hubtest.NoAlert, hubtest.DefaultSections()...)), 200)
	f.Add(encoded(hub.SummarySet(hubtest.SummaryReference("No"), patient)), []byte("{}"), 200)
	f.Add(encoded(hub.SummarySet()), []byte(`{}`), 200)
	f.Add(found, encoded(hub.SummarySet()), 200)
	f.Add(found, encoded(fhir.NewOutcome("error", "forbidden", "ACCESS_DENIED", "", "lacks B0370")), 403)
	f.Add(found, []byte("<html>\x1b[2J503 Service Temporarily Unavailable</html>"), 503)
	for _, c := range summarytest.Hostile() {
		sections := make([]any, len(c.Sections))
		for i, s := range c.Sections {
			sections[i] = s
		}
		if body := encoded(hub.SummaryOf(hubtest.WithAlert, sections...)); len(body) < 10_000 {
			f.Add(found, body, 200)
		}
	}

	f.Fuzz(func(t *testing.T, latest, view []byte, status int) {
		if status < 200 || status > 599 || status >= 300 && status < 400 {
			return
		}
		answers.latest, answers.view, answers.status = latest, view, status
		for _, v := range []client.SummaryView{agreed, urgent} {
			checkView(t, acting.ViewSummary(t.Context(), hubtest.WithAlert, v, ""), view, status)
		}
	})
}

// checkView checks the result of a view for an answer.
func checkView(t *testing.T, s client.Summary, view []byte, status int) {
	t.Helper()
	shown := append(s.Document.Linear(noon.Location()), s.State.String(), s.RequestID, s.Document.Author)
	for _, l := range s.Document.Lines(58, noon.Location()) {
		shown = append(shown, l.Text)
	}
	var e *client.Error
	if errors.As(s.Err, &e) {
		shown = append(append(shown, e.Sentence(), e.Advice(), e.Code()), e.Missing...)
	}
	for _, l := range shown {
		if text.Clean(l, len(l)+1) != l {
			t.Fatalf("the text %q is not safe to show", l)
		}
	}

	if s.State != client.SummaryAvailable {
		if len(s.Document.Sections)+len(s.Document.About) > 0 || !strings.Contains(s.State.String(), "not known") {
			t.Errorf("%s: got %q and %d sections, want none", s.State.Name(), s.State, len(s.Document.Sections))
		}
		answered := s.State == client.SummaryNone || s.State == client.SummaryNotPermitted ||
			s.State == client.SummaryOutdated
		if !answered && e == nil {
			t.Errorf("%s: got no error", s.State.Name())
		}
		return
	}

	var bundle struct {
		Entry []struct {
			Resource struct {
				Section []struct {
					Code struct{ Coding []struct{ Code string } }
				}
			}
		}
	}
	if json.Unmarshal(view, &bundle) != nil || status != http.StatusOK || e != nil {
		t.Errorf("got a summary with the status %d and the error %v from %q", status, s.Err, view)
	}
	first := s.Document.Sections[0]
	if first.Code != summary.Allergies || first.State == 0 ||
		first.State == summary.Filled != (first.Statement() == "") || len(first.Linear()) == 0 {
		t.Errorf("first section: got %+v, want the allergies in one of their states", first)
	}
	for _, entry := range bundle.Entry {
		for _, section := range entry.Resource.Section {
			for _, c := range section.Code.Coding {
				if c.Code == summary.Allergies && first.State == summary.Missing {
					t.Errorf("the allergies of %q are not in the summary", view)
				}
			}
		}
	}
}
