package hub_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
)

// After an answer has been deleted, a repeated upload changes nothing and gets an error that says so, not an empty
// answer.
func TestUploads_AnswerThatIsNotKept(t *testing.T) {
	b := newFixture(t)
	o := b.office("V999")
	a := o.took(o.csv("1", sheet(tomsRow)), "CPF02", "2 CPR06")
	b.removePlan(b.plansOf(plain)[0].ID) // would exist again if the file were processed again
	must(t, b.sqlite.Prune(t.Context(), start.Add(25*time.Hour), store.Retention{Answers: 24 * time.Hour}))

	for name, c := range map[string]struct {
		got    response
		status int
		issue  string
	}{
		"the answer":               {o.send(http.MethodGet, uploads+"/"+a.Upload, "", ""), http.StatusGone, "deleted"},
		"the same file":            {o.csv("1", sheet(tomsRow)), http.StatusConflict, "conflict"},
		"another file with the id": {o.csv("1", sheet(tomsRow, badRow)), http.StatusConflict, "conflict"},
	} {
		var outcome fhir.OperationOutcome
		c.got.into(t, &outcome)
		if c.got.status != c.status || !outcome.HasIssue(c.issue) || strings.Contains(c.got.body, plain.Digits()) {
			t.Errorf("%s: got status %d, body %s; want %d with issue %s", name, c.got.status, c.got.body, c.status,
				c.issue)
		}
	}

	if n := len(b.plansOf(plain)); n != 0 {
		t.Errorf("got %d plans after the same file was sent again, want none", n)
	}
}

func TestNotifications_MessageThatIsNotKept(t *testing.T) {
	b := pulling(t)
	x := b.signIn()
	for range 2 {
		x.get(nurse, careTeam, about(tess))
	}
	all, err := b.sqlite.Notifications(t.Context(), store.NotificationQuery{Authority: "V999"})
	must(t, err)
	must(t, b.sqlite.Delivered(t.Context(), all[0].ID, "", start))
	must(t, b.sqlite.Prune(t.Context(), start.Add(25*time.Hour), store.Retention{Bodies: 24 * time.Hour}))
	r := b.pull("V999", pullSecret, nil)
	var set fhir.Bundle
	must(t, json.Unmarshal([]byte(r.body), &set))
	if r.status != http.StatusOK || len(set.Entry) != 2 || *set.Total != 1 || set.Entry[0].Search.Mode != "outcome" ||
		!strings.Contains(string(set.Entry[0].Resource), all[0].ID) || fhir.TypeOf(set.Entry[1].Resource) != "Bundle" {
		t.Errorf("pull: got status %d, body %s; want one message and an outcome with the other's ID",
			r.status, r.body)
	}
}
