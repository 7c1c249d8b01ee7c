package worklist_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/worklist"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// fast is no rate at all.
const fast = 0

// list is n patients with numbers of the range that is never issued.
func list(n int) []worklist.Patient {
	var all []worklist.Patient
	for nine := 999_000_001; len(all) < n; nine++ {
		if check, ok := nhs.CheckDigit(fmt.Sprint(nine)); ok {
			all = append(all, worklist.Patient{Line: len(all) + 1, Number: nhs.Number(fmt.Sprint(nine) + string(check))})
		}
	}
	return all
}

func lit(c *worklist.Check, at int) client.Lamp {
	return client.Lamp{Number: c.Patient(at).Number, State: client.Alert, AsOf: noon, RequestID: "r"}
}

func none(c *worklist.Check, at int) client.Lamp {
	return client.Lamp{Number: c.Patient(at).Number, State: client.NoneRecorded, AsOf: noon}
}

func failed(c *worklist.Check, at int, err *client.Error) client.Lamp {
	return client.Lamp{Number: c.Patient(at).Number, State: client.CouldNotCheck, Err: err}
}

// asks fails the test unless the step is to ask about exactly these.
func asks(t *testing.T, s worklist.Step, want ...int) {
	t.Helper()
	if fmt.Sprint(s.Ask) != fmt.Sprint(want) || s.Probe {
		t.Fatalf("the step is %+v, want %v", s, want)
	}
}

func stands(t *testing.T, c *worklist.Check, want worklist.Condition, says string) {
	t.Helper()
	got, why := c.Condition()
	if got != want || (why == nil) != (says == "") || why != nil && !strings.Contains(why.Code, says) {
		t.Fatalf("condition %d for %+v, want %d for %q", got, why, want, says)
	}
}

func TestFourAreAskedAboutAtOnceAndNoMore(t *testing.T) {
	c := worklist.NewCheck(list(6), fast)
	asks(t, c.Next(noon), 0, 1, 2, 3)
	asks(t, c.Next(noon))
	c.Take(2, lit(c, 2), noon)
	asks(t, c.Next(noon), 4)
	for _, at := range []int{0, 1, 3, 4} {
		c.Take(at, none(c, at), noon)
	}
	asks(t, c.Next(noon), 5)
	stands(t, c, worklist.Asking, "")
	c.Take(5, none(c, 5), noon)
	asks(t, c.Next(noon))
	stands(t, c, worklist.Done, "")
	if got, want := c.Tally(), (worklist.Tally{All: 6, Alerts: 1, NoneRecorded: 5}); got != want {
		t.Errorf("%+v", got)
	}
}

func TestCheck_PatientWithoutARecord(t *testing.T) {
	c := worklist.NewCheck(list(3), fast)
	asks(t, c.Next(noon), 0, 1, 2)
	c.Take(0, failed(c, 0, &client.Error{Kind: client.NotFound, Status: 404, SpineCode: "RESOURCE_NOT_FOUND"}), noon)
	c.Take(1, failed(c, 1, &client.Error{Kind: client.Invalidated, Status: 404, SpineCode: "INVALIDATED_RESOURCE"}), noon)
	alert := lit(c, 2)
	alert.RecordMissing = true
	c.Take(2, alert, noon)
	c.Next(noon)
	stands(t, c, worklist.Done, "")
	for at, want := range []string{"No patient has this NHS number.", "This patient record was marked invalid."} {
		if a := c.Answer(at); a.State != client.CouldNotCheck || a.Known() || a.Why == nil || a.Why.Sentence != want {
			t.Errorf("%d: %+v, %+v", at, a, a.Why)
		}
	}
	if a := c.Answer(2); a.State != client.Alert || !a.RecordMissing {
		t.Errorf("%+v", a)
	}
	other := lit(c, 2)
	other.AsOf = noon.Add(time.Minute)
	if !c.Heard(other) || c.Answer(2).RecordMissing {
		t.Errorf("heard that there is a record now: %+v", c.Answer(2))
	}
}

func TestTheRateIsKeptTo(t *testing.T) {
	c := worklist.NewCheck(list(9), 60) // one a second, four at once
	asks(t, c.Next(noon), 0, 1, 2, 3)
	for at := range 4 {
		c.Take(at, none(c, at), noon)
	}
	s := c.Next(noon)
	asks(t, s)
	if s.Wait != time.Second {
		t.Fatalf("waits %s", s.Wait)
	}
	now := noon.Add(s.Wait)
	if s = c.Next(now); fmt.Sprint(s.Ask) != "[4]" || s.Wait != time.Second {
		t.Fatalf("the step is %+v", s)
	}
	asks(t, c.Next(now.Add(time.Minute)), 5, 6, 7)
}

