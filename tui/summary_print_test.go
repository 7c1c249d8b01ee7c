package tui

import (
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/cups"
	record "wardlight/internal/summary"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
)

// prints allows printing summaries, as the setting summary.print does.
func (b *modelTest) prints() *modelTest {
	b.m.PrintsSummaries = true
	return b
}

// toSummaryPreview shows the printout of the summary of tess, for the printer ward.
func (b *modelTest) toSummaryPreview() *modelTest {
	b.t.Helper()
	return b.prints().toSummary().wait(time.Second).Press("p").deliver().wait(time.Second).Press("enter").
		wait(time.Second)
}

// summaryPrintStates returns the screens about printing a summary.
func summaryPrintStates() []state {
	return []state{
		{"summary-print-offered", func(b *modelTest) { b.prints().toSummary() }},
		{"summary-print-preview", func(b *modelTest) { b.toSummaryPreview() }},
		{"summary-print-sent", func(b *modelTest) { b.toSummaryPreview().Press("enter").deliver() }},
		{"summary-print-waiting", func(b *modelTest) {
			b.printout.followErr = &cups.Error{Kind: cups.Waiting, Queue: "ward"}
			b.toSummaryPreview().Press("enter").deliver()
		}},
	}
}

func TestSummaryPrint(t *testing.T) {
	b := newFixture(t)
	b.toSummaryPreview().expect("Printer ward", "2 pages of A4", "Nothing has been printed yet")
	if len(b.printout.printed) != 0 {
		t.Fatal("a page was printed before Enter was pressed")
	}
	b.Press("enter").expect("Sending the page to the printer.").deliver().
		expect("Sent to the printer as job ward-7. Fetch it now.")
	if len(b.printout.printed) != 1 {
		t.Fatalf("printed %d times, want 1", len(b.printout.printed))
	}

	// Treatments are folded on the screen, and printed.
	page := strings.Join(strings.Fields(b.printout.printed[0]), " ")
	for _, want := range []string{
		"ward EXAMPLE, Tess Ann (Miss)", "NHS No. 999 000 0018", "Allergy to penicillin", "Asthma clinic",
		"Request r-7", "Printed 22-Nov-2026 14:05 by SAMPLE, Ada (Ms), Nurse Access Role, Example General Hospital",
		"DESTROY BY 23-Nov-2026 02:05.", "Page 2 of 2", "END OF THE SUMMARY CARE RECORD.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the printout does not contain %q:\n%s", want, b.printout.printed[0])
		}
	}
	if strings.Index(page, "penicillin") > strings.Index(page, "Salbutamol") {
		t.Error("allergies are not first on the printout")
	}
	b.wait(time.Second).Press("enter").expect("Allergy to penicillin", "Lines 1 to")
}

// Without the setting, and without printers, the key is not offered and does nothing.
func TestSummaryPrint_Off(t *testing.T) {
	for name, set := range map[string]func(*modelTest){
		"no setting":  func(*modelTest) {},
		"no printers": func(b *modelTest) { b.m.Prints, b.m.Cfg.Printing = false, nil },
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t)
			set(b)
			b.toSummary().wait(time.Second).expectNot("p print").Press("p").deliver().wait(time.Second).Press("enter").
				deliver().expect("Allergy to penicillin").expectNot("Which printer?", "Printer ward")
			if len(b.printout.printed) != 0 {
				t.Errorf("printed %q, want nothing", b.printout.printed)
			}
		})
	}
}

// Without a summary there is nothing to print.
func TestSummaryPrint_NoSummary(t *testing.T) {
	for _, state := range client.SummaryStates() {
		if state == client.SummaryAvailable {
			continue
		}
		b := newFixture(t)
		b.prints().unavailable(state, nil).expectNot("p print").wait(time.Second).Press("p").deliver().
			expect("not known from it").expectNot("Which printer?", "Printer ")
	}
}

func TestSummaryPrint_KeyHeldOrTypedAhead(t *testing.T) {
	b := newFixture(t)
	b.m.Printer = "ward"
	b.prints().toSummary().wait(time.Second).Press("p", "enter").wait(399 * time.Millisecond).Press("enter").deliver()
	b.wait(300*time.Millisecond).hold("enter", 2*time.Second).deliver().expect("Nothing has been printed yet")
	if len(b.printout.printed) != 0 {
		t.Errorf("printed %q, want nothing", b.printout.printed)
	}
}

func TestSummaryPrint_Fails(t *testing.T) {
	for _, k := range cups.Kinds() {
		b := newFixture(t)
		err := &cups.Error{Kind: k}
		b.printout.printErr = err
		b.toSummaryPreview().Press("enter").deliver().expect(err.Sentence(), err.Advice(), err.Code()).
			expectNot("Sent to the printer", "Fetch it now")
	}
}

