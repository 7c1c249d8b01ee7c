package tui

import (
	"cmp"
	"context"
	"strings"
	"testing"
	"time"

	"wardlight/internal/cups"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
)

// fakePrinting is a print service that returns what the test has set.
type fakePrinting struct {
	queues    []cups.Queue
	listErr   error
	printErr  error
	followErr error
	cancelErr error
	cancelled []string
	job       string   // "" means the name of the queue, and -7
	printed   []string // queue and page of each job
}

func newFakePrinting() *fakePrinting {
	return &fakePrinting{queues: []cups.Queue{
		{Name: "ward", Default: true, State: cups.Idle},
		{Name: "office", State: cups.Busy},
		{Name: "store", State: cups.Stopped},
		{Name: "lab", State: cups.Refusing},
		{Name: "far"},
	}}
}

func (f *fakePrinting) Queues(context.Context) ([]cups.Queue, error) { return f.queues, f.listErr }

func (f *fakePrinting) Print(_ context.Context, queue string, page []byte) (string, error) {
	f.printed = append(f.printed, queue+"\n"+string(page))
	return cmp.Or(f.job, queue+"-7"), f.printErr
}

func (f *fakePrinting) Follow(context.Context, string) error { return f.followErr }

func (f *fakePrinting) Cancel(_ context.Context, job string) error {
	f.cancelled = append(f.cancelled, job)
	return f.cancelErr
}

// toPreview shows the printout of tess's alert, for the printer ward.
func (b *bench) toPreview() *bench {
	b.t.Helper()
	return b.toOpened().Press("p").answer().wait(time.Second).Press("enter").wait(time.Second)
}

// printStates returns the screens about printing and receipts.
func printStates() []state {
	return []state{
		{"print-looking", func(b *bench) { b.toOpened().Press("p") }},
		{"print-printers", func(b *bench) { b.toOpened().Press("p").answer().Press("down") }},
		{"print-preview", func(b *bench) { b.toPreview() }},
		{"print-preview-end", func(b *bench) {
			b.toPreview()
			for range 10 {
				b.Press("pgdown")
			}
		}},
		{"print-sending", func(b *bench) { b.toPreview().Press("enter") }},
		{"print-sent", func(b *bench) { b.toPreview().Press("enter").answer() }},
		{"print-waiting", func(b *bench) {
			b.paper.followErr = &cups.Error{Kind: cups.Waiting, Queue: "ward", Said: "the printer is out of paper."}
			b.toPreview().Press("enter").answer()
		}},
		{"print-no-printer", func(b *bench) { b.paper.listErr = &cups.Error{Kind: cups.NoQueue}; b.toOpened().Press("p").answer() }},
		{"print-stopped", func(b *bench) {
			b.paper.printErr = &cups.Error{Kind: cups.PrinterStopped, Queue: "ward"}
			b.toPreview().Press("enter").answer()
		}},
		{"receipt-alert", func(b *bench) { b.toPatient(tess).Press("c") }},
		{"receipt-opened", func(b *bench) { b.toOpened().Press("c") }},
		{"receipt-none-recorded", func(b *bench) { b.noneRecorded().Press("c") }},
		{"receipt-could-not-check", func(b *bench) { b.couldNotCheck().Press("c") }},
		{"receipt-not-checked", func(b *bench) { b.signIn().Typed(tess.Digits()).Press("enter", "c") }},
		{"receipt-copied", func(b *bench) { b.m.Copies = true; b.toPatient(tess).Press("c") }},
	}
}

// allStates returns all screens of the program.
func allStates() []state { return append(states(), printStates()...) }

func TestAnOpenedAlertIsPreviewedAndThenPrinted(t *testing.T) {
	b := newBench(t).toOpened().Press("p").answer().says("Which printer?", "► ward", "the usual one, ready", "stopped: nothing comes out")
	b.wait(time.Second).Press("enter").says("Printer ward", "2 pages of A4", "Nothing has been printed yet", "CHILD PROTECTION ALERT", "EXAMPLE, Tess Ann (Miss)")
	if len(b.paper.printed) != 0 {
		t.Fatal("a page was printed before Enter was pressed")
	}
	b.wait(time.Minute).Press("enter").says("Sending the page to the printer.").answer().says("Sent to the printer as job ward-7.").asks("open 9990000018", 1)
	if len(b.paper.printed) != 1 {
		t.Fatalf("printed %d times, want 1", len(b.paper.printed))
	}
	page := strings.Join(strings.Fields(b.paper.printed[0]), " ")
	for _, want := range []string{
		"ward EXAMPLE, Tess Ann (Miss)", "NHS No. 999 000 0018", "01632 960101", "01632 960102", "ENDED 07-May-2026", "Ms Ada Sample", "Request r-1",
		"Printed 22-Nov-2026 14:06 by SAMPLE, Ada (Ms), Nurse Access Role, Example General Hospital (RX1).", "Page 2 of 2",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the printout does not contain %q:\n%s", want, b.paper.printed[0])
		}
	}
	b.Press("enter").says("Sent to the printer") // a second press within the key delay does not leave the screen
	b.wait(time.Second).Press("enter").says("RING NOW")
	b.Press("p").answer().says("Printer ward", "Nothing has been printed yet") // the same printer, and a new printout
}

