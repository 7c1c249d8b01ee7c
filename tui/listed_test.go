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
func otherListed(b *modelTest) *modelTest {
	b.savedLists.patients = []worklist.Patient{
		{Line: 2, Number: tess, Name: "SMITH, John", Born: "01-Jan-2019"},
		{Line: 3, Number: sam, Name: "SAMPLE, Sam", Born: "30-Jun-2024"},
		{Line: 4, NumberText: "12", Fault: "This is not an NHS number."},
	}
	return b.toList().deliver()
}

func TestListed_RecordOfSomebodyElseIsConfirmedFirst(t *testing.T) {
	for _, size := range [][2]int{{draw.MinCols, draw.MinRows}, {80, 24}, {120, 40}} {
		b := newFixtureSize(t, size[0], size[1])
		flags := b.flags()
		otherListed(b).wait(time.Second)
		b.Press("enter").deliver().expect("EXAMPLE, Tess Ann", "ALERT",
			"The list names somebody else: SMITH, John, Born", "01-Jan-2019 (line 2).",
			"its record has another family name and another birth date", "confirms that this is the patient").
			expectNot("open the alert", "flag it", "flags it in")
		b.wait(time.Second).Press("o").deliver().expectNoCall("open").expect(patient.WordNotConfirmed)
		b.wait(time.Second).Press("f").deliver().expect(patient.WordNotConfirmed)
		if len(flags.set) > 0 {
			t.Errorf("flags set = %v, want none", flags.set)
		}
		b.wait(time.Second).Press("y").expectNot("The list names somebody else:").expect("open the alert")
		b.Press("o").deliver().expectNoCall("open") // restarts the key delay
		b.wait(time.Second).Press("o").deliver().expectCalls("open 9990000018", 1).expect("RING NOW")
	}
}

// A key that was pressed before the record arrived does not confirm it.
func TestListed_EarlyConfirmationDoesNotCount(t *testing.T) {
	b := otherListed(newFixture(t)).wait(time.Second)
	b.Press("enter", "y").deliver().Press("y").expect("The list names somebody else:")
}

func TestListed_RecordOfThePatientNeedsNoConfirmation(t *testing.T) {
	b := newFixture(t).toList().deliver().wait(time.Second).Press("enter").deliver()
	b.expect("EXAMPLE, Tess Ann", "On the list EXAMPLE, Tess Ann, Born 04-Mar-2016 (line 3)").expectNot("somebody else")
	b.wait(time.Second).Press("o").deliver().expectCalls("open 9990000018", 1)
}

func TestListed_NextGoesToTheNextLine(t *testing.T) {
	b := otherListed(newFixture(t)).wait(time.Second)
	b.Press("enter").deliver().expect("EXAMPLE, Tess Ann", "n next of the list")
	b.Press("n").expect("EXAMPLE, Tess Ann") // a key that is held down does not go through the list
	b.wait(time.Second).Press("n").deliver().expect("SAMPLE, Sam", "none recorded")
	// the last row has no NHS number
	b.wait(time.Second).Press("n").expect("Worklist: 3 patients").expectNot("3 Patient")
	b.expectCalls("patient 9990000026", 1)
}

// The key for the next of the list is shown also where the summary and the flag are offered.
func TestListed_NextIsShownBesideTheSummary(t *testing.T) {
	b := newFixture(t).summaries().toList().deliver().wait(time.Second)
	b.Press("enter").deliver().expect("o open the alert", "s summary", "n next of the list")
}

func TestListed_OpenedIsMarked(t *testing.T) {
	b := newFixture(t).toList().deliver().wait(time.Second).Press("enter").deliver().wait(time.Second).Press("o").
		deliver()
	b.Press("esc", "esc").expect("▲ ALERT opened")
	k, err := worklist.Decode(b.m.Worklist.List.Encode(start(), "555000000111"))
	if err != nil || k.Check("555000000111", 0).OpenedAt(1).IsZero() ||
		!k.Check("555000000222", 0).OpenedAt(1).IsZero() {
		t.Errorf("saved list: error %v, %+v, want the opening recorded for its user only", err, k)
	}
}

