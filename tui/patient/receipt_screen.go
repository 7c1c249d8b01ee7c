package patient

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Receipt is the receipt of a check: a line to be selected with the mouse and pasted into the patient's record. It has
// the whole width, without panes beside it: a terminal marks rows.
type Receipt struct {
	*step.Common
	step.Unfocused
	Patient *Screen
	At      draw.Place
	Copied  string // what was last sent to the clipboard
}

// Wipe drops what was typed and shown.
func (s *Receipt) Wipe() { s.Copied = "" }

// Place returns where the screen stands between the search and the opened alert.
func (s *Receipt) Place() draw.Place { return s.At }

// Undivided gives the screen the whole width.
func (s *Receipt) Undivided() {}

// Banner returns the patient's banner, w cells wide.
func (s *Receipt) Banner(w int) draw.Pane { return s.Patient.Banner(w) }

// Line returns the receipt, of what is known now.
func (s *Receipt) Line() string {
	check, request := ReceiptOf(s.Patient)
	return check + request
}

// how says how the line, or the two that it is broken into, comes to where it is wanted.
func (s *Receipt) how(broken bool) string {
	switch {
	case s.Copied == s.Line():
		return wordReceiptCopied
	case broken:
		return wordReceiptBothByMouse
	default:
		return wordReceiptByMouse
	}
}

// Commands returns what can be done here.
func (s *Receipt) Commands() (main, minor []act.Command) {
	again := step.Command(step.When(step.As(s.Keys.Receipt, wordCopyAgain), s.Copies), step.Effect(Copy{}))
	return []act.Command{step.Command(s.Keys.Esc, step.Effect(step.Back{})), s.Delayed(again, time.Time{})}, nil
}

// View shows the line without a frame, from the edge of the pane on, so that the mouse marks it and nothing else.
// Where it does not fit it is broken before the request.
func (s *Receipt) View(l draw.Layout) draw.Pane {
	check, request := ReceiptOf(s.Patient)
	row := draw.Lines(s.Styles.Strong.Render(check + request))
	broken := text.Width(check+request) > l.Body.W
	if broken {
		row = draw.Stack(draw.Paragraph(s.Styles.Strong, check, l.Body.W), draw.Lines(s.Styles.Strong.Render(trimRequest(request))))
	}
	row.Cursor = &tea.Position{}
	return draw.Stack(draw.Gap(1), draw.Lines(s.Styles.Strong.Render(titleReceipt)), draw.Gap(1), row, draw.Gap(1),
		draw.Paragraph(s.Styles.Plain, s.how(broken), l.Body.W-2), draw.Gap(1), draw.Paragraph(s.Styles.Plain, wordReceiptHolds, l.Body.W-2))
}

// Failing reports whether the screen shows a failure.
func (s *Receipt) Failing() bool { return s.Patient.Failing() }
