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

// fast is the perMinute of a check without a rate limit.
const fast = 0

// list returns n patients with numbers from the range that is never issued.
func list(n int) []worklist.Patient {
	var all []worklist.Patient
	for nine := 999_000_001; len(all) < n; nine++ {
		if check, ok := nhs.CheckDigit(fmt.Sprint(nine)); ok {
			all = append(all, worklist.Patient{
				Line:   len(all) + 1,
				Number: nhs.Number(fmt.Sprint(nine) + string(check)),
			})
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

// asks fails the test unless s asks about exactly the patients at want.
func asks(t *testing.T, s worklist.Step, want ...int) {
	t.Helper()
	if fmt.Sprint(s.Ask) != fmt.Sprint(want) || s.Probe {
		t.Fatalf("Next = %+v, want Ask %v and no probe", s, want)
	}
}

func expectCondition(t *testing.T, c *worklist.Check, want worklist.Condition, says string) {
	t.Helper()
	got, why := c.Condition()
	if got != want || (why == nil) != (says == "") || why != nil && !strings.Contains(why.Code, says) {
		t.Fatalf("Condition = %d, %+v, want %d and a code with %q", got, why, want, says)
	}
}

func TestFourAreAskedAboutAtOnceAndNoMore(t *testing.T) {
	c := worklist.NewCheck(list(6), fast)
	asks(t, c.Next(noon), 0, 1, 2, 3)
	asks(t, c.Next(noon))
	c.RecordLamp(2, lit(c, 2), noon)
	asks(t, c.Next(noon), 4)
	for _, at := range []int{0, 1, 3, 4} {
		c.RecordLamp(at, none(c, at), noon)
	}
	asks(t, c.Next(noon), 5)
	expectCondition(t, c, worklist.Asking, "")
	c.RecordLamp(5, none(c, 5), noon)
	asks(t, c.Next(noon))
	expectCondition(t, c, worklist.Done, "")
	if got, want := c.Tally(), (worklist.Tally{All: 6, Alerts: 1, NoneRecorded: 5}); got != want {
		t.Errorf("Tally = %+v, want %+v", got, want)
	}
}

func TestCheck_PatientWithoutARecord(t *testing.T) {
	c := worklist.NewCheck(list(3), fast)
	asks(t, c.Next(noon), 0, 1, 2)
	c.RecordLamp(0, failed(c, 0, &client.Error{Kind: client.NotFound, Status: 404, SpineCode: "RESOURCE_NOT_FOUND"}),
		noon)
	c.RecordLamp(1,
		failed(c, 1, &client.Error{Kind: client.Invalidated, Status: 404, SpineCode: "INVALIDATED_RESOURCE"}), noon)
	alert := lit(c, 2)
	alert.RecordMissing = true
	c.RecordLamp(2, alert, noon)
	c.Next(noon)
	expectCondition(t, c, worklist.Done, "")
	for at, want := range []string{"No patient has this NHS number.", "This patient record was marked invalid."} {
		if a := c.Answer(at); a.State != client.CouldNotCheck || a.Known() || a.Why == nil || a.Why.Sentence != want {
			t.Errorf("Answer(%d) = %+v, reason %+v, want could not check because %q", at, a, a.Why, want)
		}
	}

	if a := c.Answer(2); a.State != client.Alert || !a.RecordMissing {
		t.Errorf("Answer(2) = %+v, want an alert without a record", a)
	}

	other := lit(c, 2)
	other.AsOf = noon.Add(time.Minute)
	if !c.RecordOtherLamp(other) || c.Answer(2).RecordMissing {
		t.Errorf("after a lamp of a record that exists: Answer(2) = %+v, want RecordMissing false", c.Answer(2))
	}
}

func TestTheRateIsKeptTo(t *testing.T) {
	c := worklist.NewCheck(list(9), 60) // one a second, up to four at once
	asks(t, c.Next(noon), 0, 1, 2, 3)
	for at := range 4 {
		c.RecordLamp(at, none(c, at), noon)
	}
	s := c.Next(noon)
	asks(t, s)
	if s.Wait != time.Second {
		t.Fatalf("Wait = %s, want 1s", s.Wait)
	}
	now := noon.Add(s.Wait)
	if s = c.Next(now); fmt.Sprint(s.Ask) != "[4]" || s.Wait != time.Second {
		t.Fatalf("Next = %+v, want Ask [4] and Wait 1s", s)
	}
	asks(t, c.Next(now.Add(time.Minute)), 5, 6, 7)
}

func TestLinesWithoutANumberAreNeverAskedAbout(t *testing.T) {
	patients := list(2)
	patients[0].Number, patients[0].Fault = "", "There is no NHS number in this line."
	c := worklist.NewCheck(patients, fast)
	asks(t, c.Next(noon), 1)
	c.RecordLamp(1, none(c, 1), noon)
	c.Next(noon)
	expectCondition(t, c, worklist.Done, "")
	if got := c.Tally(); got != (worklist.Tally{All: 2, NoneRecorded: 1, NotChecked: 1, Faulty: 1}) ||
		got.Finished() != 2 || got.Unanswered() != 1 || c.Unanswered() {
		t.Errorf("Tally = %+v, want one none recorded and one faulty of 2", got)
	}
}

func TestTheHubsOwnWordToWaitIsObeyed(t *testing.T) {
	c := worklist.NewCheck(list(6), fast)
	asks(t, c.Next(noon), 0, 1, 2, 3)
	c.RecordLamp(0, failed(c, 0, &client.Error{Kind: client.Busy, Status: 429, Wait: 20 * time.Second}), noon)
	c.RecordLamp(1, failed(c, 1, &client.Error{Kind: client.Busy, Status: 429, Wait: 5 * time.Second}), noon)
	expectCondition(t, c, worklist.Slowed, "H15-429")
	if s := c.Next(noon.Add(time.Second)); s.Wait != 19*time.Second || s.Ask != nil {
		t.Fatalf("Next = %+v, want Wait 19s", s)
	}

	c.Restart(noon.Add(time.Second)) // a restart by the user does not shorten the wait
	asks(t, c.Next(noon.Add(time.Second)))
	c.RecordLamp(2, none(c, 2), noon.Add(time.Second))
	asks(t, c.Next(noon.Add(19*time.Second)))
	asks(t, c.Next(noon.Add(20*time.Second)), 0, 1, 4)

	// without Retry-After: default wait
	c.RecordLamp(0, failed(c, 0, &client.Error{Kind: client.Busy}), noon.Add(time.Minute))
	if s := c.Next(noon.Add(time.Minute)); s.Wait != time.Second || s.Ask != nil {
		t.Fatalf("Next = %+v, want Wait 1s", s)
	}

	if got := c.Tally(); got.CouldNotCheck != 0 || got.NotChecked != 5 {
		t.Errorf("Tally = %+v, want 5 not checked", got)
	}
}

func TestAHubThatFailsAndAsksToWaitIsNotLookedAtBefore(t *testing.T) {
	c := worklist.NewCheck(list(2), fast)
	asks(t, c.Next(noon), 0, 1)
	for at := range 2 {
		c.RecordLamp(at, failed(c, at, &client.Error{Kind: client.Failing, Status: 503, Wait: 20 * time.Second}), noon)
	}
	expectCondition(t, c, worklist.HubDown, "H16-503")
	if s := c.Next(noon); s.Wait != 20*time.Second || s.Probe {
		t.Errorf("Next = %+v, want Wait 20s and no probe", s)
	}
	if s := c.Next(noon.Add(20 * time.Second)); !s.Probe {
		t.Errorf("Next after 20s = %+v, want a probe", s)
	}
	c.RecordProbe(&client.Error{Kind: client.Failing, Wait: time.Minute}, noon.Add(20*time.Second))
	if s := c.Next(noon.Add(20 * time.Second)); s.Wait != time.Minute {
		t.Errorf("Next after a failed probe = %+v, want Wait 1m", s)
	}
}

func TestWhileTheHubIsDownTheRestIsNotCheckedAndItIsLookedAtEverMoreSeldom(t *testing.T) {
	c := worklist.NewCheck(list(6), fast)
	asks(t, c.Next(noon), 0, 1, 2, 3)
	for at, kind := range []client.Kind{client.Unreachable, client.Intercepted, client.TimedOut, client.Failing} {
		c.RecordLamp(at, failed(c, at, &client.Error{Kind: kind}), noon)
	}

	if got := c.Tally(); got.CouldNotCheck != 0 || got.NotChecked != 6 {
		t.Errorf("Tally = %+v, want 6 not checked", got)
	}

	expectCondition(t, c, worklist.HubDown, "H10")
	now := noon
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		s := c.Next(now)
		if s.Wait != want*time.Second || s.Ask != nil || s.Probe {
			t.Fatalf("Next = %+v, want Wait %ds", s, want)
		}
		now = now.Add(s.Wait)
		if s = c.Next(now); !s.Probe || s.Ask != nil || s.Wait != 0 {
			t.Fatalf("Next = %+v, want only a probe", s)
		}
		if s = c.Next(now); s.Probe {
			t.Fatal("Next asks for a second probe while one is running")
		}
		c.RecordProbe(&client.Error{Kind: client.Unreachable}, now)
	}

	if got := c.Tally(); got != (worklist.Tally{All: 6, NotChecked: 6}) {
		t.Errorf("Tally = %+v, want 6 not checked", got)
	}

	now = now.Add(c.Next(now).Wait)
	c.Next(now)
	c.RecordProbe(nil, now)
	asks(t, c.Next(now), 0) // one patient is tried first
	asks(t, c.Next(now))
	c.RecordLamp(0, none(c, 0), now)
	asks(t, c.Next(now), 1, 2, 3, 4)
}

func TestTheUsersRestartLooksAtTheHubAtOnce(t *testing.T) {
	c := worklist.NewCheck(list(1), fast)
	c.Next(noon)
	c.RecordLamp(0, failed(c, 0, &client.Error{Kind: client.TimedOut}), noon)
	c.Restart(noon)
	if s := c.Next(noon); !s.Probe {
		t.Fatalf("Next after Restart = %+v, want a probe", s)
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
			c.RecordLamp(at, lamp, now)
		}
		if s.Probe {
			c.RecordProbe(nil, now)
		}
		now = now.Add(s.Wait)
	}

	expectCondition(t, c, worklist.Done, "")
	if got := c.Tally(); got != (worklist.Tally{All: 8, NoneRecorded: 7, CouldNotCheck: 1}) {
		t.Errorf("Tally = %+v, want 7 none recorded and 1 could not check", got)
	}

	if why := c.Answer(bad).Why; why == nil || why.Code != "H16-500" {
		t.Errorf("reason = %+v, want code H16-500", why)
	}
}

func TestWhatIsThePatientsOwnMatterIsToldAndRestartAsksAgain(t *testing.T) {
	for _, kind := range []client.Kind{
		client.NotFound, client.Invalidated, client.BadRequest, client.Malformed,
		client.Unexpected,
	} {
		c := worklist.NewCheck(list(2), fast)
		asks(t, c.Next(noon), 0, 1)
		c.RecordLamp(0, lit(c, 0), noon)
		c.RecordLamp(1, failed(c, 1, &client.Error{Kind: kind}), noon)
		asks(t, c.Next(noon))
		expectCondition(t, c, worklist.Done, "")
		a := c.Answer(1)
		if a.State != client.CouldNotCheck || a.Why.Kind != kind.String() || a.Why.Sentence == "" ||
			a.Why.Advice == "" || !c.Unanswered() {
			t.Errorf("%s: Answer(1) = %+v, want could not check with a reason", kind, a)
		}

		c.Restart(noon)
		if c.Answer(1).State != client.NotChecked || c.Answer(0).State != client.Alert {
			t.Errorf("after Restart: answers %+v and %+v, want the alert and not checked", c.Answer(0), c.Answer(1))
		}

		asks(t, c.Next(noon), 1)
	}
}

// Asking again about a restricted record would give the same answer.
func TestARestrictedRecordIsNotAskedForAgain(t *testing.T) {
	c := worklist.NewCheck(list(1), fast)
	asks(t, c.Next(noon), 0)
	c.RecordLamp(0, failed(c, 0, &client.Error{Kind: client.Sensitive}), noon)
	asks(t, c.Next(noon))
	if c.Answer(0).State != client.CouldNotCheck || c.Unanswered() {
		t.Errorf("Answer(0) = %+v, Unanswered = %v, want could not check and false", c.Answer(0), c.Unanswered())
	}
	c.Restart(noon)
	if asks(t, c.Next(noon)); c.Answer(0).State != client.CouldNotCheck {
		t.Errorf("after Restart: Answer(0) = %+v, want could not check", c.Answer(0))
	}
}

func TestWithoutASessionOrATrustedHubNothingMoreIsAsked(t *testing.T) {
	for _, kind := range []client.Kind{client.SignedOut, client.NotAllowed, client.ClockWrong, client.Untrusted} {
		c := worklist.NewCheck(list(9), fast)
		asks(t, c.Next(noon), 0, 1, 2, 3)
		c.RecordLamp(0, failed(c, 0, &client.Error{Kind: kind}), noon)
		c.RecordLamp(1, failed(c, 1, &client.Error{Kind: client.Unreachable}), noon)
		c.RecordLamp(2, none(c, 2), noon) // the answer to an earlier request is still recorded
		if got, why := c.Condition(); got != worklist.Stopped || why == nil || client.KindOf(c.Fault()) != kind {
			t.Errorf("Condition = %d, %+v, fault %v, want Stopped by %s", got, why, c.Fault(), kind)
		}
		if s := c.Next(noon.Add(time.Hour)); s.Ask != nil || s.Probe || s.Wait != 0 {
			t.Errorf("Next = %+v, want nothing to do", s)
		}
		if got := c.Tally(); got.NotChecked != 8 || got.NoneRecorded != 1 {
			t.Errorf("Tally = %+v, want 8 not checked and 1 none recorded", got)
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
		c.RecordLamp(0, lamp, noon)
		if a := c.Answer(0); a.State != client.CouldNotCheck || a.Why.Kind != "rubbish" || !a.AsOf.IsZero() {
			t.Errorf("%s: Answer(0) = %+v, want could not check, malformed answer", name, a)
		}
	}
	c := worklist.NewCheck(list(1), fast)
	c.RecordLamp(0, none(c, 0), noon)
	if c.Answer(0).State != client.NotChecked {
		t.Error("Take recorded an answer for a patient who was not being asked about")
	}
}

func TestAnAnswerFromThePatientsScreenCountsWhenItIsNewer(t *testing.T) {
	c := worklist.NewCheck(list(2), fast)
	newer := lit(c, 0)
	newer.AsOf = noon.Add(time.Minute)
	c.Next(noon)
	c.RecordLamp(0, none(c, 0), noon)
	c.RecordOtherLamp(newer)
	c.RecordOtherLamp(client.Lamp{Number: c.Patient(0).Number, State: client.NoneRecorded, AsOf: noon})
	c.RecordOtherLamp(client.Lamp{Number: c.Patient(1).Number, State: client.CouldNotCheck})
	c.RecordOtherLamp(client.Lamp{Number: "9990000115", State: client.Alert, AsOf: noon})
	if c.Answer(0).State != client.Alert || c.Answer(1).State != client.NotChecked {
		t.Errorf("answers %+v and %+v, want an alert and not checked", c.Answer(0), c.Answer(1))
	}
}

func TestAlertsComeFirstOrTheFilesOrder(t *testing.T) {
	c := worklist.NewCheck(list(6), fast)
	c.Next(noon)
	c.RecordLamp(0, none(c, 0), noon)
	c.RecordLamp(1, failed(c, 1, &client.Error{Kind: client.NotFound}), noon)
	c.RecordLamp(2, none(c, 2), noon)
	c.RecordLamp(3, lit(c, 3), noon)
	if got := fmt.Sprint(c.Indexes(worklist.AlertsFirst)); got != "[3 1 4 5 0 2]" {
		t.Error(got)
	}
	if got := fmt.Sprint(c.Indexes(worklist.AsInFile)); got != "[0 1 2 3 4 5]" {
		t.Error(got)
	}
}

func TestAnAnswerIsOldPastItsBound(t *testing.T) {
	known := worklist.Answer{State: client.NoneRecorded, AsOf: noon}
	if known.OlderThan(noon.Add(time.Hour), time.Hour) || !known.OlderThan(noon.Add(time.Hour+1), time.Hour) ||
		known.OlderThan(noon.Add(time.Hour), 0) {
		t.Error("Old is wrong at the bound, just after it, or with bound 0")
	}
	if (worklist.Answer{State: client.CouldNotCheck}).OlderThan(noon, time.Hour) ||
		(worklist.Answer{}).OlderThan(noon, time.Hour) {
		t.Error("Old of an answer that isn't known = true, want false")
	}
}

// A sign-in ends while several patients are being asked about. Their answers are lost, and the check continues at the
// next sign-in.
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
		c.RecordResult(at, worklist.ResultOf(patients[at], record, nil, lit(c, at), today), noon)
	}

	c.Next(noon)
	expectCondition(t, c, worklist.Done, "")
	if a := c.Answer(0); a.State != client.CouldNotCheck || a.Why == nil || a.Why.Kind != "other_patient" ||
		a.Why.Code != "W11" || !a.AsOf.IsZero() {
		t.Errorf("Answer(0) = %+v, reason %+v, want could not check: another patient", a, a.Why)
	}

	if a := c.Answer(1); a.State != client.Alert || a.Name != worklist.Same {
		t.Errorf("Answer(1) = %+v, want an alert with the same name", a)
	}

	for at := range 2 { // an answer from the screen of the number
		later := lit(c, at)
		later.AsOf = noon.Add(time.Minute)
		if heard := c.RecordOtherLamp(later); heard != (at == 1) {
			t.Errorf("row %d: Heard = %t, answer %+v, want the second row changed only", at, heard, c.Answer(at))
		}
	}

	if c.Restart(noon); !c.Unanswered() {
		t.Error("Unanswered after Restart = false, want true")
	}
}

