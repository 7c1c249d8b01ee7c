package tui

import (
	"cmp"
	"context"
	"slices"
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
func (b *modelTest) toPreview() *modelTest {
	b.t.Helper()
	return b.toOpened().Press("p").deliver().wait(time.Second).Press("enter").wait(time.Second)
}

// printStates returns the screens about printing and receipts.
func printStates() []state {
	return []state{
		{"print-looking", func(b *modelTest) { b.toOpened().Press("p") }},
		{"print-printers", func(b *modelTest) { b.toOpened().Press("p").deliver().Press("down") }},
		{"print-preview", func(b *modelTest) { b.toPreview() }},
		{"print-preview-end", func(b *modelTest) {
			b.toPreview()
			for range 10 {
				b.Press("pgdown")
			}
		}},
		{"print-sending", func(b *modelTest) { b.toPreview().Press("enter") }},
		{"print-sent", func(b *modelTest) { b.toPreview().Press("enter").deliver() }},
		{"print-waiting", func(b *modelTest) {
			b.printout.followErr = &cups.Error{
				Kind: cups.Waiting, Queue: "ward",
				Message: "the printer is out of paper.",
			}
			b.toPreview().Press("enter").deliver()
		}},
		{"print-no-printer", func(b *modelTest) {
			b.printout.listErr = &cups.Error{Kind: cups.NoQueue}
			b.toOpened().Press("p").deliver()
		}},
		{"print-stopped", func(b *modelTest) {
			b.printout.printErr = &cups.Error{Kind: cups.PrinterStopped, Queue: "ward"}
			b.toPreview().Press("enter").deliver()
		}},
		{"receipt-alert", func(b *modelTest) { b.toPatient(tess).Press("c") }},
		{"receipt-opened", func(b *modelTest) { b.toOpened().Press("c") }},
		{"receipt-none-recorded", func(b *modelTest) { b.noneRecorded().Press("c") }},
		{"receipt-could-not-check", func(b *modelTest) { b.couldNotCheck().Press("c") }},
		{"receipt-not-checked", func(b *modelTest) { b.signIn().Typed(tess.Digits()).Press("enter", "c") }},
		{"receipt-copied", func(b *modelTest) { b.m.Copies = true; b.toPatient(tess).Press("c") }},
	}
}

// allStates returns all screens of the program.
func allStates() []state {
	return slices.Concat(states(), printStates(), summaryPrintStates(), receiptStates(), privacyStates())
}

func TestAnOpenedAlertIsPreviewedAndThenPrinted(t *testing.T) {
	b := newFixture(t).toOpened().Press("p").deliver().expect("Which printer?", "► ward", "the usual one, ready",
		"stopped: nothing comes out")
	b.wait(time.Second).Press("enter").expect("Printer ward", "2 pages of A4", "Nothing has been printed yet",
		"CHILD PROTECTION ALERT", "EXAMPLE, Tess Ann (Miss)")
	if len(b.printout.printed) != 0 {
		t.Fatal("a page was printed before Enter was pressed")
	}

	b.wait(time.Minute).Press("enter").expect("Sending the page to the printer.").deliver().
		expect("Sent to the printer as job ward-7.").expectCalls("open 9990000018", 1)
	if len(b.printout.printed) != 1 {
		t.Fatalf("printed %d times, want 1", len(b.printout.printed))
	}

	page := strings.Join(strings.Fields(b.printout.printed[0]), " ")
	for _, want := range []string{
		"ward EXAMPLE, Tess Ann (Miss)", "NHS No. 999 000 0018", "01632 960101", "01632 960102", "ENDED 07-May-2026",
		"Ms Ada Sample", "Request r-1",
		"Printed 22-Nov-2026 14:06 by SAMPLE, Ada (Ms), Nurse Access Role, Example General Hospital (RX1).",
		"Page 2 of 2",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the printout does not contain %q:\n%s", want, b.printout.printed[0])
		}
	}

	b.Press("enter").expect("Sent to the printer") // a second press within the key delay does not leave the screen
	b.wait(time.Second).Press("enter").expect("RING NOW")

	// the same printer, and a new printout
	b.Press("p").deliver().expect("Printer ward", "Nothing has been printed yet")
}

