package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/prismtest"
	"wardlight/internal/summary"
)

// mockedSummaries returns a client whose Summary Care Records come from the mock. Requests for the path get an answer
// with the status; 0 is the document's first one.
func mockedSummaries(t *testing.T, mock, path string, status int) *client.Acting {
	t.Helper()
	prefer := ""
	if status != 0 {
		prefer = fmt.Sprintf("code=%d", status)
	}
	return nurse(t, hubtest.New(t, at(noon)), func(c *client.Config) {
		c.HTTP.Transport = mockRedirect{
			base: prismtest.SCRBase, mock: mock, prefer: prefer, only: path, mirror: true,
			next:   c.HTTP.Transport,
			refuse: func(why string) { t.Errorf("not a request that the document allows: %s", why) },
		}
	})
}

// TestViewSummary_IndependentMock views summaries at a mock that answers from the NHS's own API document, and refuses
// requests that the document does not allow: its examples, and each of its errors at each request of a view.
func TestViewSummary_IndependentMock(t *testing.T) {
	mock := prismtest.SCRMock(t, "..")
	for _, v := range []client.SummaryView{agreed, urgent} {
		s := mockedSummaries(t, mock, "", 0).ViewSummary(t.Context(), smithNumber, v, "")
		if s.State != client.SummaryAvailable || s.Err != nil || s.Document.Author != "Dr Steve Jones" {
			t.Fatalf("ViewSummary = %s, %v; want the document's example", s.State.Name(), s.Err)
		}
		first := s.Document.Sections[0]
		if first.Code != summary.Allergies || first.State != summary.Filled || len(first.Linear()) < 2 {
			t.Errorf("first section: got %s, %q; want the allergies of the example", first.Code, first.Linear())
		}
	}

	// The mock has the same example for every number, so it is about another patient.
	s := mockedSummaries(t, mock, "", 0).ViewSummary(t.Context(), hubtest.WithAlert, agreed, "")
	if s.State != client.SummaryCouldNotCheck || client.KindOf(s.Err) != client.SummaryOtherPatient ||
		len(s.Document.Sections) > 0 {
		t.Errorf("of another patient: ViewSummary = %s, %v; want SummaryOtherPatient", s.State.Name(), s.Err)
	}

	for _, d := range prismtest.SCRResponses(t, "..") {
		if d.Method != http.MethodGet || d.Status < http.StatusBadRequest {
			continue
		}
		for _, v := range []client.SummaryView{agreed, urgent} {
			t.Run(fmt.Sprintf("%s %d %s", strings.TrimPrefix(d.Path, "/"), d.Status, v.Permission), func(t *testing.T) {
				want, known := documentedErrors[d.Status]
				if !known {
					t.Fatalf("the document has a status that this test does not know: %+v", d)
				}
				s := mockedSummaries(t, mock, d.Path, d.Status).ViewSummary(t.Context(), smithNumber, v, "")
				var e *client.Error
				if !errors.As(s.Err, &e) || s.State != want.state || e.Kind != want.kind || e.Code() != want.code ||
					e.Sentence() == "" || e.Advice() == "" || len(s.Document.Sections) > 0 {
					t.Fatalf("ViewSummary = %s, %v; want %s, %s", s.State.Name(), s.Err, want.state.Name(), want.code)
				}
				mayBe := d.Path == "/Bundle" && v.Alerts() && d.Status >= http.StatusInternalServerError
				if e.OutcomeUnknown != mayBe {
					t.Errorf("OutcomeUnknown = %v, want %v", e.OutcomeUnknown, mayBe)
				}
			})
		}
	}
}

// documentedErrors is what a view is for each error of the document. The document's errors have no Spine code.
var documentedErrors = map[int]struct {
	state client.SummaryState
	kind  client.Kind
	code  string
}{
	400: {client.SummaryCouldNotCheck, client.BadRequest, "H20-400"},
	401: {client.SummaryCouldNotCheck, client.SignedOut, "H30-401"},
	403: {client.SummaryRefused, client.NotAllowed, "H31-403"},
	420: {client.SummaryRefused, client.SummaryAccessControlled, "H66-420"},
	429: {client.SummaryCouldNotCheck, client.Busy, "H15-429"},
	500: {client.SummaryCouldNotCheck, client.Failing, "H16-500"},
	503: {client.SummaryCouldNotCheck, client.Failing, "H16-503"},
}
