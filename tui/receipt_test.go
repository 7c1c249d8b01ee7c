package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

const request = "0f8fad5b-d9cb-469f-a165-70867728950e"

// noneRecorded shows sam, who has no plan.
func (b *modelTest) noneRecorded() *modelTest {
	b.t.Helper()
	b.sessions.lamps[sam] = client.Lamp{Number: sam, State: client.NoneRecorded, AsOf: start(), RequestID: request}
	return b.toPatient(sam)
}

// couldNotCheck shows tess while the hub does not answer.
func (b *modelTest) couldNotCheck() *modelTest {
	b.t.Helper()
	b.sessions.lamps[tess] = client.Lamp{
		Number: tess, State: client.CouldNotCheck, RequestID: request,
		Err: &client.Error{Kind: client.TimedOut},
	}
	return b.toPatient(tess)
}

func TestAReceiptSaysWhatWasCheckedInEachOfTheFourStates(t *testing.T) {
	b := newFixture(t).noneRecorded().Press("c").expect("Checked 22-Nov-2026 14:05, CP-IS: none recorded request "+
		request, "Mark both lines")
	b.resize(120, 30).expect("Checked 22-Nov-2026 14:05, CP-IS: none recorded, request "+request, "Mark the line")

	b = newFixture(t)
	b.sessions.lamps[tess] = client.Lamp{Number: tess, State: client.Alert, AsOf: start(), RequestID: "r-1"}
	b.toPatient(tess).Press("c").expect("Checked 22-Nov-2026 14:05, CP-IS: ALERT, not opened, request r-1").
		expectNoCall("open")

	newFixture(t).couldNotCheck().Press("c").expect("Tried 22-Nov-2026 14:05, CP-IS: could not check (H12)").
		expectNot("none recorded")
	newFixture(t).signIn().Typed(tess.Digits()).Press("enter", "c").expect("On 22-Nov-2026 14:05, CP-IS: not checked").
		expectNot("none recorded")
}

func TestAReceiptOfAnOpeningSaysThatItWasOpenedOrMayBe(t *testing.T) {
	newFixture(t).toOpened().Press("c").expect("Opened 22-Nov-2026 14:06, CP-IS: ALERT, request r-1").
		expectNot("RING NOW").Press("esc").expect("RING NOW")
	b := newFixture(t)
	b.sessions.openErr = &client.Error{Kind: client.TimedOut, OutcomeUnknown: true}
	b.toOpened().Press("c").expect("CP-IS: ALERT, could not be opened, may be recorded (H12)").
		expectNot("none recorded")
	b = newFixture(t)
	b.sessions.opened.Plans = nil
	b.toOpened().Press("c").expect("CP-IS: ALERT, no plan visible any more, request r-1").expectNot("none recorded")
}

func TestNoReceiptOfAFailureSaysNoneRecorded(t *testing.T) {
	for kind := client.Unexpected; kind <= client.UnknownPerson; kind++ {
		b := newFixture(t)
		b.sessions.lamps[tess] = client.Lamp{Number: tess, State: client.CouldNotCheck, Err: &client.Error{Kind: kind}}
		b.toPatient(tess).Press("c").expect("could not check ("+(&client.Error{Kind: kind}).Code()+")").
			expectNot("none recorded", "Checked 22")
	}
}

func TestAReceiptFollowsTheLampAndTellsNothingOfThePatient(t *testing.T) {
	b := newFixture(t).signIn().Typed(tess.Digits()).Press("enter", "c").expect("not checked").deliver().
		expect("CP-IS: ALERT, not opened").expectNot("CP-IS: not checked")
	p, _ := step.ScreenOf[*patient.Screen](b.m.Screens)
	check, request := patient.ReceiptOf(p)
	for _, of := range []string{"Tess", "EXAMPLE", "0018", "9990000018", "2016"} {
		if strings.Contains(check+request, of) {
			t.Errorf("receipt %q contains %q of the patient", check+request, of)
		}
	}
	b.wait(time.Second).Press("n").expectNot("CP-IS", "Tess")
}

func TestAReceiptIsCopiedOnlyWhereThatIsSwitchedOnAndSaysSo(t *testing.T) {
	b := newFixture(t).toPatient(tess).Press("c").expect("Mark the line with the mouse").expectNot("Copied")
	if len(b.queued) != 0 {
		t.Errorf("got a command %T, want none: the clipboard is disabled", b.queued[0])
	}
	b.Press("c")
	if len(b.queued) != 0 {
		t.Errorf("got a command %T, want none", b.queued[0])
	}
	b = newFixture(t)
	b.m.Copies = true
	b.toPatient(tess).Press("c").expect("Copied to the clipboard")
	p, _ := step.ScreenOf[*patient.Screen](b.m.Screens)
	check, request := patient.ReceiptOf(p)
	if len(b.queued) != 1 || !strings.Contains(fmt.Sprintf("%T", b.queued[0]), "setClipboardMsg") ||
		fmt.Sprint(b.queued[0]) != check+request {
		t.Errorf("clipboard commands = %T %v, want one with the receipt", b.queued, b.queued)
	}
}

// The receipt is alone on its row, so that a double click or a drag with the mouse selects it and nothing else.
func TestTheReceiptStandsOnALineOfItsOwn(t *testing.T) {
	b := newFixtureSize(t, 100, 30).noneRecorded().Press("c")
	want := " Checked 22-Nov-2026 14:05, CP-IS: none recorded, request " + request
	for _, row := range strings.Split(b.text(), "\n") {
		if strings.Contains(row, request) && strings.TrimRight(row, " ") != want {
			t.Errorf("row = %q, want %q", row, want)
		}
	}
	b.expect(strings.TrimSpace(want))
}