func TestWhatIsPrintedIsWhatThePreviewShows(t *testing.T) {
	b := newBenchSize(t, 100, 30).toPreview()
	var shown []string
	for range 200 {
		row := strings.Split(b.text(), "\n")[6]
		shown = append(shown, strings.TrimSpace(strings.Trim(strings.TrimSpace(row), "│")))
		b.Press("down")
	}
	b.Press("enter").answer()
	all := strings.Join(shown, "\n")
	_, page, _ := strings.Cut(b.paper.printed[0], "\n")
	seen := 0
	for line := range strings.Lines(page) {
		if line = strings.Trim(line, "\n\f "); line != "" && strings.Contains(all, line) {
			seen++
		}
	}
	if seen < 60 {
		t.Errorf("the preview showed %d lines of the printout, want at least 60:\n%s\nprintout:\n%s", seen, all, page)
	}
}

func TestPrintingNeverOpensAndOpeningNeverPrints(t *testing.T) {
	b := newBench(t).toPatient(tess).wait(time.Minute).Press("p", "enter", "p").answer().says("▲ ALERT").never("open")
	b.Press("o").answer().wait(time.Minute)
	if len(b.paper.printed) != 0 {
		t.Error("opening the alert printed a page")
	}
}

func TestKeysTypedAheadOrHeldPrintNothing(t *testing.T) {
	b := newBench(t)
	b.m.Printer = "ward"
	b.toOpened().Press("p", "enter").wait(399 * time.Millisecond).Press("enter").answer()
	b.wait(300*time.Millisecond).held("enter", 2*time.Second).answer().says("Nothing has been printed yet")
	b = newBench(t)
	b.toOpened().Press("p").answer().held("enter", 2*time.Second).answer().says("Which printer?")
	if len(b.paper.printed) != 0 {
		t.Errorf("printed %q, want nothing", b.paper.printed)
	}
}

func TestThePrinterOfTheSettingsIsNotAskedForAndTheOnlyOneIsTaken(t *testing.T) {
	b := newBench(t)
	b.m.Printer = "office"
	b.toOpened().Press("p").says("Printer office").silent("Looking")
	b = newBench(t)
	b.paper.queues = b.paper.queues[:1]
	b.toOpened().Press("p").answer().says("Printer ward", "Nothing has been printed yet")
	b.Press("p").answer().says("Which printer?").Press("esc").says("Printer ward") // the list is shown on request
}

func TestAPrinterThatFailsLosesNothing(t *testing.T) {
	for _, k := range cups.Kinds() {
		b := newBench(t)
		err := &cups.Error{Kind: k}
		b.paper.printErr = err
		b.toPreview().Press("enter").answer().says(err.Sentence(), err.Advice(), err.Code()).silent("Sent to the printer")
		b.paper.printErr = nil
		b.Press("p").answer().says("Which printer?").wait(time.Second).Press("down", "enter").says("Printer office").wait(time.Second).Press("enter").answer().says("office-7")
	}
	b := newBench(t)
	b.paper.listErr = &cups.Error{Kind: cups.Missing}
	b.toOpened().Press("p").answer().says("CUPS is not installed", "P10", "CHILD PROTECTION ALERT")
	b.paper.listErr = nil
	b.Press("enter").answer().says("Which printer?").Press("esc", "esc").says("RING NOW")
}

func TestWhileThePageIsSentThePatientCannotBeLeft(t *testing.T) {
	b := newBench(t).toPreview().Press("enter").Press("esc", "n", "/", "p", "enter").says("Sending the page to the printer.").answer().says("Sent to the printer")
	if len(b.paper.printed) != 1 {
		t.Errorf("printed %d times, want 1", len(b.paper.printed))
	}
}

