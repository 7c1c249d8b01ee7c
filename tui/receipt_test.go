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
func (b *bench) noneRecorded() *bench {
	b.t.Helper()
	b.desk.lamps[sam] = client.Lamp{Number: sam, State: client.NoneRecorded, AsOf: start(), RequestID: request}
	return b.toPatient(sam)
}

// couldNotCheck shows tess while the hub does not answer.
func (b *bench) couldNotCheck() *bench {
	b.t.Helper()
	b.desk.lamps[tess] = client.Lamp{Number: tess, State: client.CouldNotCheck, RequestID: request, Err: &client.Error{Kind: client.TimedOut}}
	return b.toPatient(tess)
}

func TestAReceiptSaysWhatWasCheckedInEachOfTheFourStates(t *testing.T) {
	b := newBench(t).noneRecorded().Press("c").says("Checked 22-Nov-2026 14:05, CP-IS: none recorded request "+request, "Mark both lines")
	b.resize(120, 30).says("Checked 22-Nov-2026 14:05, CP-IS: none recorded, request "+request, "Mark the line")

	b = newBench(t)
	b.desk.lamps[tess] = client.Lamp{Number: tess, State: client.Alert, AsOf: start(), RequestID: "r-1"}
	b.toPatient(tess).Press("c").says("Checked 22-Nov-2026 14:05, CP-IS: ALERT, not opened, request r-1").never("open")

	newBench(t).couldNotCheck().Press("c").says("Tried 22-Nov-2026 14:05, CP-IS: could not check (H12)").silent("none recorded")
	newBench(t).signIn().Typed(tess.Digits()).Press("enter", "c").says("On 22-Nov-2026 14:05, CP-IS: not checked").silent("none recorded")
}

func TestAReceiptOfAnOpeningSaysThatItWasOpenedOrMayBe(t *testing.T) {
	newBench(t).toOpened().Press("c").says("Opened 22-Nov-2026 14:06, CP-IS: ALERT, request r-1").silent("RING NOW").Press("esc").says("RING NOW")
	b := newBench(t)
	b.desk.openErr = &client.Error{Kind: client.TimedOut, Unsettled: true}
	b.toOpened().Press("c").says("CP-IS: ALERT, could not be opened, may be recorded (H12)").silent("none recorded")
	b = newBench(t)
	b.desk.opened.Plans = nil
	b.toOpened().Press("c").says("CP-IS: ALERT, no plan visible any more, request r-1").silent("none recorded")
}

func TestNoReceiptOfAFailureSaysNoneRecorded(t *testing.T) {
	for kind := client.Unexpected; kind <= client.PersonUnknown; kind++ {
		b := newBench(t)
		b.desk.lamps[tess] = client.Lamp{Number: tess, State: client.CouldNotCheck, Err: &client.Error{Kind: kind}}
		b.toPatient(tess).Press("c").says("could not check ("+(&client.Error{Kind: kind}).Code()+")").silent("none recorded", "Checked 22")
	}
}

func TestAReceiptFollowsTheLampAndTellsNothingOfThePatient(t *testing.T) {
	b := newBench(t).signIn().Typed(tess.Digits()).Press("enter", "c").says("not checked").answer().says("CP-IS: ALERT, not opened").silent("CP-IS: not checked")
	p, _ := step.ScreenOf[*patient.Screen](b.m.Screens)
	check, request := patient.ReceiptOf(p)
	for _, of := range []string{"Tess", "EXAMPLE", "0018", "9990000018", "2016"} {
		if strings.Contains(check+request, of) {
			t.Errorf("receipt %q contains %q of the patient", check+request, of)
		}
	}
	b.wait(time.Second).Press("n").silent("CP-IS", "Tess")
}

func TestAReceiptIsCopiedOnlyWhereThatIsSwitchedOnAndSaysSo(t *testing.T) {
	b := newBench(t).toPatient(tess).Press("c").says("Mark the line with the mouse").silent("Copied")
	if len(b.answers) != 0 {
		t.Errorf("got a command %T, want none: the clipboard is disabled", b.answers[0])
	}
	b.Press("c")
	if len(b.answers) != 0 {
		t.Errorf("got a command %T, want none", b.answers[0])
	}
	b = newBench(t)
	b.m.Copies = true
	b.toPatient(tess).Press("c").says("Copied to the clipboard")
	p, _ := step.ScreenOf[*patient.Screen](b.m.Screens)
	check, request := patient.ReceiptOf(p)
	if len(b.answers) != 1 || !strings.Contains(fmt.Sprintf("%T", b.answers[0]), "setClipboardMsg") || fmt.Sprint(b.answers[0]) != check+request {
		t.Errorf("clipboard commands = %T %v, want one with the receipt", b.answers, b.answers)
	}
}

// The receipt is alone on its row, so that a double click or a drag with the mouse selects it and nothing else.
func TestTheReceiptStandsOnALineOfItsOwn(t *testing.T) {
	b := newBenchSize(t, 100, 30).noneRecorded().Press("c")
	want := " Checked 22-Nov-2026 14:05, CP-IS: none recorded, request " + request
	for _, row := range strings.Split(b.text(), "\n") {
		if strings.Contains(row, request) && strings.TrimRight(row, " ") != want {
			t.Errorf("row = %q, want %q", row, want)
		}
	}
	b.says(strings.TrimSpace(want))
}
