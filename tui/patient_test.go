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
	b := newBench(t).cardIn().answer().Typed(code).Press("enter").answer().Typed("999 000-0018").Press("enter").answer()
	b.says("EXAMPLE, Tess Ann (Miss)", "Born 04-Mar-2016 (10y 8m)", "Gender Female", "NHS No. 999 000 0018", "▲ ALERT")
	b.asks("patient 9990000018", 1).asks("lamp 9990000018", 1).never("open")
	b.wait(time.Second).Press("o").answer()
	b.says("RING NOW 01632 960102", "otherwise 01632 960101", "the local authority will be notified", "Ms Ada Sample").asks("open 9990000018", 1)
}

func TestTypingAheadOpensNothing(t *testing.T) {
	b := newBench(t).signIn().Typed(tess.Digits()).Press("enter").Typed("ooo").answer().Typed("o").Press("enter", "space")
	b.wait(399 * time.Millisecond).Typed("o").answer().never("open")
	b.wait(time.Millisecond).Typed("o").answer().never("open") // each press within the key delay restarts it
	b.wait(act.KeyDelay).Typed("o").answer().asks("open 9990000018", 1)
}

func TestTheKeyDelayBeginsWhenAlertAndRecordAreBothInSight(t *testing.T) {
	b := newBench(t).signIn().Typed(tess.Digits()).Press("enter")
	record := take[ask.Answer[client.Patient]](b)
	b.answer().says("▲ ALERT").wait(time.Minute).Press("o").answer().never("open")
	b.send(record).Press("o").answer().never("open").wait(time.Second).Press("o").answer().asks("open 9990000018", 1)
}

func TestAHeldKeyOpensNothing(t *testing.T) {
	b := newBench(t).signIn().Typed(tess.Digits()).Press("enter").held("o", 200*time.Millisecond).answer().held("o", 3*time.Second).answer().never("open")
	b.wait(time.Second).send(tea.PasteMsg{Content: "o"}).answer().never("open")
}

func TestEnterNeverOpens(t *testing.T) {
	newBench(t).toPatient(tess).wait(time.Minute).Press("enter", "enter", "space", "y", "1").answer().never("open")
}

func TestALampThatFailsCouldNotBeCheckedAndNeverSaysNoneRecorded(t *testing.T) {
	for kind := client.Unexpected; kind <= client.PersonUnknown; kind++ {
		b := newBench(t)
		err := &client.Error{Kind: kind}
		b.desk.lamps[tess] = client.Lamp{Number: tess, State: client.CouldNotCheck, Err: err}
		if kind == client.Sensitive { // an ordinary answer, without a support code
			what, meaning := client.WordsUnchecked(kind)
			b.toPatient(tess).says("could not check", what, meaning).silent("none recorded", "ALERT", "H23", "ask again")
			b.Press("r").answer().asks("lamp 9990000018", 1)
			continue
		}
		b.toPatient(tess).says("could not check", err.Sentence(), err.Code()).silent("none recorded", "ALERT")
		b.desk.lamps[tess] = client.Lamp{Number: tess, State: client.NoneRecorded, AsOf: start()}
		b.Press("r").says("not checked").silent("none recorded").answer().says("none recorded").asks("lamp 9990000018", 2)
	}
	b := newBench(t)
	b.desk.lamps[tess] = client.Lamp{} // the zero value
	b.toPatient(tess).says("not checked").silent("none recorded", "ALERT")
	b.desk.lamps[tess] = client.Lamp{State: client.CouldNotCheck} // without an error that explains the state
	b.Press("r").answer().says("could not check").silent("none recorded")
}

func TestNoneRecordedSaysAsOfWhenAndThatItProvesNothing(t *testing.T) {
	newBench(t).toPatient(sam).says("none recorded", "as of 22-Nov-2026 14:05", "does not prove that there is no plan",
		"Scotland, Wales, Northern Ireland, private placements, sensitive records").silent("ALERT").wait(time.Minute).Press("o").answer().never("open")
}

func TestALampAboutAnotherPatientIsNotBelieved(t *testing.T) {
	b := newBench(t)
	b.desk.lamps[tess] = client.Lamp{Number: sam, State: client.NoneRecorded, AsOf: start()}
	b.toPatient(tess).says("could not check", "another patient").silent("none recorded")
	b = newBench(t)
	b.desk.records[tess] = samRecord()
	b.toPatient(tess).says("The record did not come.", "another patient").silent("SAMPLE, Sam")
	b = newBench(t)
	b.desk.opened.Number = sam
	b.toOpened().says("The alert could not be opened. There is an alert.", "another patient", "It may have been recorded").silent("RING NOW")
}