func TestWhatIsPrintedIsWhatThePreviewShows(t *testing.T) {
	b := newFixtureSize(t, 100, 30).toPreview()
	var shown []string
	for range 200 {
		row := strings.Split(b.text(), "\n")[6]
		shown = append(shown, strings.TrimSpace(strings.Trim(strings.TrimSpace(row), "│")))
		b.Press("down")
	}
	b.Press("enter").deliver()
	all := strings.Join(shown, "\n")
	_, page, _ := strings.Cut(b.printout.printed[0], "\n")
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
	b := newFixture(t).toPatient(tess).wait(time.Minute).Press("p", "enter", "p").deliver().expect("▲ ALERT").
		expectNoCall("open")
	b.Press("o").deliver().wait(time.Minute)
	if len(b.printout.printed) != 0 {
		t.Error("opening the alert printed a page")
	}
}

func TestKeysTypedAheadOrHeldPrintNothing(t *testing.T) {
	b := newFixture(t)
	b.m.Printer = "ward"
	b.toOpened().Press("p", "enter").wait(399 * time.Millisecond).Press("enter").deliver()
	b.wait(300*time.Millisecond).hold("enter", 2*time.Second).deliver().expect("Nothing has been printed yet")
	b = newFixture(t)
	b.toOpened().Press("p").deliver().hold("enter", 2*time.Second).deliver().expect("Which printer?")
	if len(b.printout.printed) != 0 {
		t.Errorf("printed %q, want nothing", b.printout.printed)
	}
}

func TestThePrinterOfTheSettingsIsNotAskedForAndTheOnlyOneIsTaken(t *testing.T) {
	b := newFixture(t)
	b.m.Printer = "office"
	b.toOpened().Press("p").expect("Printer office").expectNot("Looking")
	b = newFixture(t)
	b.printout.queues = b.printout.queues[:1]
	b.toOpened().Press("p").deliver().expect("Printer ward", "Nothing has been printed yet")
	b.Press("p").deliver().expect("Which printer?").Press("esc").expect("Printer ward") // the list is shown on request
}

func TestAPrinterThatFailsLosesNothing(t *testing.T) {
	for _, k := range cups.Kinds() {
		b := newFixture(t)
		err := &cups.Error{Kind: k}
		b.printout.printErr = err
		b.toPreview().Press("enter").deliver().expect(err.Sentence(), err.Advice(), err.Code()).
			expectNot("Sent to the printer")
		b.printout.printErr = nil
		b.Press("p").deliver().expect("Which printer?").wait(time.Second).Press("down", "enter").
			expect("Printer office").wait(time.Second).Press("enter").deliver().expect("office-7")
	}
	b := newFixture(t)
	b.printout.listErr = &cups.Error{Kind: cups.Missing}
	b.toOpened().Press("p").deliver().expect("CUPS is not installed", "P10", "CHILD PROTECTION ALERT")
	b.printout.listErr = nil
	b.Press("enter").deliver().expect("Which printer?").Press("esc", "esc").expect("RING NOW")
}

func TestWhileThePageIsSentThePatientCannotBeLeft(t *testing.T) {
	b := newFixture(t).toPreview().Press("enter").Press("esc", "n", "/", "p", "enter").
		expect("Sending the page to the printer.").deliver().expect("Sent to the printer")
	if len(b.printout.printed) != 1 {
		t.Errorf("printed %d times, want 1", len(b.printout.printed))
	}
}

func TestAnAnswerOfThePrinterNeverLandsOnAnotherPatient(t *testing.T) {
	b := newFixture(t).toOpened().Press("p")
	late := takeQueued[ask.Answer[[]cups.Queue]](b)
	b.Press("n").Typed(sam.Digits()).Press("enter").deliver().send(late).expect("SAMPLE, Sam").
		expectNot("Which printer?", "Tess")
	b = newFixture(t).toPreview().Press("p") // the preview was left, and shown again
	late = takeQueued[ask.Answer[[]cups.Queue]](b)
	b.Press("esc", "p").send(late).expect("Nothing has been printed yet").expectNot("Which printer?")
	b = newFixture(t).toPreview().Press("enter")
	sent := takeQueued[ask.Answer[alert.Job]](b)
	b.cardOut().send(sent).expectNot("Sent to", "Tess")
}

