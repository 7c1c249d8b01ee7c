package hub_test

import (
	"net/http"
	"strings"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
)

// A plan that was refused because the record is restricted is on file nowhere. Once the restriction is lifted, nobody
// may read "none recorded" before its authority has sent again.
func TestAlert_PlanThatWasRefusedWhileTheRecordWasRestricted(t *testing.T) {
	const child = absent
	b := newBench(t)
	must(t, b.sqlite.PutAuthority(t.Context(), store.Authority{Code: "V998", Name: "OTHER", DutyPhone: "01632 960000"}))
	o, other, x := b.office("V999"), b.office("V998"), b.signIn()
	label := func(confidentiality string) {
		must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{record(t, patient(child, "Example", "Tim", "2016-03-04", "male", confidentiality, ""))}))
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
				t.Errorf("%s: %s as %s: %d %s", when, c.path, c.role, r.status, r.body)
			}
		}
	}

	label("R")
	o.took(o.csv("1", sheet(tomsRow, row("add", ""))), "CPF03", "2 CPR06, 3 CPR02")
	couldNotCheck("restricted")
	quiet := other.csv("1", sheet(strings.ReplaceAll(tomsRow, "R-1", "R-2")))
	if strings.Contains(quiet.body, "sendAgain") {
		t.Errorf("another authority: %s", quiet.body)
	}
	if r := o.csv("2", sheet(row("add", ""))); strings.Contains(r.body, "sendAgain") {
		t.Errorf("still restricted: %s", r.body)
	}

	label("U")
	couldNotCheck("no longer restricted")
	other.took(other.csv("2", sheet(strings.ReplaceAll(row("add", "02/07/2021"), "01/07/2026", "01/07/2020"))), "CPF02", "2 CPR06")
	couldNotCheck("another authority has sent a plan that is over")
	r := o.csv("3", sheet(tomsRow))
	if !strings.Contains(r.body, `"sendAgain":[{"file":"2","row":2}]`) || strings.Contains(r.body, child.Digits()) {
		t.Errorf("told: %s", r.body)
	}
	o.took(o.csv("4", sheet(row("update", ""))), "CPF04", "2 CPR07")
	couldNotCheck("a row that is refused")
	if r := o.csv("5", sheet(row("add", ""))); strings.Contains(r.body, "sendAgain") || !strings.Contains(r.body, "CPF02") {
		t.Errorf("sent again: %s", r.body)
	}
	if !x.lit(child) {
		t.Error("no alert after it was sent again")
	}
	o.took(o.csv("6", sheet(row("delete", ""))), "CPF02", "2 CPR06")
	if x.lit(child) {
		t.Error("an alert of a plan that is none any more")
	}
}