func TestLinesWithoutANumberAreNeverAskedAbout(t *testing.T) {
	patients := list(2)
	patients[0].Number, patients[0].Fault = "", "There is no NHS number in this line."
	c := worklist.NewCheck(patients, fast)
	asks(t, c.Next(noon), 1)
	c.Take(1, none(c, 1), noon)
	c.Next(noon)
	stands(t, c, worklist.Done, "")
	if got := c.Tally(); got != (worklist.Tally{All: 2, NoneRecorded: 1, NotChecked: 1, Faulty: 1}) || got.Settled() != 2 || got.Unanswered() != 1 || c.Unanswered() {
		t.Errorf("%+v", got)
	}
}

func TestTheHubsOwnWordToWaitIsObeyed(t *testing.T) {
	c := worklist.NewCheck(list(6), fast)
	asks(t, c.Next(noon), 0, 1, 2, 3)
	c.Take(0, failed(c, 0, &client.Error{Kind: client.Busy, Status: 429, Wait: 20 * time.Second}), noon)
	c.Take(1, failed(c, 1, &client.Error{Kind: client.Busy, Status: 429, Wait: 5 * time.Second}), noon) // the longer holds
	stands(t, c, worklist.Slowed, "H15-429")
	if s := c.Next(noon.Add(time.Second)); s.Wait != 19*time.Second || s.Ask != nil {
		t.Fatalf("the step is %+v", s)
	}
	c.Restart(noon.Add(time.Second)) // the user's hurry changes nothing
	asks(t, c.Next(noon.Add(time.Second)))
	c.Take(2, none(c, 2), noon.Add(time.Second))
	asks(t, c.Next(noon.Add(19*time.Second)))
	asks(t, c.Next(noon.Add(20*time.Second)), 0, 1, 4)
	c.Take(0, failed(c, 0, &client.Error{Kind: client.Busy}), noon.Add(time.Minute)) // without its word, the usual wait
	if s := c.Next(noon.Add(time.Minute)); s.Wait != time.Second || s.Ask != nil {
		t.Fatalf("the step is %+v", s)
	}
	if got := c.Tally(); got.CouldNotCheck != 0 || got.NotChecked != 5 {
		t.Errorf("%+v", got)
	}
}

func TestAHubThatFailsAndAsksToWaitIsNotLookedAtBefore(t *testing.T) {
	c := worklist.NewCheck(list(2), fast)
	asks(t, c.Next(noon), 0, 1)
	for at := range 2 {
		c.Take(at, failed(c, at, &client.Error{Kind: client.Failing, Status: 503, Wait: 20 * time.Second}), noon)
	}
	stands(t, c, worklist.HubDown, "H16-503")
	if s := c.Next(noon); s.Wait != 20*time.Second || s.Probe {
		t.Errorf("the step is %+v", s)
	}
	if s := c.Next(noon.Add(20 * time.Second)); !s.Probe {
		t.Errorf("the step is %+v", s)
	}
	c.Probed(&client.Error{Kind: client.Failing, Wait: time.Minute}, noon.Add(20*time.Second))
	if s := c.Next(noon.Add(20 * time.Second)); s.Wait != time.Minute {
		t.Errorf("the step is %+v", s)
	}
}

func TestWhileTheHubIsDownTheRestIsNotCheckedAndItIsLookedAtEverMoreSeldom(t *testing.T) {
	c := worklist.NewCheck(list(6), fast)
	asks(t, c.Next(noon), 0, 1, 2, 3)
	for at, kind := range []client.Kind{client.Unreachable, client.Intercepted, client.TimedOut, client.Failing} {
		c.Take(at, failed(c, at, &client.Error{Kind: kind}), noon)
	}
	if got := c.Tally(); got.CouldNotCheck != 0 || got.NotChecked != 6 {
		t.Errorf("%+v", got)
	}
	stands(t, c, worklist.HubDown, "H10")
	now := noon
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		s := c.Next(now)
		if s.Wait != want*time.Second || s.Ask != nil || s.Probe {
			t.Fatalf("the step is %+v, want %d s", s, want)
		}
		now = now.Add(s.Wait)
		if s = c.Next(now); !s.Probe || s.Ask != nil || s.Wait != 0 {
			t.Fatalf("the step is %+v", s)
		}
		if s = c.Next(now); s.Probe {
			t.Fatal("the hub is looked at twice")
		}
		c.Probed(&client.Error{Kind: client.Unreachable}, now)
	}
	if got := c.Tally(); got != (worklist.Tally{All: 6, NotChecked: 6}) {
		t.Errorf("%+v", got)
	}
	now = now.Add(c.Next(now).Wait)
	c.Next(now)
	c.Probed(nil, now)
	asks(t, c.Next(now), 0) // one goes ahead
	asks(t, c.Next(now))
	c.Take(0, none(c, 0), now)
	asks(t, c.Next(now), 1, 2, 3, 4)
}

