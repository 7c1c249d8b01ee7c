package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wardlight/client"
	"wardlight/internal/cups"
	"wardlight/internal/receiptfile"
	"wardlight/internal/recordsystem"
	"wardlight/internal/sealed"
	"wardlight/internal/worklist"
	"wardlight/tui/alert"
	"wardlight/tui/draw"
	"wardlight/tui/flags"
	"wardlight/tui/lines"
	"wardlight/tui/patient"
	worklists "wardlight/tui/worklist"
)

// walkedText returns all the text that the panes show while the user goes through the first rows of a list.
func walkedText(b *modelTest) string {
	said := b.text() + b.Press("home").text()
	for range 5 {
		b.Press("down")
		said += b.text()
	}
	return said
}

// In linear mode, lists and printouts use the words of the panes. Each word is in the panes too, except for what only
// linear mode asks. Signs and columns are left out.
func TestInLinesTheListsAndThePaperAreToldInTheWordsOfThePanes(t *testing.T) {
	own := []string{
		worklists.WordPlainSaved, worklists.WordPlainToSaved, worklists.WordPlainWhenAnswered,
		// The panes show these for the chosen row, unless there is something more important.
		worklists.WordListName, client.NoneRecorded.String() + ": " + client.WordsNoneRecorded,
	}

	long := []string{"worklist-long", "flags-list-many"} // more rows than walked goes through
	for _, s := range allStates() {
		of, _, _ := strings.Cut(s.name, "-")
		if !slices.Contains([]string{"worklist", "flags", "print", "receipt"}, of) || slices.Contains(long, s.name) {
			continue
		}

		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			rows := 50
			if of == "print" {
				rows = 140 // two pages
			}

			b := newFixtureSize(t, draw.WideCols-1, rows)
			s.get(b)
			switch b.m.Top().(type) {
			case *worklists.Screen, *flags.Screen, *alert.Printers, *alert.Preview, *patient.Receipt:
			default:
				return
			}

			spoken, panes := lines.LinesOf(b.m.Top()), flat(walkedText(b))
			for _, line := range spoken {
				_, words, _ := cutNumber(line)
				for _, word := range strings.Fields(words) {
					if !slices.Contains(own, line) && !strings.Contains(panes, flat(word)) {
						t.Errorf("the panes do not contain %q of %q", word, line)
					}
				}
				if strings.ContainsAny(line, strings.TrimSpace(lines.Frames)+draw.SignChosen+"·[]") ||
					strings.Contains(line, "  ") || line == "" {
					t.Errorf("line %q contains signs, columns or nothing", line)
				}
			}
		})
	}
}

// cutNumber splits the number of an entry from its text.
func cutNumber(line string) (number, rest string, found bool) {
	number, rest, found = strings.Cut(line, ". ")
	if !found || strings.Trim(number, "0123456789") != "" {
		return "", line, false
	}
	return number, rest, true
}

func TestInLinesAWaitingRoomIsSaidAsItIsAnswered(t *testing.T) {
	h := hear(t)
	h.sessions.lamps[unknownNumber] = client.Lamp{
		Number: unknownNumber, State: client.CouldNotCheck,
		Err: &client.Error{Kind: client.NotFound, Status: 404},
	}

	h.card().types(code).Heard()
	h.types("/worklist").expectSaid("Worklist.", "Nobody is notified and nothing is opened.",
		"Looking for a list that was kept.", "Name of the file: ")
	h.types("/nonsense.csv").expectSaid("Worklist: 5 patients.", "Each patient is said when there is an answer.",
		"Line 3, EXAMPLE, Tess Ann, ALERT. Born 04-Mar-2016, NHS number 999 000 0018, As of 14:05.",
		"Line 4, Placeholder, Uma, could not check.",
		"5 of 5: 1 ALERT, 1 could not check, 1 not checked, 2 none recorded.", "Finished: 2 of 5 have no answer.",
		"Line of the patient: ")

	if h.savedLists.read != "/nonsense.csv" {
		t.Errorf("file read = %q, want %q", h.savedLists.read, "/nonsense.csv")
	}

	h.types("in").expectSaid("Line 2, SAMPLE, Sam, none recorded.", "Line 3, EXAMPLE, Tess Ann, ALERT.",
		"Line 4, Placeholder, Uma, could not check.", "Maximiliana, not checked, not a valid NHS number.")
	h.types("5").expectSaid("not a valid NHS number")
	h.types("1").expectSaid("no number of the list")
	h.types("7").expectSaid("too soon")
	h.wait(time.Second)
	// the second row of the same patient
	h.types("7").expectSaid("EXAMPLE, Tess Ann (Miss).", "ALERT: Child protection alert, as of")
	h.types("back").expectSaid("Worklist: 5 patients.")
	h.types("remove").expectSaid("Remove this list?").types("3").expectSaid("no number of the list")
	h.types("leave").expectSaid("Line 3, EXAMPLE, Tess Ann, ALERT.").types("remove", "remove").
		expectSaid("Name of the file: ")
	h.types("/back").expectSaid("Find a patient.")
	h.sessions.asked = slices.DeleteFunc(h.sessions.asked, func(s string) bool { return !strings.HasPrefix(s, "open") })
	if len(h.sessions.asked) != 0 || h.savedLists.savedList != nil {
		t.Errorf("session calls %q, saved list %v, want none", h.sessions.asked, h.savedLists.savedList)
	}

	h.types("/lock").expectSaid(lines.WordPlainScrollback)
}

