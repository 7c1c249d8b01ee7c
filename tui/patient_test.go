package tui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/ask"
)

func TestTheWayFromCardToTheNumberToRing(t *testing.T) {
	b := newFixture(t).cardIn().deliver().Typed(code).Press("enter").deliver().Typed("999 000-0018").Press("enter").
		deliver()
	b.expect("EXAMPLE, Tess Ann (Miss)", "Born 04-Mar-2016 (10y 8m)", "Gender Female", "NHS No. 999 000 0018",
		"▲ ALERT")
	b.expectCalls("patient 9990000018", 1).expectCalls("lamp 9990000018", 1).expectNoCall("open")
	b.wait(time.Second).Press("o").deliver()
	b.expect("RING NOW 01632 960102", "otherwise 01632 960101", "the local authority will be notified",
		"Ms Ada Sample").expectCalls("open 9990000018", 1)
}

func TestTypingAheadOpensNothing(t *testing.T) {
	b := newFixture(t).signIn().Typed(tess.Digits()).Press("enter").Typed("ooo").deliver().Typed("o").Press("enter",
		"space")
	b.wait(399 * time.Millisecond).Typed("o").deliver().expectNoCall("open")
	b.wait(time.Millisecond).Typed("o").deliver().expectNoCall("open") // each press within the key delay restarts it
	b.wait(act.KeyDelay).Typed("o").deliver().expectCalls("open 9990000018", 1)
}

func TestTheKeyDelayBeginsWhenAlertAndRecordAreBothInSight(t *testing.T) {
	b := newFixture(t).signIn().Typed(tess.Digits()).Press("enter")
	record := takeQueued[ask.Answer[client.Patient]](b)
	b.deliver().expect("▲ ALERT").wait(time.Minute).Press("o").deliver().expectNoCall("open")
	b.send(record).Press("o").deliver().expectNoCall("open").wait(time.Second).Press("o").deliver().
		expectCalls("open 9990000018", 1)
}

func TestAHeldKeyOpensNothing(t *testing.T) {
	b := newFixture(t).signIn().Typed(tess.Digits()).Press("enter").hold("o", 200*time.Millisecond).deliver().hold("o",
		3*time.Second).deliver().expectNoCall("open")
	b.wait(time.Second).send(tea.PasteMsg{Content: "o"}).deliver().expectNoCall("open")
}

func TestEnterNeverOpens(t *testing.T) {
	newFixture(t).toPatient(tess).wait(time.Minute).Press("enter", "enter", "space", "y", "1").deliver().
		expectNoCall("open")
}

func TestALampThatFailsCouldNotBeCheckedAndNeverSaysNoneRecorded(t *testing.T) {
	for kind := client.Unexpected; kind <= client.UnknownPerson; kind++ {
		b := newFixture(t)
		err := &client.Error{Kind: kind}
		b.sessions.lamps[tess] = client.Lamp{Number: tess, State: client.CouldNotCheck, Err: err}
		if kind == client.Sensitive { // an ordinary answer, without a support code
			what, meaning := client.WordsUnchecked(kind)
			b.toPatient(tess).expect("could not check", what, meaning).expectNot("none recorded", "ALERT", "H23",
				"ask again")
			b.Press("r").deliver().expectCalls("lamp 9990000018", 1)
			continue
		}
		b.toPatient(tess).expect("could not check", err.Sentence(), err.Code()).expectNot("none recorded", "ALERT")
		b.sessions.lamps[tess] = client.Lamp{Number: tess, State: client.NoneRecorded, AsOf: start()}
		b.Press("r").expect("not checked").expectNot("none recorded").deliver().expect("none recorded").
			expectCalls("lamp 9990000018", 2)
	}

	b := newFixture(t)
	b.sessions.lamps[tess] = client.Lamp{} // the zero value
	b.toPatient(tess).expect("not checked").expectNot("none recorded", "ALERT")
	b.sessions.lamps[tess] = client.Lamp{State: client.CouldNotCheck} // without an error that explains the state
	b.Press("r").deliver().expect("could not check").expectNot("none recorded")
}

func TestNoneRecordedSaysAsOfWhenAndThatItProvesNothing(t *testing.T) {
	newFixture(t).toPatient(sam).expect("none recorded", "as of 22-Nov-2026 14:05",
		"does not prove that there is no plan",
		"Scotland, Wales, Northern Ireland, private placements, sensitive records").expectNot("ALERT").
		wait(time.Minute).Press("o").deliver().expectNoCall("open")
}