func TestTheUsersRestartLooksAtTheHubAtOnce(t *testing.T) {
	c := worklist.NewCheck(list(1), fast)
	c.Next(noon)
	c.Take(0, failed(c, 0, &client.Error{Kind: client.TimedOut}), noon)
	c.Restart(noon)
	if s := c.Next(noon); !s.Probe {
		t.Fatalf("the step is %+v", s)
	}
}

func TestAPatientOnWhomTheHubFailsEachTimeHoldsNobodyUp(t *testing.T) {
	c := worklist.NewCheck(list(8), fast)
	const bad = 2
	now := noon
	for range 100 {
		s := c.Next(now)
		for _, at := range s.Ask {
			lamp := none(c, at)
			if at == bad {
				lamp = failed(c, at, &client.Error{Kind: client.Failing, Status: 500})
			}
			c.Take(at, lamp, now)
		}
		if s.Probe {
			c.Probed(nil, now)
		}
		now = now.Add(s.Wait)
	}
	stands(t, c, worklist.Done, "")
	if got := c.Tally(); got != (worklist.Tally{All: 8, NoneRecorded: 7, CouldNotCheck: 1}) {
		t.Errorf("%+v", got)
	}
	if why := c.Answer(bad).Why; why == nil || why.Code != "H16-500" {
		t.Errorf("why: %+v", why)
	}
}

func TestWhatIsThePatientsOwnMatterIsToldAndRestartAsksAgain(t *testing.T) {
	for _, kind := range []client.Kind{client.NotFound, client.Invalidated, client.BadRequest, client.Rubbish, client.Unexpected} {
		c := worklist.NewCheck(list(2), fast)
		asks(t, c.Next(noon), 0, 1)
		c.Take(0, lit(c, 0), noon)
		c.Take(1, failed(c, 1, &client.Error{Kind: kind}), noon)
		asks(t, c.Next(noon))
		stands(t, c, worklist.Done, "")
		a := c.Answer(1)
		if a.State != client.CouldNotCheck || a.Why.Kind != kind.String() || a.Why.Sentence == "" || a.Why.Advice == "" || !c.Unanswered() {
			t.Errorf("%+v", a)
		}
		c.Restart(noon)
		if c.Answer(1).State != client.NotChecked || c.Answer(0).State != client.Alert {
			t.Errorf("after the restart: %+v, %+v", c.Answer(0), c.Answer(1))
		}
		asks(t, c.Next(noon), 1)
	}
}

// Of a restricted record nobody is told more by asking again.
func TestARestrictedRecordIsNotAskedForAgain(t *testing.T) {
	c := worklist.NewCheck(list(1), fast)
	asks(t, c.Next(noon), 0)
	c.Take(0, failed(c, 0, &client.Error{Kind: client.Sensitive}), noon)
	asks(t, c.Next(noon))
	if c.Answer(0).State != client.CouldNotCheck || c.Unanswered() {
		t.Errorf("%+v, unanswered %v", c.Answer(0), c.Unanswered())
	}
	c.Restart(noon)
	if asks(t, c.Next(noon)); c.Answer(0).State != client.CouldNotCheck {
		t.Errorf("after the restart: %+v", c.Answer(0))
	}
}