func TestAnswersThatComeInAnotherOrderAreDroppedWhenLate(t *testing.T) {
	b := newBench(t).signIn().Typed(tess.Digits()).Press("enter")
	late, lateLamp := take[ask.Answer[client.Patient]](b), take[ask.Answer[client.Lamp]](b)
	b.Press("n").Typed(sam.Digits()).Press("enter").send(lateLamp).send(late).silent("Tess", "ALERT")
	b.answer().says("SAMPLE, Sam", "none recorded").send(late).send(lateLamp).says("SAMPLE, Sam", "none recorded").silent("Tess", "ALERT")
}

func TestTheSamePatientAskedTwiceTakesTheSecondAnswer(t *testing.T) {
	b := newBench(t)
	b.desk.lamps[tess] = client.Lamp{State: client.CouldNotCheck, Err: &client.Error{Kind: client.TimedOut}}
	b.toPatient(tess).Press("r")
	first := take[ask.Answer[client.Lamp]](b)
	b.desk.lamps[tess] = client.Lamp{Number: tess, State: client.Alert, AsOf: start()}
	b.Press("esc").Typed("").Press("enter").answer().says("ALERT").send(first).says("ALERT").silent("could not check")
}

func TestAnAnswerAfterTheCardWasPulledIsDropped(t *testing.T) {
	newBench(t).signIn().Typed(tess.Digits()).Press("enter").cardOut().answer().silent("Tess", "ALERT")
	newBench(t).toPatient(tess).wait(time.Second).Press("o").cardOut().answer().silent("RING NOW", "COUNCIL")
	b := newBench(t).cardIn().answer().Typed(code).Press("enter").cardOut().answer()
	b.says("Card removed.").silent("Find a patient")
	if b.m.In != nil {
		t.Error("an answer to the sign-in that arrived after the card was pulled started a session")
	}
	b = newBench(t)
	byName(b).cardOut().answer().silent("Tess")
}

func TestASupersededNumberIsToldAndTheLampAskedByTheNewOne(t *testing.T) {
	b := newBench(t)
	p := tessRecord()
	p.AskedFor = oldNum
	b.desk.records[oldNum] = p
	b.desk.lamps[oldNum] = client.Lamp{Number: oldNum, State: client.NoneRecorded, AsOf: start()}
	b.signIn().Typed(oldNum.Digits()).Press("enter")
	lamp := take[ask.Answer[client.Lamp]](b)
	b.send(take[ask.Answer[client.Patient]](b)).says("NHS number 999 000 0034 was replaced. The number is now 999 000 0018.").silent("none recorded")
	b.send(lamp).says("not checked").silent("none recorded") // the answer for the old number is not hers
	b.answer().says("ALERT", "NHS No. 999 000 0018").wait(time.Second).Press("o").answer().asks("open 9990000018", 1)
}

func TestAFailedOpeningSaysWhatIsKnownOfItsRecord(t *testing.T) {
	for _, c := range []struct {
		err  error
		says string
	}{
		{&client.Error{Kind: client.TimedOut, Unsettled: true}, "It may have been recorded"},
		{&client.Error{Kind: client.Unreachable}, "Nothing was recorded and nobody was notified."},
		{&client.Error{Kind: client.NotAllowed, Missing: []string{"B0107"}}, "Nothing was recorded and nobody was notified."},
		{session.ErrNoSession, "It may have been recorded"},
	} {
		b := newBench(t)
		b.desk.openErr = c.err
		b.toOpened().says("The alert could not be opened. There is an alert.", c.says, "ALERT").silent("RING NOW", "none recorded", "could not check")
		b.desk.openErr = nil
		b.Press("o").answer().asks("open 9990000018", 1) // restarts the key delay
		b.wait(time.Second).Press("o").answer().says("RING NOW")
	}
}