func TestALampAboutAnotherPatientIsNotBelieved(t *testing.T) {
	b := newFixture(t)
	b.sessions.lamps[tess] = client.Lamp{Number: sam, State: client.NoneRecorded, AsOf: start()}
	b.toPatient(tess).expect("could not check", "another patient").expectNot("none recorded")
	b = newFixture(t)
	b.sessions.records[tess] = samRecord()
	b.toPatient(tess).expect("The record did not come.", "another patient").expectNot("SAMPLE, Sam")
	b = newFixture(t)
	b.sessions.opened.Number = sam
	b.toOpened().expect("The alert could not be opened. There is an alert.", "another patient",
		"It may have been recorded").expectNot("RING NOW")
}

func TestAnswersThatComeInAnotherOrderAreDroppedWhenLate(t *testing.T) {
	b := newFixture(t).signIn().Typed(tess.Digits()).Press("enter")
	late, lateLamp := takeQueued[ask.Answer[client.Patient]](b), takeQueued[ask.Answer[client.Lamp]](b)
	b.Press("n").Typed(sam.Digits()).Press("enter").send(lateLamp).send(late).expectNot("Tess", "ALERT")
	b.deliver().expect("SAMPLE, Sam", "none recorded").send(late).send(lateLamp).expect("SAMPLE, Sam", "none recorded").
		expectNot("Tess", "ALERT")
}

func TestTheSamePatientAskedTwiceTakesTheSecondAnswer(t *testing.T) {
	b := newFixture(t)
	b.sessions.lamps[tess] = client.Lamp{State: client.CouldNotCheck, Err: &client.Error{Kind: client.TimedOut}}
	b.toPatient(tess).Press("r")
	first := takeQueued[ask.Answer[client.Lamp]](b)
	b.sessions.lamps[tess] = client.Lamp{Number: tess, State: client.Alert, AsOf: start()}
	b.Press("esc").Typed("").Press("enter").deliver().expect("ALERT").send(first).expect("ALERT").
		expectNot("could not check")
}

func TestAnAnswerAfterTheCardWasPulledIsDropped(t *testing.T) {
	newFixture(t).signIn().Typed(tess.Digits()).Press("enter").cardOut().deliver().expectNot("Tess", "ALERT")
	newFixture(t).toPatient(tess).wait(time.Second).Press("o").cardOut().deliver().expectNot("RING NOW", "COUNCIL")
	b := newFixture(t).cardIn().deliver().Typed(code).Press("enter").cardOut().deliver()
	b.expect("Card removed.").expectNot("Find a patient")
	if b.m.In != nil {
		t.Error("an answer to the sign-in that arrived after the card was pulled started a session")
	}
	b = newFixture(t)
	byName(b).cardOut().deliver().expectNot("Tess")
}

func TestASupersededNumberIsToldAndTheLampAskedByTheNewOne(t *testing.T) {
	b := newFixture(t)
	p := tessRecord()
	p.AskedFor = oldNum
	b.sessions.records[oldNum] = p
	b.sessions.lamps[oldNum] = client.Lamp{Number: oldNum, State: client.NoneRecorded, AsOf: start()}
	b.signIn().Typed(oldNum.Digits()).Press("enter")
	lamp := takeQueued[ask.Answer[client.Lamp]](b)
	b.send(takeQueued[ask.Answer[client.Patient]](b)).expect("NHS number 999 000 0034 was replaced. The number is " +
		"now 999 000 0018.").expectNot("none recorded")
	b.send(lamp).expect("not checked").expectNot("none recorded") // the answer for the old number is not hers
	b.deliver().expect("ALERT", "NHS No. 999 000 0018").wait(time.Second).Press("o").deliver().
		expectCalls("open 9990000018", 1)
}

func TestAFailedOpeningSaysWhatIsKnownOfItsRecord(t *testing.T) {
	for _, c := range []struct {
		err  error
		says string
	}{
		{&client.Error{Kind: client.TimedOut, OutcomeUnknown: true}, "It may have been recorded"},
		{&client.Error{Kind: client.Unreachable}, "Nothing was recorded and nobody was notified."},
		{
			&client.Error{Kind: client.NotAllowed, Missing: []string{"B0107"}},
			"Nothing was recorded and nobody was notified.",
		},
		{session.ErrNoSession, "It may have been recorded"},
	} {
		b := newFixture(t)
		b.sessions.openErr = c.err
		b.toOpened().expect("The alert could not be opened. There is an alert.", c.says, "ALERT").expectNot("RING NOW",
			"none recorded", "could not check")
		b.sessions.openErr = nil
		b.Press("o").deliver().expectCalls("open 9990000018", 1) // restarts the key delay
		b.wait(time.Second).Press("o").deliver().expect("RING NOW")
	}
}