func TestWithoutASessionOrATrustedHubNothingMoreIsAsked(t *testing.T) {
	for _, kind := range []client.Kind{client.SignedOut, client.NotAllowed, client.ClockWrong, client.Untrusted} {
		c := worklist.NewCheck(list(9), fast)
		asks(t, c.Next(noon), 0, 1, 2, 3)
		c.Take(0, failed(c, 0, &client.Error{Kind: kind}), noon)
		c.Take(1, failed(c, 1, &client.Error{Kind: client.Unreachable}), noon)
		c.Take(2, none(c, 2), noon) // what was on its way still counts
		if got, why := c.Condition(); got != worklist.Stopped || why == nil || client.KindOf(c.Fault()) != kind {
			t.Errorf("condition %d, %+v, %v", got, why, c.Fault())
		}
		if s := c.Next(noon.Add(time.Hour)); s.Ask != nil || s.Probe || s.Wait != 0 {
			t.Errorf("the step is %+v", s)
		}
		if got := c.Tally(); got.NotChecked != 8 || got.NoneRecorded != 1 {
			t.Errorf("%+v", got)
		}
		c.Restart(noon)
		asks(t, c.Next(noon), 0, 1, 4)
	}
}

func TestOnlyAnAnswerAboutThePatientMakesAState(t *testing.T) {
	for name, lamp := range map[string]client.Lamp{
		"another patient's": {Number: "9990000115", State: client.NoneRecorded, AsOf: noon},
		"none at all":       {},
		"a failure of none": {State: client.CouldNotCheck},
	} {
		c := worklist.NewCheck(list(1), fast)
		c.Next(noon)
		c.Take(0, lamp, noon)
		if a := c.Answer(0); a.State != client.CouldNotCheck || a.Why.Kind != "rubbish" || !a.AsOf.IsZero() {
			t.Errorf("%s: %+v", name, a)
		}
	}
	c := worklist.NewCheck(list(1), fast)
	c.Take(0, none(c, 0), noon)
	if c.Answer(0).State != client.NotChecked {
		t.Error("an answer that nobody asked for was taken")
	}
}

func TestAnAnswerFromThePatientsScreenCountsWhenItIsNewer(t *testing.T) {
	c := worklist.NewCheck(list(2), fast)
	newer := lit(c, 0)
	newer.AsOf = noon.Add(time.Minute)
	c.Next(noon)
	c.Take(0, none(c, 0), noon)
	c.Heard(newer)
	c.Heard(client.Lamp{Number: c.Patient(0).Number, State: client.NoneRecorded, AsOf: noon})
	c.Heard(client.Lamp{Number: c.Patient(1).Number, State: client.CouldNotCheck})
	c.Heard(client.Lamp{Number: "9990000115", State: client.Alert, AsOf: noon})
	if c.Answer(0).State != client.Alert || c.Answer(1).State != client.NotChecked {
		t.Errorf("%+v, %+v", c.Answer(0), c.Answer(1))
	}
}

func TestAlertsComeFirstOrTheFilesOrder(t *testing.T) {
	c := worklist.NewCheck(list(6), fast)
	c.Next(noon)
	c.Take(0, none(c, 0), noon)
	c.Take(1, failed(c, 1, &client.Error{Kind: client.NotFound}), noon)
	c.Take(2, none(c, 2), noon)
	c.Take(3, lit(c, 3), noon)
	if got := fmt.Sprint(c.In(worklist.AlertsFirst)); got != "[3 1 4 5 0 2]" {
		t.Error(got)
	}
	if got := fmt.Sprint(c.In(worklist.AsInFile)); got != "[0 1 2 3 4 5]" {
		t.Error(got)
	}
}

func TestAnAnswerIsOldPastItsBound(t *testing.T) {
	known := worklist.Answer{State: client.NoneRecorded, AsOf: noon}
	if known.Old(noon.Add(time.Hour), time.Hour) || !known.Old(noon.Add(time.Hour+1), time.Hour) || known.Old(noon.Add(time.Hour), 0) {
		t.Error("the bound is not kept to")
	}
	if (worklist.Answer{State: client.CouldNotCheck}).Old(noon, time.Hour) || (worklist.Answer{}).Old(noon, time.Hour) {
		t.Error("what is not known is old")
	}
}

// TestWhoWasBeingAskedAboutIsAskedAboutAgain is a sign-in that ends while several patients are out: whoever waited
// for them is gone, and the next sign-in goes on.
func TestWhoWasBeingAskedAboutIsAskedAboutAgain(t *testing.T) {
	c := worklist.NewCheck(list(3), fast)
	asks(t, c.Next(noon), 0, 1, 2)
	c.Abandon()
	c.Restart(noon)
	asks(t, c.Next(noon), 0, 1, 2)
}