// A page that waits in the queue is not said to be printed, and can be cancelled.
func TestSummaryPrint_Waits(t *testing.T) {
	b := newFixture(t)
	b.printout.followErr = &cups.Error{Kind: cups.Waiting, Queue: "ward"}
	b.toSummaryPreview().Press("enter").deliver().expect("The page has not come out yet.", "x cancel the page").
		expectNot("Fetch it now").Press("x").deliver().expect("The page was cancelled.")
}

// A summary that was sent to the printer is printed when the card is removed, and nothing of it stays on the screen.
func TestSummaryPrint_CardRemoved(t *testing.T) {
	b := newFixture(t)
	b.toSummaryPreview().Press("enter")
	preview, _ := b.m.Top().(*alert.Preview)
	sent := takeQueued[ask.Answer[alert.Job]](b)
	b.cardOut().send(sent).deliver().expectNot("Sent to", "Tess", "penicillin")
	if len(b.printout.printed) != 1 || !strings.Contains(b.printout.printed[0], "penicillin") {
		t.Errorf("printed %q, want the summary", b.printout.printed)
	}
	if shown := strings.Join(preview.InLines(), "\n"); strings.Contains(shown, "Tess") {
		t.Errorf("the preview has the patient still: %s", shown)
	}
}

func TestSummaryPrint_NextPatient(t *testing.T) {
	b := newFixture(t)
	b.toSummaryPreview().Press("n").Typed(sam.Digits()).Press("enter").deliver().expect("SAMPLE, Sam").
		expectNot("Tess", "penicillin", "Printer ward")
	if len(b.printout.printed) != 0 {
		t.Errorf("printed %q, want nothing", b.printout.printed)
	}
}

// The printout has no control characters besides line and form feeds, and none of the record's lines is at the left
// edge, where those of the page are.
func TestSummaryPrint_HostileText(t *testing.T) {
	b := newFixture(t)
	b.toAsk()
	var sections []any
	for _, hostile := range hostileText {
		if len(hostile) > 1000 {
			hostile = hostile[:999]
		}
		sections = append(sections, hubtest.SummarySection(record.Allergies, hostile,
			"<div><p>begin "+hostile+" end</p></div>"))
	}
	b.sessions.summary = summaryDocument(sections...)
	b.prints().wait(time.Second).Press("1").deliver().wait(time.Second).Press("p").deliver().wait(time.Second).
		Press("enter").wait(time.Second).Press("enter").deliver()
	if len(b.printout.printed) != 1 {
		t.Fatalf("printed %d times, want 1", len(b.printout.printed))
	}
	printed := b.printout.printed[0]
	if strings.ContainsAny(printed, "\x1b\a\b\r\t\u202e\u009b\u200b") {
		t.Errorf("the printout has control characters:\n%q", printed)
	}
	for line := range strings.Lines(printed) {
		if strings.HasPrefix(line, "begin") || strings.HasPrefix(line, "end") {
			t.Errorf("a line of the record is at the left edge: %q", line)
		}
	}
}

// In linear mode the preview says what identifies the printout, without the sections, which have been heard.
func TestSummaryPrint_Linear(t *testing.T) {
	h := hear(t)
	h.summaries()
	h.prints()
	h.card().types(code, tess.Digits())
	h.wait(time.Second)
	h.types("summary")
	h.wait(time.Second)
	h.types("1").expectSaid("Allergy to penicillin")
	h.wait(time.Second)
	h.Heard()
	h.types("print").expectSaid("Which printer?", "1. ward")
	h.wait(time.Second)
	h.types("1").expectSaid("Printer ward, 2 pages of A4.", "Nothing has been printed yet",
		"All 14 sections of the summary are printed, allergies first.", "DESTROY BY 23-Nov-2026 02:05.")
	if len(h.printout.printed) != 0 {
		t.Fatal("a page was printed before print was typed")
	}
	h.wait(time.Second)
	h.types("print").expectSaid("Sent to the printer as job ward-7. Fetch it now.")
	if len(h.printout.printed) != 1 || !strings.Contains(h.printout.printed[0], "Asthma clinic") {
		t.Errorf("printed %q, want the whole summary", h.printout.printed)
	}
}

func TestSummaryPrint_LinearOff(t *testing.T) {
	h := hear(t)
	h.summaries()
	h.card().types(code, tess.Digits())
	h.wait(time.Second)
	h.types("summary")
	h.wait(time.Second)
	h.types("1").expectSaid("Allergy to penicillin")
	h.wait(time.Second)
	h.types("print").expectSaid("print")
	if len(h.printout.printed) != 0 {
		t.Errorf("printed %q, want nothing", h.printout.printed)
	}
}