func TestListed_InLines(t *testing.T) {
	h := hear(t)
	h.flags()
	otherListed(h.modelTest)
	h.l.PrintNew()
	h.Heard()
	h.wait(time.Second)
	h.types("2").expectSaid("EXAMPLE, Tess Ann (Miss).", "The list names somebody else: SMITH, John", "y: confirms",
		"ALERT: Child protection alert, as of")
	h.wait(time.Second)
	h.types("open "+digits, "flag").expectSaid(patient.WordNotConfirmed, patient.WordNotConfirmed)
	h.expectNoCall("open")
	h.types("this is the patient").expectSaid("open " + digits + ": shows the plan")
	h.wait(time.Second)
	h.types("open " + digits).expectSaid("RING NOW")
	h.types("back").wait(time.Second)
	h.types("next of the list").expectSaid("SAMPLE, Sam")
}

func TestPatient_PrintBeforeOpening(t *testing.T) {
	b := newFixture(t)
	b.toPatient(tess).wait(time.Second).Press("p").expect("Only an opened alert is printed: o opens it.")
	b.Press("down").expectNot("Only an opened alert") // the next key removes the notice
}

func TestPatient_EarlyKeySaysSo(t *testing.T) {
	b := newFixture(t).toPatient(tess)
	b.Press("o").deliver().expectNoCall("open").expect("Too soon: press o again.")
	b.wait(time.Second).Press("o").deliver().expectNot("Too soon").expectCalls("open 9990000018", 1)
}

// A repeated request shows the number of attempts, so that the user sees that the key worked.
func TestPatient_SaysHowOftenItWasTried(t *testing.T) {
	b := newFixture(t)
	b.m.Procedure.Text, b.m.Procedure.Phone = "Ask the nurse in charge", "02079460000"
	b.sessions.lamps[tess] = client.Lamp{
		Number: tess, State: client.CouldNotCheck,
		Err: &client.Error{Kind: client.Unreachable},
	}
	b.toPatient(tess).expect("could not check", "Local procedure: Ask the nurse in charge. Ring 020 7946 0000.",
		"Tried once, 22-Nov-2026 14:05.")
	b.wait(2 * time.Minute).Press("r").deliver().expect("Tried 2 times, last 22-Nov-2026 14:07.")
	b.Press("r").deliver().expect("Tried 3 times")
}

func TestWorklist_IsPrinted(t *testing.T) {
	b := newFixture(t).toList().deliver().wait(time.Second).Press("p").deliver().wait(time.Second).Press("enter")
	b.expect("Example General Hospital, ED", "Printer").expectNot("4 Alert", "EXAMPLE, Tess Ann (Miss)")
	paper := strings.Join(b.m.Top().(*alert.Preview).InLines(), "\n")
	has(t, paper, "WORKLIST: CHILD PROTECTION ALERTS")
	has(t, paper, "5 patients: 1 ALERT")
	has(t, paper, "EXAMPLE, Tess Ann 04-Mar-2016 (line 3)")
	has(t, paper, client.WordsNoneRecorded)
	b.expectNoCall("open")
}

func TestWorklist_IsSaved(t *testing.T) {
	b := newFixture(t).toList().deliver().wait(time.Second).Press("e").expect("names and NHS numbers in clear",
		"A file that is not there yet")
	b.savedLists.saveErr = fs.ErrExist
	b.Typed("room.csv").Press("enter").deliver().expect("There is a file of this name already. Nothing was written.",
		"W13")
	b.savedLists.saveErr = nil
	b.Press("enter").deliver().expect("Worklist: 5 patients", "Saved as room.csv.")
	if b.savedLists.saved != "room.csv" || !strings.Contains(b.savedLists.table, "EXAMPLE, Tess Ann") {
		t.Errorf("saved to %q, want room.csv with Tess's row:\n%s", b.savedLists.saved, b.savedLists.table)
	}
	h := hear(t).card().types(code, "/worklist", "x", "save").expectSaid("names and NHS numbers in clear",
		"Name of the file: ")
	h.types("room.csv").expectSaid("Saved as room.csv.")
}