func TestCheck_LineThatWasNotComparedHearsOfAlertsOnly(t *testing.T) {
	patients := list(3)
	patients[0].Born, patients[1].Born = "04-Mar-2016", "04-Mar-2016"
	c := worklist.NewCheck(patients, fast)
	if c.RecordOtherLamp(none(c, 0)) || c.Answer(0).State != client.NotChecked {
		t.Errorf("a row that was not compared has the answer %+v, want not checked", c.Answer(0))
	}

	if !c.RecordOtherLamp(none(c, 2)) {
		t.Error("Heard of a row with only a number = false, want true: there is nothing to compare")
	}

	if !c.RecordOtherLamp(lit(c, 1)) || !c.Answer(1).RecordUnread || !c.Unanswered() {
		t.Errorf("Answer(1) = %+v, want an alert whose record was not read", c.Answer(1))
	}

	asks(t, c.Next(noon), 0, 1)
	older := none(c, 1)
	older.AsOf = noon.Add(-time.Minute)
	record := client.Patient{Number: patients[1].Number, Born: nhs.Date{Year: 2016, Month: time.March, Day: 4}}
	c.RecordResult(1, worklist.ResultOf(patients[1], record, nil, older, today), noon)
	if a := c.Answer(1); a.State != client.Alert || a.RecordUnread || a.Born != worklist.Same {
		t.Errorf("Answer(1) = %+v, want an alert with the same birth date", a)
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
		c.RecordResult(0, worklist.ResultOf(patients[0], record, err, lamp, today), at)
	}

	take(client.Patient{}, &client.Error{Kind: client.Busy, Wait: time.Second}, noon)
	expectCondition(t, c, worklist.Slowed, "H15")
	if a := c.Answer(0); a.State != client.Alert || !a.RecordUnread || a.Name != worklist.NotCompared ||
		len(worklist.Notes(patients[0], a)) != 1 || !c.Unanswered() {
		t.Fatalf("Answer(0) = %+v, want an alert that was not compared, with a note", a)
	}

	asks(t, c.Next(noon.Add(time.Second)), 0) // to request the record
	take(client.Patient{Number: patients[0].Number, Family: "Example"}, nil, noon.Add(time.Second))
	asks(t, c.Next(noon.Add(time.Second)))
	expectCondition(t, c, worklist.Done, "")
	if a := c.Answer(0); a.State != client.Alert || a.RecordUnread || a.Name != worklist.Same ||
		len(worklist.Notes(patients[0], a)) != 0 {
		t.Fatalf("Answer(0) = %+v, want an alert with the same name, without notes", a)
	}

	c = worklist.NewCheck(patients, fast)
	asks(t, c.Next(noon), 0)
	take(client.Patient{}, &client.Error{Kind: client.Malformed}, noon) // an error that a retry does not fix
	asks(t, c.Next(noon))
	expectCondition(t, c, worklist.Done, "")
	c.Restart(noon)
	asks(t, c.Next(noon), 0)
	take(client.Patient{Number: patients[0].Number, Family: "Sample"}, nil, noon.Add(time.Second))
	if a := c.Answer(0); a.State != client.CouldNotCheck || a.Why == nil || a.Why.Kind != "other_patient" {
		t.Fatalf("Answer(0) = %+v, want could not check: another patient", a)
	}
}

func TestCheck_OpeningAsks(t *testing.T) {
	c := worklist.NewCheck(list(8), fast)
	asks(t, c.Next(noon), 0, 1, 2, 3)
	for at := range 4 {
		c.RecordLamp(at, client.Lamp{
			Number: c.Patient(at).Number, State: client.NotChecked, Err: &client.Error{Kind: client.OpeningAsks},
		}, noon)
	}
	expectCondition(t, c, worklist.Stopped, "H25")
	asks(t, c.Next(noon))
	if got := c.Tally(); got.NotChecked != 8 || got.CouldNotCheck != 0 {
		t.Errorf("got %+v, want all not checked", got)
	}

	// What the user learns by opening is in the list.
	if !c.RecordOtherLamp(lit(c, 2)) || c.Answer(2).State != client.Alert {
		t.Errorf("after an opening: got %+v, want an alert", c.Answer(2))
	}
}