func TestInLinesWhoIsStillToBeAskedIsNotSaidAsUnchecked(t *testing.T) {
	h := hear(t).card().types(code, "/worklist")
	h.sessions.lampErr = &client.Error{Kind: client.Unreachable}
	h.Heard()
	h.types("x").expectSaid("Line 2, SAMPLE, Sam, none recorded.", "Line 3, EXAMPLE, Tess Ann, ALERT.", "3 not checked",
		"is checked when the hub is back")
	if strings.Contains(h.all, "Line 4, ") || strings.Contains(h.all, "Line 6, ") {
		t.Errorf("want only lines 2 and 3 said, got:\n%s", h.all)
	}
}

func TestInLinesAKeptListIsGoneOnWithOrReplaced(t *testing.T) {
	h := hear(t)
	h.savedList("555000000111")
	h.card().types(code, "/worklist").expectSaid("Kept list: Read", worklists.WordPlainSaved, "Command: ")
	h.types("other").expectSaid("Name of the file: ").types("/other").expectSaid("Command: ")
	h.types("other", "y.csv").expectSaid("Replace the list that is there?", "Command: ").types("leave").
		expectSaid(worklists.WordPlainSaved)
	h.types("go").expectSaid("Worklist: 3 patients.", "Line of the patient: ")
}

func TestInLinesAWrongFileIsAskedForAgainAndTheOldNameIsGone(t *testing.T) {
	h := hear(t)
	h.card().types(code, "/worklist", "").expectSaid("Name of the file: ")
	h.savedLists.readErr = &worklist.ParseError{Problem: "There is no such file.", Remedy: "Check its name and folder."}
	h.types("a.csv").expectSaid("There is no such file.", "Name of the file: ").types("b.csv").
		expectSaid("There is no such file.")
	if h.savedLists.read != "b.csv" {
		t.Errorf("file read = %q, want b.csv", h.savedLists.read)
	}
	h.types("/help").expectSaid("/back", "/lock")
}

func TestInLinesFlagsAreSetOfferedAgainAndTakenOffByNumber(t *testing.T) {
	h := hear(t)
	f := h.flags()
	f.answer = failed(recordsystem.OnDisk)
	h.card().types(code, tess.Digits()).expectSaid("flag: flags it in Example records")
	h.types("flag").expectSaid("too soon")
	h.wait(time.Second)
	h.types("flag").expectSaid("The flag was not set.", "It is kept here, encrypted")
	h.types("next").expectSaid("1 flag is not yet written into Example records: type /flags.")
	f.waiting = twoWait()
	h.types("/flags").expectSaid("Flags not yet written.", "1. NHS No. 999 000 0018", "R12", "2. NHS No. 999 000 0026",
		flags.WordPlainFlag)
	h.types("remove").expectSaid("no command")
	h.types("3").expectSaid("no number of the list").types("2").
		expectSaid("Remove the flag for 999 000 0026 from this list?", "Command: ")
	h.types("1").expectSaid("no number of the list").types("keep").expectSaid("2. NHS No. 999 000 0026")
	h.types("2", "remove").expectSaid("All flags are written.")
	if !slices.Equal(f.ids, []string{"kept-2"}) || len(f.set) != 1 {
		t.Errorf("flags removed %q, %d set, want kept-2 removed and 1 set", f.ids, len(f.set))
	}
}

