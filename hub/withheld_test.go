package hub_test

import (
	"net/http"
	"strings"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
)

// A plan is refused while the patient's record is restricted, so it isn't stored. When the restriction ends, the lamp
// must not be "none recorded" before the authority has sent the plan again.
func TestAlert_PlanThatWasRefusedWhileTheRecordWasRestricted(t *testing.T) {
	const child = absent
	b := newFixture(t)
	must(t, b.sqlite.PutAuthority(t.Context(), store.Authority{Code: "V998", Name: "OTHER", DutyPhone: "01632 960000"}))
	o, other, x := b.office("V999"), b.office("V998"), b.signIn()
	label := func(confidentiality string) {
		must(t,
			b.sqlite.PutPatients(t.Context(),
				[]store.Patient{record(t, patient(child, "Example", "Tim", "2016-03-04", "male", confidentiality,
					""))}))
	}

	row := func(action, end string) string {
		return action + ";CPP;" + child.Digits() + ";04/03/2016;Example;Tim;01/07/2026;" + end + ";;R-9"
	}

	couldNotCheck := func(when string) {
		t.Helper()
		for _, c := range alertCalls {
			r := x.get(c.role, c.path, about(child), c.change...)
			var outcome fhir.OperationOutcome
			r.into(t, &outcome)
			if r.status != http.StatusForbidden || !outcome.HasIssue("suppressed") {
				t.Errorf("%s: GET %s as %s: got status %d, body %s; want 403", when, c.path, c.role, r.status, r.body)
			}
		}
	}

	label("R")
	o.took(o.csv("1", sheet(tomsRow, row("add", ""))), "CPF03", "2 CPR06, 3 CPR02")
	couldNotCheck("restricted")
	quiet := other.csv("1", sheet(strings.ReplaceAll(tomsRow, "R-1", "R-2")))
	if strings.Contains(quiet.body, "sendAgain") {
		t.Errorf("upload of another authority: got %s, want no sendAgain", quiet.body)
	}

	if r := o.csv("2", sheet(row("add", ""))); strings.Contains(r.body, "sendAgain") {
		t.Errorf("upload while restricted: got %s, want no sendAgain", r.body)
	}

	label("U")
	couldNotCheck("no longer restricted")
	other.took(other.csv("2", sheet(strings.ReplaceAll(row("add", "02/07/2021"), "01/07/2026", "01/07/2020"))), "CPF02",
		"2 CPR06")
	couldNotCheck("another authority has sent a plan that is over")
	r := o.csv("3", sheet(tomsRow))
	if !strings.Contains(r.body, `"sendAgain":[{"file":"2","row":2}]`) || strings.Contains(r.body, child.Digits()) {
		t.Errorf("upload after the restriction: got %s, want sendAgain with file 2, row 2, and no number", r.body)
	}

	o.took(o.csv("4", sheet(row("update", ""))), "CPF04", "2 CPR07")
	couldNotCheck("a row that is refused")
	if r := o.csv("5", sheet(row("add", ""))); strings.Contains(r.body, "sendAgain") ||
		!strings.Contains(r.body, "CPF02") {
		t.Errorf("upload of the plan: got %s, want CPF02 without sendAgain", r.body)
	}

	if !x.lit(child) {
		t.Error("got no alert after the plan was sent again")
	}

	o.took(o.csv("6", sheet(row("delete", ""))), "CPF02", "2 CPR06")
	if x.lit(child) {
		t.Error("got an alert of a deleted plan")
	}
}