func TestCheck_AnotherPatientsNumber(t *testing.T) {
	patients := list(2)
	patients[0].Name, patients[1].Name = "Sample, Sam", "Example, Tess"
	c := worklist.NewCheck(patients, fast)
	asks(t, c.Next(noon), 0, 1)
	for at := range 2 {
		record := client.Patient{Number: patients[at].Number, Family: "Example"}
		c.TakeResult(at, worklist.ResultOf(patients[at], record, nil, lit(c, at), today), noon)
	}
	c.Next(noon)
	stands(t, c, worklist.Done, "")
	if a := c.Answer(0); a.State != client.CouldNotCheck || a.Why == nil || a.Why.Kind != "other_patient" || a.Why.Code != "W11" || !a.AsOf.IsZero() {
		t.Errorf("%+v, %+v", a, a.Why)
	}
	if a := c.Answer(1); a.State != client.Alert || a.Name != worklist.Same {
		t.Errorf("%+v", a)
	}
	for at := range 2 { // the user looks at the record of the number
		later := lit(c, at)
		later.AsOf = noon.Add(time.Minute)
		if heard := c.Heard(later); heard != (at == 1) {
			t.Errorf("line %d heard another answer: %t, now %+v", at, heard, c.Answer(at))
		}
	}
	if c.Restart(noon); !c.Unanswered() {
		t.Error("the line is not asked about again")
	}
}

func TestCheck_LineThatWasNotComparedHearsOfAlertsOnly(t *testing.T) {
	patients := list(3)
	patients[0].Born, patients[1].Born = "04-Mar-2016", "04-Mar-2016"
	c := worklist.NewCheck(patients, fast)
	if c.Heard(none(c, 0)) || c.Answer(0).State != client.NotChecked {
		t.Errorf("an answer stands beside a line that was not compared: %+v", c.Answer(0))
	}
	if !c.Heard(none(c, 2)) {
		t.Error("a number alone has nothing to compare")
	}
	if !c.Heard(lit(c, 1)) || !c.Answer(1).RecordUnread || !c.Unanswered() {
		t.Errorf("%+v", c.Answer(1))
	}
	asks(t, c.Next(noon), 0, 1)
	older := none(c, 1)
	older.AsOf = noon.Add(-time.Minute)
	record := client.Patient{Number: patients[1].Number, Born: nhs.Date{Year: 2016, Month: time.March, Day: 4}}
	c.TakeResult(1, worklist.ResultOf(patients[1], record, nil, older, today), noon)
	if a := c.Answer(1); a.State != client.Alert || a.RecordUnread || a.Born != worklist.Same {
		t.Errorf("%+v", a)
	}
}

func TestCheck_AlertWhoseRecordDidNotCome(t *testing.T) {
	patients := list(1)
	patients[0].Name = "Example, Tess"
	c := worklist.NewCheck(patients, fast)
	asks(t, c.Next(noon), 0)
	take := func(record client.Patient, err error, at time.Time) {
		lamp := lit(c, 0)
		lamp.AsOf = at
		c.TakeResult(0, worklist.ResultOf(patients[0], record, err, lamp, today), at)
	}
	take(client.Patient{}, &client.Error{Kind: client.Busy, Wait: time.Second}, noon)
	stands(t, c, worklist.Slowed, "H15")
	if a := c.Answer(0); a.State != client.Alert || !a.RecordUnread || a.Name != worklist.NotCompared || len(worklist.Notes(patients[0], a)) != 1 || !c.Unanswered() {
		t.Fatalf("%+v", a)
	}
	asks(t, c.Next(noon.Add(time.Second)), 0) // for its record
	take(client.Patient{Number: patients[0].Number, Family: "Example"}, nil, noon.Add(time.Second))
	asks(t, c.Next(noon.Add(time.Second)))
	stands(t, c, worklist.Done, "")
	if a := c.Answer(0); a.State != client.Alert || a.RecordUnread || a.Name != worklist.Same || len(worklist.Notes(patients[0], a)) != 0 {
		t.Fatalf("%+v", a)
	}

	c = worklist.NewCheck(patients, fast)
	asks(t, c.Next(noon), 0)
	take(client.Patient{}, &client.Error{Kind: client.Rubbish}, noon) // asking again would not help
	asks(t, c.Next(noon))
	stands(t, c, worklist.Done, "")
	c.Restart(noon)
	asks(t, c.Next(noon), 0)
	take(client.Patient{Number: patients[0].Number, Family: "Sample"}, nil, noon.Add(time.Second))
	if a := c.Answer(0); a.State != client.CouldNotCheck || a.Why == nil || a.Why.Kind != "other_patient" {
		t.Fatalf("the alert of another patient stays: %+v", a)
	}
}