func TestInLinesFlagsAreWrittenAndQuittingSaysWhatItLoses(t *testing.T) {
	h := hear(t)
	f := h.flags()
	f.waiting = twoWait()
	h.card().types(code).expectSaid("2 flags are not yet written", "1 of them lost when you quit")
	h.types("/quit").expectSaid("Quit? 1 flag is not yet written and will be lost.").types("")
	h.types("/flags", "write").expectSaid("too soon")
	h.wait(time.Second)
	h.types("write").expectSaid("Setting the flag in Example records.", "All flags are written.")
	f.waiting = recordsystem.PendingFlags{Err: &sealed.Error{Kind: sealed.Damaged}}
	h.types("back", "/quit", "").Heard()
}

func TestInLinesThePaperIsHeardOnceAndPrinted(t *testing.T) {
	h := hear(t).card().types(code, tess.Digits())
	h.wait(time.Second)
	h.types("open " + digits).Heard()
	h.types("print").expectSaid("Printer none chosen, 2 pages of A4.", "Looking for printers.", "Which printer?",
		"1. ward, the usual one, ready.", "3. store, stopped", "Number of the printer: ")
	h.types("9").expectSaid("no number of the list")
	h.wait(time.Second)
	h.types("1").expectSaid("Printer ward, 2 pages of A4.", "Nothing has been printed yet.",
		"EXAMPLE, Tess Ann (Miss).", "CHILD PROTECTION ALERT.",
		"Mon-Fri 09:00-17:00, not on bank holidays: ring the office.\n01632 960101.", "CONFIDENTIAL.", "Command: ")

	if strings.Count(h.all, "CHILD PROTECTION ALERT") != 1 {
		t.Error("the printout was not said exactly once")
	}

	h.types("print").expectSaid("too soon")
	if len(h.printout.printed) != 0 {
		t.Fatal("the command was accepted within the key delay")
	}

	h.printout.printErr = &cups.Error{Kind: cups.PrinterStopped, Queue: "ward"}
	h.wait(time.Second)
	h.types("print").expectSaid("The printer is stopped.")
	h.printout.printErr = nil
	h.types("print").expectSaid("too soon")
	h.wait(time.Second)
	h.printout.followErr = &cups.Error{Kind: cups.Waiting, Queue: "ward", Message: "the printer is out of paper."}
	h.types("print").expectSaid("Sending the page to the printer.", "Waiting until it has the page.",
		"ward: The page has not come out yet. It said: the printer is out of paper.")
	h.types("cancel").expectSaid("The page was cancelled.")
	h.printout.followErr = nil
	h.wait(time.Second)
	h.types("print").expectSaid("Sending the page to the printer.", "Sent to the printer as job ward-7. Fetch it now.")
	h.wait(time.Second)
	h.types("help").expectSaid("back")
	h.types("back").expectSaid("RING NOW")
	if len(h.printout.printed) != 3 || len(h.printout.cancelled) != 1 {
		t.Errorf("printed %d times, cancelled %d times, want 3 and 1", len(h.printout.printed),
			len(h.printout.cancelled))
	}
}

func TestInLinesAReceiptIsSaidAsItIsToBeCopied(t *testing.T) {
	h := hear(t)
	h.sessions.lamps[sam] = client.Lamp{Number: sam, State: client.NoneRecorded, AsOf: start(), RequestID: request}
	h.card().types(code, sam.Digits()).Heard()
	h.types("receipt").expectSaid("\nChecked 22-Nov-2026 14:05, CP-IS: none recorded, request "+request+"\n",
		"make sure")
	if strings.Contains(ansi.Strip(h.all), request+".") {
		t.Error("a full stop was added to the receipt, so a copy of it would be wrong")
	}

	h.wait(time.Second)
	h.types("save").expectSaid("Asking the hub for the receipt.",
		"The receipt is saved, with the proof, in this file:\n"+receiptFolder+request+".json\n", "names the patient")
	h.types("save").expectSaid(`There is no command "save" here.`)
	h.types("back", "receipt")
	h.receipts.err = &receiptfile.Error{Kind: receiptfile.Exists, RequestID: request, File: "x.json"}
	h.wait(time.Second)
	h.types("save").expectSaid("The receipt was not saved.", "x.json exists already.", "Code for support: A12")
}

func TestInLinesALongPathIsTakenWhole(t *testing.T) {
	path := "/" + strings.Repeat("a folder of the ward/", 150) + "list.csv"
	h := hear(t).card().types(code, "/worklist")
	h.types(path).expectSaid("Worklist: 5 patients.")
	if h.savedLists.read != path {
		t.Errorf("the path read has %d bytes, want %d", len(h.savedLists.read), len(path))
	}
}