func TestWithoutPrintersThereIsNoKeyForThem(t *testing.T) {
	b := newFixture(t)
	b.m.Prints, b.m.Cfg.Printing = false, nil
	b.toOpened().expectNot("p print").Press("p").expect("RING NOW")
}

func TestANarrowScreenShowsTheWholePaperSideways(t *testing.T) {
	b := newFixtureSize(t, 60, 20).toPreview().expect("CHILD PROTECTION ALERT").expectNot("What has changed since")
	for range 6 {
		b.Press("down")
	}
	b.Press("right", "right", "right", "right").expect("has changed since")
}

func TestAPageThatWaitsIsSaidToWaitAndCanBeCancelled(t *testing.T) {
	waiting := &cups.Error{Kind: cups.Waiting, Queue: "ward", Message: "the printer is switched off or not connected."}
	b := newFixture(t)
	b.printout.followErr = waiting
	b.toPreview().Press("enter")
	b.send(takeQueued[ask.Answer[alert.Job]](b)).
		expect("Sent to the printer as job ward-7. Waiting until it has the page.").expectNot("Fetch it now")
	b.Press("esc", "enter", "n", "x").expect("Waiting until it has the page.") // other keys are ignored
	b.deliver().expect("ward: The page has not come out yet.", "switched off or not connected", "x cancel the page",
		"P31").expectNot("Fetch it now")
	b.Press("x").expect("Cancelling the page.").Press("x", "enter", "esc").expect("Cancelling the page.")
	b.deliver().expect("The page was cancelled.").expectNot("x cancel the page")
	if len(b.printout.cancelled) != 1 || b.printout.cancelled[0] != "ward-7" {
		t.Errorf("cancelled jobs = %v, want ward-7", b.printout.cancelled)
	}

	b.printout.followErr = nil
	b.Press("p").deliver().wait(time.Second).Press("down", "enter").wait(time.Second).Press("enter").deliver().
		expect("Sent to the printer as job office-7. Fetch it now.")

	b = newFixture(t)
	b.printout.followErr, b.printout.cancelErr = waiting, &cups.Error{Kind: cups.NotCancelled}
	b.toPreview().Press("enter").deliver().Press("x").deliver().expect("could not be cancelled", "x cancel the page")
	b.printout.cancelErr = &cups.Error{Kind: cups.NotInQueue}
	b.Press("x").deliver().expect("Fetch it").expectNot("x cancel the page").wait(time.Second).Press("enter").
		expect("RING NOW")
}

func TestWhatBecameOfAPageIsSaidAndNothingElse(t *testing.T) {
	b := newFixture(t)
	b.printout.followErr = &cups.Error{Kind: cups.Aborted, Queue: "ward"}
	b.toPreview().Press("enter").deliver().expect("ward: The print service has given the page up.").
		expectNot("Fetch it now", "x cancel")
	b.printout.followErr = nil
	b.wait(time.Second).Press("enter").deliver().expect("Fetch it now.") // again
	b = newFixture(t)
	b.printout.followErr = &cups.Error{Kind: cups.OutcomeUnknown}
	b.toPreview().Press("enter").deliver().expect("Look at the printer before you print again").
		expectNot("Fetch it now", "x cancel")
	b = newFixture(t).toPreview().Press("enter")
	b.send(takeQueued[ask.Answer[alert.Job]](b))
	late := takeQueued[ask.Answer[alert.Followed]](b)
	b.cardOut().send(late).expectNot("Fetch", "Tess")
}

func TestTheListOfPrintersSaysWhatTheyReported(t *testing.T) {
	b := newFixture(t)
	b.printout.queues = []cups.Queue{
		{Name: "ward", State: cups.Idle, Reason: "out of paper"},
		{Name: "far", Reason: "jammed"},
		{Name: "store", State: cups.Stopped, Reason: "stopped"},
	}
	b.toOpened().Press("p").deliver().expect("ready, when last used: out of paper", "when last used: jammed",
		"stopped: nothing comes out")
}
