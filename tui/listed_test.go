package tui

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/worklist"
	"wardlight/tui/alert"
	"wardlight/tui/draw"
	"wardlight/tui/patient"
)

// otherListed loads a list whose first row has Tess's number and another person's name.
func otherListed(b *bench) *bench {
	b.shelf.patients = []worklist.Patient{
		{Line: 2, Number: tess, Name: "SMITH, John", Born: "01-Jan-2019"},
		{Line: 3, Number: sam, Name: "SAMPLE, Sam", Born: "30-Jun-2024"},
		{Line: 4, Given: "12", Fault: "This is not an NHS number."},
	}
	return b.toList().answer()
}

func TestListed_RecordOfSomebodyElseIsConfirmedFirst(t *testing.T) {
	for _, size := range [][2]int{{draw.LeastCols, draw.LeastRows}, {80, 24}, {120, 40}} {
		b := newBenchSize(t, size[0], size[1])
		flags := b.flags()
		otherListed(b).wait(time.Second)
		b.Press("enter").answer().says("EXAMPLE, Tess Ann", "ALERT", "The list names somebody else: SMITH, John, Born", "01-Jan-2019 (line 2).",
			"its record has another family name and another birth date", "confirms that this is the patient").silent("open the alert", "flag it", "flags it in")
		b.wait(time.Second).Press("o").answer().never("open").says(patient.WordNotConfirmed)
		b.wait(time.Second).Press("f").answer().says(patient.WordNotConfirmed)
		if len(flags.set) > 0 {
			t.Errorf("flags set = %v, want none", flags.set)
		}
		b.wait(time.Second).Press("y").silent("The list names somebody else:").says("open the alert")
		b.Press("o").answer().never("open") // restarts the key delay
		b.wait(time.Second).Press("o").answer().asks("open 9990000018", 1).says("RING NOW")
	}
}

// A key that was pressed before the record arrived does not confirm it.
func TestListed_EarlyConfirmationDoesNotCount(t *testing.T) {
	b := otherListed(newBench(t)).wait(time.Second)
	b.Press("enter", "y").answer().Press("y").says("The list names somebody else:")
}

func TestListed_RecordOfThePatientNeedsNoConfirmation(t *testing.T) {
	b := newBench(t).toList().answer().wait(time.Second).Press("enter").answer()
	b.says("EXAMPLE, Tess Ann", "On the list EXAMPLE, Tess Ann, Born 04-Mar-2016 (line 3)").silent("somebody else")
	b.wait(time.Second).Press("o").answer().asks("open 9990000018", 1)
}

func TestListed_NextGoesToTheNextLine(t *testing.T) {
	b := otherListed(newBench(t)).wait(time.Second)
	b.Press("enter").answer().says("EXAMPLE, Tess Ann", "n next of the list")
	b.Press("n").says("EXAMPLE, Tess Ann") // a key that is held down does not go through the list
	b.wait(time.Second).Press("n").answer().says("SAMPLE, Sam", "none recorded")
	b.wait(time.Second).Press("n").says("Worklist: 3 patients").silent("3 Patient") // the last row has no NHS number
	b.asks("patient 9990000026", 1)
}

func TestListed_OpenedIsMarked(t *testing.T) {
	b := newBench(t).toList().answer().wait(time.Second).Press("enter").answer().wait(time.Second).Press("o").answer()
	b.Press("esc", "esc").says("▲ ALERT opened")
	k, err := worklist.Open(b.m.Worklist.List.Keep(start(), "555000000111"))
	if err != nil || k.Check("555000000111", 0).OpenedAt(1).IsZero() || !k.Check("555000000222", 0).OpenedAt(1).IsZero() {
		t.Errorf("saved list: error %v, %+v, want the opening recorded for its user only", err, k)
	}
}

func TestListed_InLines(t *testing.T) {
	h := hear(t)
	h.flags()
	otherListed(h.bench)
	h.l.Tell()
	h.Heard()
	h.wait(time.Second)
	h.types("2").hears("EXAMPLE, Tess Ann (Miss).", "The list names somebody else: SMITH, John", "y: confirms", "ALERT: as of")
	h.wait(time.Second)
	h.types("open "+digits, "flag").hears(patient.WordNotConfirmed, patient.WordNotConfirmed)
	h.never("open")
	h.types("this is the patient").hears("open " + digits + ": shows the plan")
	h.wait(time.Second)
	h.types("open " + digits).hears("RING NOW")
	h.types("back").wait(time.Second)
	h.types("next of the list").hears("SAMPLE, Sam")
}

func TestPatient_PrintBeforeOpening(t *testing.T) {
	b := newBench(t)
	b.toPatient(tess).wait(time.Second).Press("p").says("Only an opened alert is printed: o opens it.")
	b.Press("down").silent("Only an opened alert") // the next key removes the notice
}

func TestPatient_EarlyKeySaysSo(t *testing.T) {
	b := newBench(t).toPatient(tess)
	b.Press("o").answer().never("open").says("Too soon: press o again.")
	b.wait(time.Second).Press("o").answer().silent("Too soon").asks("open 9990000018", 1)
}

// A repeated request shows the number of attempts, so that the user sees that the key worked.
func TestPatient_SaysHowOftenItWasTried(t *testing.T) {
	b := newBench(t)
	b.m.Procedure.Text, b.m.Procedure.Phone = "Ask the nurse in charge", "02079460000"
	b.desk.lamps[tess] = client.Lamp{Number: tess, State: client.CouldNotCheck, Err: &client.Error{Kind: client.Unreachable}}
	b.toPatient(tess).says("could not check", "Local procedure: Ask the nurse in charge. Ring 020 7946 0000.", "Tried once, 22-Nov-2026 14:05.")
	b.wait(2 * time.Minute).Press("r").answer().says("Tried 2 times, last 22-Nov-2026 14:07.")
	b.Press("r").answer().says("Tried 3 times")
}

func TestWorklist_IsPrinted(t *testing.T) {
	b := newBench(t).toList().answer().wait(time.Second).Press("p").answer().wait(time.Second).Press("enter")
	b.says("Example General Hospital, ED", "Printer").silent("4 Alert", "EXAMPLE, Tess Ann (Miss)")
	paper := strings.Join(b.m.Top().(*alert.Preview).InLines(), "\n")
	has(t, paper, "WORKLIST: CHILD PROTECTION ALERTS")
	has(t, paper, "5 patients: 1 ALERT")
	has(t, paper, "EXAMPLE, Tess Ann 04-Mar-2016 (line 3)")
	has(t, paper, client.WordsNoneRecorded)
	b.never("open")
}

func TestWorklist_IsSaved(t *testing.T) {
	b := newBench(t).toList().answer().wait(time.Second).Press("e").says("names and NHS numbers in clear", "A file that is not there yet")
	b.shelf.keepErr = fs.ErrExist
	b.Typed("room.csv").Press("enter").answer().says("There is a file of this name already. Nothing was written.", "W13")
	b.shelf.keepErr = nil
	b.Press("enter").answer().says("Worklist: 5 patients", "Saved as room.csv.")
	if b.shelf.saved != "room.csv" || !strings.Contains(b.shelf.table, "EXAMPLE, Tess Ann") {
		t.Errorf("saved to %q, want room.csv with Tess's row:\n%s", b.shelf.saved, b.shelf.table)
	}
	h := hear(t).card().types(code, "/worklist", "x", "save").hears("names and NHS numbers in clear", "Name of the file: ")
	h.types("room.csv").hears("Saved as room.csv.")
}
