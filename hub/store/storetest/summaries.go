package storetest

import (
	"reflect"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/summary"
	"wardlight/internal/nhs"
)

func summariesArePut(t *testing.T, b *fixture) {
	is := func(when string, want ...summary.Document) {
		t.Helper()
		got, err := b.Summaries(b.ctx, []nhs.Number{tess, old})
		if err != nil || !reflect.DeepEqual(got, append([]summary.Document(nil), want...)) {
			t.Errorf("%s: summaries = %+v, %v; want %+v", when, got, err, want)
		}
	}
	holds := func(want bool) {
		t.Helper()
		if got, err := b.HoldsSummaries(b.ctx); err != nil || got != want {
			t.Errorf("HoldsSummaries = %v, %v; want %v", got, err, want)
		}
	}

	is("empty")
	holds(false)

	must(t, b.PutSummary(b.ctx, summary.Document{Number: tess, Sharing: summary.No}))
	optedOut := summary.Document{Number: tess, Sharing: summary.No, Made: time.Time{}}
	is("only a permission", optedOut)
	holds(false)

	d := summary.Document{
		Number: tess,
		ID:     "FA60BE64-1F34-11EB-A2A8-000C29A364EB",
		Made:   now,
		Body:   []byte(`{"a":"é"}`),
	}
	e := &store.Entry{Audit: record("import summary"), Change: &store.Change{Summary: &d}}
	mustBe(t, b.commit(e), nil)
	d.Sharing = summary.No
	is("a summary keeps the permission", d)
	must(t, b.PutSummary(b.ctx, summary.Document{Number: tess, Sharing: summary.Ask}))
	d.Sharing = summary.Ask
	is("a permission keeps the summary", d)
	holds(true)

	removed := &store.Change{Summary: &summary.Document{Number: tess, Removed: true}}
	mustBe(t, b.commit(&store.Entry{Audit: record("import summary"), Change: removed}), nil)
	is("removed", summary.Document{Number: tess, Sharing: summary.Ask})
	holds(false)
	must(t, b.PutSummary(b.ctx, d))
	is("stored again", d)

	second := summary.Document{Number: old, ID: "0", Made: now.Add(time.Hour), Body: []byte(`{}`)}
	must(t, b.PutSummary(b.ctx, second))
	second.Sharing = summary.Ask
	b.restart()
	is("under two numbers", second, d)
	if b.PutSummary(b.ctx, summary.Document{Number: "12", ID: "0", Body: []byte(`{}`)}) == nil {
		t.Error("a summary with a malformed number was stored")
	}
}

// anAlert returns an alert with all fields, of the request.
func anAlert(id, request string) summary.Alert {
	return summary.Alert{
		ID:        id,
		At:        now,
		Cause:     summary.Cause{Type: summary.AccessAlert, Reason: summary.Emergency},
		Words:     "Unconscious, é",
		Number:    tess,
		Summary:   "FA60BE64-1F34-11EB-A2A8-000C29A364EB",
		Session:   "s",
		RequestID: request,
		Who: summary.Person{
			UUID: "999000000111", Name: "Ms Ada Sample", URID: "999000000222", JobRole: "R8001", JobName: "Nurse",
			OrgODS: "RX1", OrgName: "EXAMPLE",
		},
		Sending: summary.Sending{Next: now},
	}
}

