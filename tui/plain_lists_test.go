package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wardlight/client"
	"wardlight/internal/cups"
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

// walked returns all the text that the panes show while the user goes through the first rows of a list.
func walked(b *bench) string {
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
		worklists.WordPlainKept, worklists.WordPlainToKept, worklists.WordPlainWhenAnswered,
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
			b := newBenchSize(t, draw.WideCols-1, rows)
			s.get(b)
			switch b.m.Top().(type) {
			case *worklists.Screen, *flags.Screen, *alert.Printers, *alert.Preview, *patient.Receipt:
			default:
				return
			}
			spoken, panes := lines.LinesOf(b.m.Top()), flat(walked(b))
			for _, line := range spoken {
				_, words, _ := cutNumber(line)
				for _, word := range strings.Fields(words) {
					if !slices.Contains(own, line) && !strings.Contains(panes, flat(word)) {
						t.Errorf("the panes do not contain %q of %q", word, line)
					}
				}
				if strings.ContainsAny(line, strings.TrimSpace(lines.Frames)+draw.SignChosen+"·[]") || strings.Contains(line, "  ") || line == "" {
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
	h.desk.lamps[stranger] = client.Lamp{Number: stranger, State: client.CouldNotCheck, Err: &client.Error{Kind: client.NotFound, Status: 404}}
	h.card().types(code).Heard()
	h.types("/worklist").hears("Worklist.", "Nobody is notified and nothing is opened.", "Looking for a list that was kept.", "Name of the file: ")
	h.types("/nonsense.csv").hears("Worklist: 5 patients.", "Each patient is said when there is an answer.",
		"Line 3, EXAMPLE, Tess Ann, ALERT. Born 04-Mar-2016, NHS number 999 000 0018, As of 14:05.",
		"Line 4, Placeholder, Uma, could not check.", "5 of 5: 1 ALERT, 1 could not check, 1 not checked, 2 none recorded.", "Finished: 2 of 5 have no answer.", "Line of the patient: ")
	if h.shelf.read != "/nonsense.csv" {
		t.Errorf("file read = %q, want %q", h.shelf.read, "/nonsense.csv")
	}
	h.types("in").hears("Line 2, SAMPLE, Sam, none recorded.", "Line 3, EXAMPLE, Tess Ann, ALERT.", "Line 4, Placeholder, Uma, could not check.", "Maximiliana, not checked, not a valid NHS number.")
	h.types("5").hears("not a valid NHS number")
	h.types("1").hears("no number of the list")
	h.types("7").hears("too soon")
	h.wait(time.Second)
	h.types("7").hears("EXAMPLE, Tess Ann (Miss).", "ALERT: as of") // the second row of the same patient
	h.types("back").hears("Worklist: 5 patients.")
	h.types("remove").hears("Remove this list?").types("3").hears("no number of the list")
	h.types("leave").hears("Line 3, EXAMPLE, Tess Ann, ALERT.").types("remove", "remove").hears("Name of the file: ")
	h.types("/back").hears("Find a patient.")
	h.desk.asked = slices.DeleteFunc(h.desk.asked, func(s string) bool { return !strings.HasPrefix(s, "open") })
	if len(h.desk.asked) != 0 || h.shelf.kept != nil {
		t.Errorf("session calls %q, saved list %v, want none", h.desk.asked, h.shelf.kept)
	}
	h.types("/lock").hears(lines.WordPlainScrollback)
}

func TestInLinesWhoIsStillToBeAskedIsNotSaidAsUnchecked(t *testing.T) {
	h := hear(t).card().types(code, "/worklist")
	h.desk.lampErr = &client.Error{Kind: client.Unreachable}
	h.Heard()
	h.types("x").hears("Line 2, SAMPLE, Sam, none recorded.", "Line 3, EXAMPLE, Tess Ann, ALERT.", "3 not checked", "is checked when the hub is back")
	if strings.Contains(h.all, "Line 4, ") || strings.Contains(h.all, "Line 6, ") {
		t.Errorf("want only lines 2 and 3 said, got:\n%s", h.all)
	}
}

func TestInLinesAKeptListIsGoneOnWithOrReplaced(t *testing.T) {
	h := hear(t)
	h.keptList("555000000111")
	h.card().types(code, "/worklist").hears("Kept list: Read", worklists.WordPlainKept, "Command: ")
	h.types("other").hears("Name of the file: ").types("/other").hears("Command: ")
	h.types("other", "y.csv").hears("Replace the list that is there?", "Command: ").types("leave").hears(worklists.WordPlainKept)
	h.types("go").hears("Worklist: 3 patients.", "Line of the patient: ")
}

func TestInLinesAWrongFileIsAskedForAgainAndTheOldNameIsGone(t *testing.T) {
	h := hear(t)
	h.card().types(code, "/worklist", "").hears("Name of the file: ")
	h.shelf.readErr = &worklist.ParseError{What: "There is no such file.", Do: "Check its name and folder."}
	h.types("a.csv").hears("There is no such file.", "Name of the file: ").types("b.csv").hears("There is no such file.")
	if h.shelf.read != "b.csv" {
		t.Errorf("file read = %q, want b.csv", h.shelf.read)
	}
	h.types("/help").hears("/back", "/lock")
}

func TestInLinesFlagsAreSetOfferedAgainAndTakenOffByNumber(t *testing.T) {
	h := hear(t)
	f := h.flags()
	f.answer = failed(recordsystem.OnDisk)
	h.card().types(code, tess.Digits()).hears("flag: flags it in Example records")
	h.types("flag").hears("too soon")
	h.wait(time.Second)
	h.types("flag").hears("The flag was not set.", "It is kept here, encrypted")
	h.types("next").hears("1 flag is not yet written into Example records: type /flags.")
	f.waiting = twoWait()
	h.types("/flags").hears("Flags not yet written.", "1. NHS No. 999 000 0018", "R12", "2. NHS No. 999 000 0026", flags.WordPlainFlag)
	h.types("remove").hears("no command")
	h.types("3").hears("no number of the list").types("2").hears("Remove the flag for 999 000 0026 from this list?", "Command: ")
	h.types("1").hears("no number of the list").types("keep").hears("2. NHS No. 999 000 0026")
	h.types("2", "remove").hears("All flags are written.")
	if !slices.Equal(f.ids, []string{"kept-2"}) || len(f.set) != 1 {
		t.Errorf("flags removed %q, %d set, want kept-2 removed and 1 set", f.ids, len(f.set))
	}
}

func TestInLinesFlagsAreWrittenAndQuittingSaysWhatItLoses(t *testing.T) {
	h := hear(t)
	f := h.flags()
	f.waiting = twoWait()
	h.card().types(code).hears("2 flags are not yet written", "1 of them lost when you quit")
	h.types("/quit").hears("Quit? 1 flag is not yet written and will be lost.").types("")
	h.types("/flags", "write").hears("too soon")
	h.wait(time.Second)
	h.types("write").hears("Setting the flag in Example records.", "All flags are written.")
	f.waiting = recordsystem.Waiting{Err: &sealed.Error{Kind: sealed.Damaged}}
	h.types("back", "/quit", "").Heard()
}

func TestInLinesThePaperIsHeardOnceAndPrinted(t *testing.T) {
	h := hear(t).card().types(code, tess.Digits())
	h.wait(time.Second)
	h.types("open " + digits).Heard()
	h.types("print").hears("Printer none chosen, 2 pages of A4.", "Looking for printers.", "Which printer?", "1. ward, the usual one, ready.", "3. store, stopped", "Number of the printer: ")
	h.types("9").hears("no number of the list")
	h.wait(time.Second)
	h.types("1").hears("Printer ward, 2 pages of A4.", "Nothing has been printed yet.", "EXAMPLE, Tess Ann (Miss).", "CHILD PROTECTION ALERT.",
		"Mon-Fri 09:00-17:00, not on bank holidays: ring the office.\n01632 960101.", "CONFIDENTIAL.", "Command: ")
	if strings.Count(h.all, "CHILD PROTECTION ALERT") != 1 {
		t.Error("the printout was not said exactly once")
	}
	h.types("print").hears("too soon")
	if len(h.paper.printed) != 0 {
		t.Fatal("the command was accepted within the key delay")
	}
	h.paper.printErr = &cups.Error{Kind: cups.PrinterStopped, Queue: "ward"}
	h.wait(time.Second)
	h.types("print").hears("The printer is stopped.")
	h.paper.printErr = nil
	h.types("print").hears("too soon")
	h.wait(time.Second)
	h.paper.followErr = &cups.Error{Kind: cups.Waiting, Queue: "ward", Said: "the printer is out of paper."}
	h.types("print").hears("Sending the page to the printer.", "Waiting until it has the page.", "ward: The page has not come out yet. It said: the printer is out of paper.")
	h.types("cancel").hears("The page was cancelled.")
	h.paper.followErr = nil
	h.wait(time.Second)
	h.types("print").hears("Sending the page to the printer.", "Sent to the printer as job ward-7. Fetch it now.")
	h.wait(time.Second)
	h.types("help").hears("back")
	h.types("back").hears("RING NOW")
	if len(h.paper.printed) != 3 || len(h.paper.cancelled) != 1 {
		t.Errorf("printed %d times, cancelled %d times, want 3 and 1", len(h.paper.printed), len(h.paper.cancelled))
	}
}

func TestInLinesAReceiptIsSaidAsItIsToBeCopied(t *testing.T) {
	h := hear(t)
	h.desk.lamps[sam] = client.Lamp{Number: sam, State: client.NoneRecorded, AsOf: start(), RequestID: request}
	h.card().types(code, sam.Digits()).Heard()
	h.types("receipt").hears("\nChecked 22-Nov-2026 14:05, CP-IS: none recorded, request "+request+"\n", "make sure")
	if strings.Contains(ansi.Strip(h.all), request+".") {
		t.Error("a full stop was added to the receipt, so a copy of it would be wrong")
	}
}

func TestInLinesALongPathIsTakenWhole(t *testing.T) {
	path := "/" + strings.Repeat("a folder of the ward/", 150) + "list.csv"
	h := hear(t).card().types(code, "/worklist")
	h.types(path).hears("Worklist: 5 patients.")
	if h.shelf.read != path {
		t.Errorf("the path read has %d bytes, want %d", len(h.shelf.read), len(path))
	}
}
