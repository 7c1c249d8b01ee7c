package session_test

import (
	"context"
	"net/http"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/session"
)

var (
	agreed = client.SummaryView{Permission: client.ByPatient}
	urgent = client.SummaryView{Permission: client.InEmergency, Reason: "unconscious"}
)

// withSummaries returns a fixture whose nurse may view summaries.
func withSummaries(t *testing.T) (*fixture, *store) {
	t.Helper()
	b, s := setUp(t, -1, 1), &store{ids: make(map[string]string)}
	b.hub.Person.Roles[0].Codes = append(b.hub.Person.Roles[0].Codes, "B0370", "B0168")
	b.config.Openings = s
	b.Manager = session.New(b.config)
	b.sitNurse(t)
	return b, s
}

func TestViewSummary(t *testing.T) {
	b, s := withSummaries(t)
	for _, v := range []client.SummaryView{agreed, urgent} {
		if got := b.ViewSummary(t.Context(), hubtest.WithAlert, v); got.State != client.SummaryAvailable {
			t.Errorf("ViewSummary = %+v, want the summary", got)
		}
	}
	b.settle(t)
	if n := s.len(); n != 0 {
		t.Errorf("%d request ids are stored, want none after an answer", n)
	}
}

// A role without the code sends nothing.
func TestViewSummary_RoleWithoutTheCode(t *testing.T) {
	b, _ := withSummaries(t)
	law := client.SummaryView{Permission: client.ByLaw, Basis: client.Statute, Reason: "act"}
	for name, v := range map[string]client.SummaryView{"legal": law, "none": {}} {
		got := b.ViewSummary(t.Context(), hubtest.WithAlert, v)
		if got.State == client.SummaryAvailable || got.Err == nil {
			t.Errorf("%s: ViewSummary = %+v, want it refused", name, got)
		}
	}
	if n := len(b.hub.Requests(hubtest.LatestSummary)); n != 0 {
		t.Errorf("got %d requests, want none", n)
	}
}

// An emergency view without an answer is repeated under its request id, in another process too. With another reason it
// is another view.
func TestViewSummary_LostAnswer(t *testing.T) {
	b, _ := withSummaries(t)
	b.hub.Answer(hubtest.Summary, hangUp)
	first := b.ViewSummary(t.Context(), hubtest.WithAlert, urgent)
	if first.State != client.SummaryCouldNotCheck {
		t.Fatalf("ViewSummary = %+v, want no answer", first)
	}

	b.settle(t)
	b.Manager = session.New(b.config) // as after a restart
	b.sitNurse(t)
	b.hub.Answer(hubtest.Summary, nil)
	other := b.ViewSummary(t.Context(), hubtest.WithAlert, client.SummaryView{
		Permission: client.InEmergency, Reason: "another one",
	})
	again := b.ViewSummary(t.Context(), hubtest.WithAlert, urgent)
	third := b.ViewSummary(t.Context(), hubtest.WithAlert, urgent)
	if again.RequestID != first.RequestID || other.RequestID == first.RequestID || third.RequestID == first.RequestID {
		t.Errorf("request ids: first %s, again %s, other reason %s, later %s; want the first two equal",
			first.RequestID, again.RequestID, other.RequestID, third.RequestID)
	}
}

// The end of the session, such as by taking the card out, drops the answer.
func TestViewSummary_SessionEnds(t *testing.T) {
	b, _ := withSummaries(t)
	b.hub.Answer(hubtest.Summary, func(_ http.ResponseWriter, r *http.Request) {
		b.End(context.Background(), session.CardRemoved)
		<-r.Context().Done()
	})
	got := b.ViewSummary(t.Context(), hubtest.WithAlert, agreed)
	if got.State != client.SummaryCouldNotCheck || client.KindOf(got.Err) != client.SignedOut ||
		len(got.Document.Sections) != 0 {
		t.Errorf("ViewSummary = %+v, want that the session has ended", got)
	}
	if got := b.ViewSummary(t.Context(), hubtest.WithAlert, agreed); client.KindOf(got.Err) != client.SignedOut {
		t.Errorf("ViewSummary after the end = %+v, want no session", got)
	}
}