func TestAnAnswerOfThePrinterNeverLandsOnAnotherPatient(t *testing.T) {
	b := newBench(t).toOpened().Press("p")
	late := take[ask.Answer[[]cups.Queue]](b)
	b.Press("n").Typed(sam.Digits()).Press("enter").answer().send(late).says("SAMPLE, Sam").silent("Which printer?", "Tess")
	b = newBench(t).toPreview().Press("p") // the preview was left, and shown again
	late = take[ask.Answer[[]cups.Queue]](b)
	b.Press("esc", "p").send(late).says("Nothing has been printed yet").silent("Which printer?")
	b = newBench(t).toPreview().Press("enter")
	sent := take[ask.Answer[alert.Job]](b)
	b.cardOut().send(sent).silent("Sent to", "Tess")
}

func TestWithoutPrintersThereIsNoKeyForThem(t *testing.T) {
	b := newBench(t)
	b.m.Prints, b.m.Cfg.Printing = false, nil
	b.toOpened().silent("p print").Press("p").says("RING NOW")
}

func TestANarrowScreenShowsTheWholePaperSideways(t *testing.T) {
	b := newBenchSize(t, 60, 20).toPreview().says("CHILD PROTECTION ALERT").silent("What has changed since")
	for range 6 {
		b.Press("down")
	}
	b.Press("right", "right", "right", "right").says("has changed since")
}

func TestAPageThatWaitsIsSaidToWaitAndCanBeCancelled(t *testing.T) {
	waiting := &cups.Error{Kind: cups.Waiting, Queue: "ward", Said: "the printer is switched off or not connected."}
	b := newBench(t)
	b.paper.followErr = waiting
	b.toPreview().Press("enter")
	b.send(take[ask.Answer[alert.Job]](b)).says("Sent to the printer as job ward-7. Waiting until it has the page.").silent("Fetch it now")
	b.Press("esc", "enter", "n", "x").says("Waiting until it has the page.") // other keys are ignored
	b.answer().says("ward: The page has not come out yet.", "switched off or not connected", "x cancel the page", "P31").silent("Fetch it now")
	b.Press("x").says("Cancelling the page.").Press("x", "enter", "esc").says("Cancelling the page.")
	b.answer().says("The page was cancelled.").silent("x cancel the page")
	if len(b.paper.cancelled) != 1 || b.paper.cancelled[0] != "ward-7" {
		t.Errorf("cancelled jobs = %v, want ward-7", b.paper.cancelled)
	}
	b.paper.followErr = nil
	b.Press("p").answer().wait(time.Second).Press("down", "enter").wait(time.Second).Press("enter").answer().says("Sent to the printer as job office-7. Fetch it now.")

	b = newBench(t)
	b.paper.followErr, b.paper.cancelErr = waiting, &cups.Error{Kind: cups.NotCancelled}
	b.toPreview().Press("enter").answer().Press("x").answer().says("could not be cancelled", "x cancel the page")
	b.paper.cancelErr = &cups.Error{Kind: cups.Gone}
	b.Press("x").answer().says("Fetch it").silent("x cancel the page").wait(time.Second).Press("enter").says("RING NOW")
}

func TestWhatBecameOfAPageIsSaidAndNothingElse(t *testing.T) {
	b := newBench(t)
	b.paper.followErr = &cups.Error{Kind: cups.GivenUp, Queue: "ward"}
	b.toPreview().Press("enter").answer().says("ward: The print service has given the page up.").silent("Fetch it now", "x cancel")
	b.paper.followErr = nil
	b.wait(time.Second).Press("enter").answer().says("Fetch it now.") // again
	b = newBench(t)
	b.paper.followErr = &cups.Error{Kind: cups.Unsettled}
	b.toPreview().Press("enter").answer().says("Look at the printer before you print again").silent("Fetch it now", "x cancel")
	b = newBench(t).toPreview().Press("enter")
	b.send(take[ask.Answer[alert.Job]](b))
	late := take[ask.Answer[alert.Followed]](b)
	b.cardOut().send(late).silent("Fetch", "Tess")
}

func TestTheListOfPrintersSaysWhatTheyReported(t *testing.T) {
	b := newBench(t)
	b.paper.queues = []cups.Queue{{Name: "ward", State: cups.Idle, Reason: "out of paper"}, {Name: "far", Reason: "jammed"}, {Name: "store", State: cups.Stopped, Reason: "stopped"}}
	b.toOpened().Press("p").answer().says("ready, when last used: out of paper", "when last used: jammed", "stopped: nothing comes out")
}