func TestASilentRoleIsToldThatOpeningIsSilent(t *testing.T) {
	b := roles(newFixture(t), []rbac.RoleProfile{midwife()}, []rbac.RoleProfile{midwife()})
	b.sessions.opened.Notifies = false
	b.toPatient(tess).expect("shows the plan and whom to ring. Scheduled care: nobody is notified.").
		expectNot("authority is notified")
	b.wait(time.Second).Press("o").deliver().expect("silently: nobody was notified").
		expectNot("authority will be notified")
	newFixture(t).toPatient(tess).expect("shows the plan and whom to ring. Your name is recorded; the local " +
		"authority is notified.")
}

func TestWhileOpeningThePatientCannotBeLeft(t *testing.T) {
	b := newFixture(t).toPatient(tess).wait(time.Second).Press("o").expect("Opening.").Press("n", "/", "esc", "o", "r").
		expect("Opening.", "Tess")
	b.deliver().expect("RING NOW").expectCalls("open 9990000018", 1)
}

func TestAnOpenedAlertIsShownAgainWithoutAnotherOpening(t *testing.T) {
	b := newFixture(t).toOpened().Press("esc").expect("ALERT", "Nobody is notified again.").wait(time.Second).
		Press("o").expect("RING NOW")
	b.expectCalls("open 9990000018", 1)
}

func TestAnOpeningWithoutPlansHasItsOwnSentence(t *testing.T) {
	b := newFixture(t)
	b.sessions.opened.Plans, b.sessions.opened.Notifies = nil, false
	b.toOpened().expect("There is no plan to show any more.", "nobody was notified").expectNot("RING NOW", "silently")
}

func TestNextPatientForgetsThePatientAndTheSearch(t *testing.T) {
	b := newFixture(t)
	byName(b).deliver().wait(time.Second).Press("enter").deliver().expect("ALERT").Press("n").expect("Find a patient").
		expectNot("Tess", "Example,", "04-Mar-2016", "ALERT")
	if len(b.m.Screens) != 1 {
		t.Errorf("the model still has %d screens, want 1: the patient must be dropped", len(b.m.Screens))
	}
}

func TestFindKeepsWhatWasSearched(t *testing.T) {
	b := newFixture(t)
	byName(b).deliver().expect("Searched as typed: family name Example, born 04-Mar-2016").wait(time.Second).
		Press("enter").deliver().Press("/")
	b.expect("Find a patient", "Example", "04-Mar-2016").expectNot("Tess", "ALERT")
}

func TestEscGoesBackOneScreenAtATime(t *testing.T) {
	b := newFixture(t)
	byName(b).deliver().wait(time.Second).Press("enter").deliver().wait(time.Second).Press("o").deliver().
		expect("RING NOW")
	b.Press("esc").expect("ALERT").Press("esc").expect("2 patients").expectNot("ALERT").Press("esc").
		expect("Find a patient")
}

func TestARecordThatFailsDoesNotHideTheAlert(t *testing.T) {
	b := newFixture(t)
	b.sessions.recordErr = &client.Error{Kind: client.Failing, Status: 503}
	b.toPatient(tess).expect("ALERT", "The record did not come.", "H16-503", "Record not available").wait(time.Minute).
		Press("o").deliver().expectNoCall("open")
	b.sessions.recordErr = nil
	b.Press("r").deliver().expect("EXAMPLE, Tess Ann (Miss)").expectCalls("lamp 9990000018", 1)
}

func TestAnUnknownNumberGoesBackToTheFieldThatHoldsIt(t *testing.T) {
	b := newFixture(t)
	b.sessions.recordErr = &client.Error{Kind: client.NotFound, Status: 404}
	b.toPatient(tess).expect("Find a patient", "999 000 0018", "No patient has this NHS number.").expectNot("ALERT")
	b.deliver().expectNot("ALERT")
}

func TestARestrictedPatientsAddressIsWithheld(t *testing.T) {
	b := newFixture(t)
	p := samRecord()
	p.Address, p.Phone = []string{"1 Secret Street"}, "01632960099"
	b.sessions.records[sam] = p
	b.toPatient(sam).expect("Usual address Withheld", "Patient phone Withheld").expectNot("Secret", "01632")
}

func TestTheDeadHaveABannerOfTheirOwn(t *testing.T) {
	b := newFixture(t)
	p := samRecord()
	p.Died = nhs.Date{Year: 2026, Month: time.October, Day: 2}
	b.sessions.records[sam] = p
	b.toPatient(sam).expect("Died 02-Oct-2026", "Age at Death 2y 3m", "░░░")
}

func TestABarePatientIsNotKnownAndNeverBlank(t *testing.T) {
	b := newFixture(t)
	b.sessions.records[sam] = client.Patient{Number: sam}
	b.toPatient(sam).expect("Not Known", "Born Not Known", "Gender Not Specified", "NHS No. 999 000 0026",
		"Usual address Not Known")
}