func TestASilentRoleIsToldThatOpeningIsSilent(t *testing.T) {
	b := roles(newBench(t), []rbac.RoleProfile{midwife()}, []rbac.RoleProfile{midwife()})
	b.desk.opened.Notifies = false
	b.toPatient(tess).says("shows the plan and whom to ring. Scheduled care: nobody is notified.").silent("authority is notified")
	b.wait(time.Second).Press("o").answer().says("silently: nobody was notified").silent("authority will be notified")
	newBench(t).toPatient(tess).says("shows the plan and whom to ring. Your name is recorded; the local authority is notified.")
}

func TestWhileOpeningThePatientCannotBeLeft(t *testing.T) {
	b := newBench(t).toPatient(tess).wait(time.Second).Press("o").says("Opening.").Press("n", "/", "esc", "o", "r").says("Opening.", "Tess")
	b.answer().says("RING NOW").asks("open 9990000018", 1)
}

func TestAnOpenedAlertIsShownAgainWithoutAnotherOpening(t *testing.T) {
	b := newBench(t).toOpened().Press("esc").says("ALERT", "Nobody is notified again.").wait(time.Second).Press("o").says("RING NOW")
	b.asks("open 9990000018", 1)
}

func TestAnOpeningWithoutPlansHasItsOwnSentence(t *testing.T) {
	b := newBench(t)
	b.desk.opened.Plans, b.desk.opened.Notifies = nil, false
	b.toOpened().says("There is no plan to show any more.", "nobody was notified").silent("RING NOW", "silently")
}

func TestNextPatientForgetsThePatientAndTheSearch(t *testing.T) {
	b := newBench(t)
	byName(b).answer().wait(time.Second).Press("enter").answer().says("ALERT").Press("n").says("Find a patient").silent("Tess", "Example,", "04-Mar-2016", "ALERT")
	if len(b.m.Screens) != 1 {
		t.Errorf("the model still has %d screens, want 1: the patient must be dropped", len(b.m.Screens))
	}
}

func TestFindKeepsWhatWasSearched(t *testing.T) {
	b := newBench(t)
	byName(b).answer().says("Searched as typed: family name Example, born 04-Mar-2016").wait(time.Second).Press("enter").answer().Press("/")
	b.says("Find a patient", "Example", "04-Mar-2016").silent("Tess", "ALERT")
}

func TestEscGoesBackOneScreenAtATime(t *testing.T) {
	b := newBench(t)
	byName(b).answer().wait(time.Second).Press("enter").answer().wait(time.Second).Press("o").answer().says("RING NOW")
	b.Press("esc").says("ALERT").Press("esc").says("2 patients").silent("ALERT").Press("esc").says("Find a patient")
}

func TestARecordThatFailsDoesNotHideTheAlert(t *testing.T) {
	b := newBench(t)
	b.desk.recordErr = &client.Error{Kind: client.Failing, Status: 503}
	b.toPatient(tess).says("ALERT", "The record did not come.", "H16-503", "Record not available").wait(time.Minute).Press("o").answer().never("open")
	b.desk.recordErr = nil
	b.Press("r").answer().says("EXAMPLE, Tess Ann (Miss)").asks("lamp 9990000018", 1)
}

func TestAnUnknownNumberGoesBackToTheFieldThatHoldsIt(t *testing.T) {
	b := newBench(t)
	b.desk.recordErr = &client.Error{Kind: client.NotFound, Status: 404}
	b.toPatient(tess).says("Find a patient", "999 000 0018", "No patient has this NHS number.").silent("ALERT")
	b.answer().silent("ALERT")
}

func TestARestrictedPatientsAddressIsWithheld(t *testing.T) {
	b := newBench(t)
	p := samRecord()
	p.Address, p.Phone = []string{"1 Secret Street"}, "01632960099"
	b.desk.records[sam] = p
	b.toPatient(sam).says("Usual address Withheld", "Patient phone Withheld").silent("Secret", "01632")
}

func TestTheDeadHaveABannerOfTheirOwn(t *testing.T) {
	b := newBench(t)
	p := samRecord()
	p.Died = nhs.Date{Year: 2026, Month: time.October, Day: 2}
	b.desk.records[sam] = p
	b.toPatient(sam).says("Died 02-Oct-2026", "Age at Death 2y 3m", "░░░")
}

func TestABarePatientIsNotKnownAndNeverBlank(t *testing.T) {
	b := newBench(t)
	b.desk.records[sam] = client.Patient{Number: sam}
	b.toPatient(sam).says("Not Known", "Born Not Known", "Gender Not Specified", "NHS No. 999 000 0026", "Usual address Not Known")
}