func privacyAlertsAreStored(t *testing.T, b *fixture) {
	first, second := anAlert("first", "r1"), anAlert("second", "r2")
	second.At, second.Cause = now.Add(time.Minute), summary.Cause{
		Type:   summary.ClaimAlert,
		Reason: summary.OtherReason,
	}
	second.Sending = summary.Sending{}
	again := anAlert("again", "r1")
	elsewhere := anAlert("elsewhere", "r3")
	elsewhere.Who.OrgODS, elsewhere.Sending = "RX2", summary.Sending{}
	for _, a := range []summary.Alert{first, second, again, elsewhere} {
		mustBe(t, b.commit(&store.Entry{Audit: record("view"), Change: &store.Change{Alert: &a}}), nil)
	}
	b.restart()

	is := func(when string, q summary.AlertQuery, want ...summary.Alert) {
		t.Helper()
		q.OrgODS, q.Limit = "RX1", 10
		if q.From.IsZero() {
			q.From, q.Until = now, now.Add(time.Hour)
		}
		got, err := b.PrivacyAlerts(b.ctx, q)
		if err != nil || !reflect.DeepEqual(got, append([]summary.Alert(nil), want...)) {
			t.Errorf("%s: alerts = %+v, %v; want %+v", when, got, err, want)
		}
	}
	every := []summary.AlertType{summary.ClaimAlert, summary.AccessAlert}
	is("all", summary.AlertQuery{Types: every}, second, first)
	is("of a type", summary.AlertQuery{Types: every[1:]}, first)
	is("of no type", summary.AlertQuery{})
	is("of a time", summary.AlertQuery{Types: every, From: now, Until: second.At}, first)

	sendAlerts(t, b, first, elsewhere)

	closing := &summary.Closing{ID: "second", At: now.Add(time.Hour), By: "9", Name: "Mx Po", Note: "Justified."}
	end := func(k *summary.Closing) error {
		return b.commit(&store.Entry{Audit: record("close"), Change: &store.Change{Closing: k}})
	}
	mustBe(t, end(closing), nil)
	mustBe(t, end(closing), store.ErrAlertClosed)
	mustBe(t, end(&summary.Closing{ID: "none", At: now}), store.ErrNotFound)
	second.Closing = *closing
	got, err := b.PrivacyAlert(b.ctx, "second")
	if err != nil || !reflect.DeepEqual(got, second) {
		t.Errorf("closed alert = %+v, %v; want %+v", got, err, second)
	}
	is("open", summary.AlertQuery{Types: every[:1], Open: true})
	_, err = b.PrivacyAlert(b.ctx, "none")
	mustBe(t, err, store.ErrNotFound)

	// Two closings in one group: the second is refused.
	two := []*store.Entry{
		{Audit: record("close"), Change: &store.Change{Closing: &summary.Closing{ID: "first", At: now, Note: "a"}}},
		{Audit: record("close"), Change: &store.Change{Closing: &summary.Closing{ID: "first", At: now, Note: "b"}}},
	}
	refused, err := b.Commit(b.ctx, two)
	must(t, err)
	mustBe(t, refused[0], nil)
	mustBe(t, refused[1], store.ErrAlertClosed)
}

// sendAlerts checks the states of sending of the first alert. The other one isn't to be sent.
func sendAlerts(t *testing.T, b *fixture, first, other summary.Alert) {
	t.Helper()
	backlog := func(want store.Backlog) {
		t.Helper()
		if got, err := b.AlertBacklog(b.ctx); err != nil || got.Waiting != want.Waiting || got.Buried != want.Buried ||
			!got.Oldest.Equal(want.Oldest) {
			t.Errorf("backlog = %+v, %v; want %+v", got, err, want)
		}
	}
	backlog(store.Backlog{Waiting: 1, Oldest: first.At})
	claim := func(at time.Time, want int) {
		t.Helper()
		got, err := b.ClaimAlerts(b.ctx, at, at.Add(time.Minute), 10)
		if err != nil || len(got) != want || want == 1 && (got[0].ID != first.ID || got[0].Sending.Attempts == 0) {
			t.Errorf("claimed %+v, %v; want %d", got, err, want)
		}
	}
	claim(now.Add(-time.Second), 0)
	claim(now, 1)
	claim(now, 0)
	must(t, b.AlertFailed(b.ctx, first.ID, now.Add(2*time.Minute), "busy"))
	claim(now.Add(time.Minute), 0)
	claim(now.Add(2*time.Minute), 1)
	claim(now.Add(3*time.Minute), 1)
	must(t, b.ReleaseAlert(b.ctx, first.ID, now.Add(4*time.Minute)))
	claim(now.Add(3*time.Minute), 0)
	must(t, b.AlertSent(b.ctx, first.ID, now.Add(5*time.Minute)))
	mustBe(t, b.AlertFailed(b.ctx, first.ID, now, "late"), store.ErrNotFound)
	mustBe(t, b.ReleaseAlert(b.ctx, first.ID, now), store.ErrNotFound)
	backlog(store.Backlog{})
	got, err := b.PrivacyAlert(b.ctx, first.ID)
	if err != nil || got.Sending.State() != summary.Sent || got.Sending.Attempts != 2 {
		t.Errorf("sent alert = %+v, %v; want sent after 2 attempts", got, err)
	}

	third := anAlert("third", "r4")
	third.Who.OrgODS = other.Who.OrgODS
	mustBe(t, b.commit(&store.Entry{Audit: record("view"), Change: &store.Change{Alert: &third}}), nil)
	must(t, b.AbandonAlert(b.ctx, third.ID, now, "no sign-in"))
	backlog(store.Backlog{Buried: 1})
	got, err = b.PrivacyAlert(b.ctx, third.ID)
	if err != nil || got.Sending.State() != summary.Abandoned || got.Sending.LastError != "no sign-in" {
		t.Errorf("abandoned alert = %+v, %v; want the error", got, err)
	}
	closed := store.Change{Closing: &summary.Closing{ID: third.ID, At: now, Note: "Sent by e-mail."}}
	mustBe(t, b.commit(&store.Entry{Audit: record("close"), Change: &closed}), nil)
	backlog(store.Backlog{})
}
