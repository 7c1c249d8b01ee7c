package hub_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/nhs"
)

// noneRecorded reports whether a patient's lamp says that there is no alert.
func (x *terminal) noneRecorded(n nhs.Number) bool {
	x.b.t.Helper()
	r := x.get(nurse, flag, about(n))
	return r.status == http.StatusOK && strings.Contains(r.body, `"total":0`)
}

func TestPDSSource_PlanUnderANumberThatWasSuperseded(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	b.planUnder(absent)
	b.platform.PutPatient(*patient(absent, "Former-Pds", "Tom", "2016-03-05", "male", "U", ""))
	b.hub.CheckNumbers(t.Context())
	if !x.noneRecorded(plain) {
		t.Fatal("lamp of another patient: want none recorded")
	}

	b.platform.Supersede(absent.Digits(), plain.Digits())
	b.clock.Add(25 * time.Hour)
	x = b.signIn()
	b.hub.CheckNumbers(t.Context())
	if !x.lit(plain) {
		t.Error("lamp of the current number: got none recorded, want the alert of the superseded number")
	}
	opened := x.get(nurse, careTeam, about(plain))
	if opened.status != 200 || !strings.Contains(opened.body, `"total":1`) {
		t.Errorf("opening: got status %d, body %s; want the plan", opened.status, opened.body)
	}
	if a, n := b.left(plain); len(a) != 1 || len(n) != 1 {
		t.Errorf("the opening left %d accesses and %d notifications, want 1 and 1", len(a), len(n))
	}
}

func TestPDSSource_NumbersOfPlansAreUnchecked(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	b.planUnder(absent) // as if it had been stored before people came from PDS
	b.clock.Add(2 * time.Minute)
	cannotSay := func(when string) {
		t.Helper()
		var o fhir.OperationOutcome
		r := x.get(nurse, flag, about(plain))
		r.into(t, &o)
		if r.status != http.StatusServiceUnavailable || !o.HasIssue("incomplete") {
			t.Errorf("%s, no plan: got status %d, body %s; want 503 incomplete", when, r.status, r.body)
		}
		if !x.lit(tess) {
			t.Errorf("%s, a plan: got none recorded, want an alert", when)
		}
	}
	cannotSay("a number that was never checked")

	b.everywhere(nationaltest.Gateway(503))
	b.hub.CheckNumbers(t.Context())
	b.everywhere(nil)
	b.clock.Add(time.Minute)
	cannotSay("a failed check")

	b.hub.CheckNumbers(t.Context())
	b.clock.Add(2 * time.Minute)
	if !x.noneRecorded(plain) {
		t.Error("lamp after the check: want none recorded")
	}

	b.clock.Add(49 * time.Hour)
	x = b.signIn()
	cannotSay("checks of two days ago")
	sent := len(b.platform.Requests(nationaltest.Patient))
	b.hub.CheckNumbers(t.Context())
	if n := len(b.platform.Requests(nationaltest.Patient)) - sent; n != 4 {
		t.Errorf("checks: got %d requests, want one for each number with a plan", n)
	}
	if !x.noneRecorded(plain) {
		t.Error("lamp after the checks: want none recorded")
	}
}

func TestPDSSource_UploadChecksItsNumbers(t *testing.T) {
	b := newNationalFixture(t)
	o, x := b.office("V999"), b.signIn()
	b.platform.PutPatient(*patient(absent, "New-Pds", "Tim", "2016-03-05", "male", "U", ""))
	o.took(o.csv("1", sheet("add;CPP;9990000077;05/03/2016;New-Pds;Tim;01/07/2026;;;R-1")), "CPF02", "2 CPR06")
	b.clock.Add(2 * time.Minute)
	if !x.noneRecorded(plain) {
		t.Error("lamp after an upload: got an alert or a failure, want none recorded")
	}
}
