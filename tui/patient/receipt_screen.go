package patient

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Receipt is the screen with the receipt of a check: a line that the user selects with the mouse and pastes into the
// patient's record. It uses the whole width, without panes beside it, because terminals select whole rows.
type Receipt struct {
	*step.Common
	step.Unfocused
	Patient *Screen
	At      draw.Place
	Copied  string // the text last sent to the clipboard

	Saving  ask.Request[SavedReceipt]
	saved   SavedReceipt // the result of the last attempt to save
	saveErr error
}

// Wipe clears all data that was typed or shown.
func (s *Receipt) Wipe() {
	s.Saving.Drop()
	s.Copied, s.saved, s.saveErr = "", SavedReceipt{}, nil
}

// Place returns the step that the screen belongs to.
func (s *Receipt) Place() draw.Place { return s.At }

// Undivided marks a screen that uses the whole width.
func (s *Receipt) Undivided() {}

// Banner returns the patient's banner, w cells wide.
func (s *Receipt) Banner(w int) draw.Pane { return s.Patient.Banner(w) }

// Line returns the receipt of the current state.
func (s *Receipt) Line() string {
	check, request := ReceiptOf(s.Patient)
	return check + request
}

// how returns the instruction for copying the line. broken is set if it is shown in two parts.
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

// Commands returns the main and the minor commands of the screen.
func (s *Receipt) Commands() (main, minor []act.Command) {
	again := step.Command(step.When(step.As(s.Keys.Receipt, wordCopyAgain), s.Copies), step.Effect(Copy{}))
	return []act.Command{
		step.Command(s.Keys.Esc, step.Effect(step.Back{})), s.saveCommand(), s.Delayed(again, time.Time{}),
	}, nil
}

// View returns the line without a frame, from the first cell of the pane, so that the mouse selects nothing else. If
// it does not fit, it is broken before the request id.
func (s *Receipt) View(l draw.Layout) draw.Pane {
	check, request := ReceiptOf(s.Patient)
	row := draw.Lines(s.Styles.Strong.Render(check + request))
	broken := text.Width(check+request) > l.Body.W
	if broken {
		row = draw.Stack(draw.Paragraph(s.Styles.Strong, check, l.Body.W),
			draw.Lines(s.Styles.Strong.Render(trimRequest(request))))
	}
	row.Cursor = &tea.Position{}
	return draw.Stack(draw.Gap(1), draw.Lines(s.Styles.Strong.Render(titleReceipt)), draw.Gap(1), row, draw.Gap(1),
		draw.Paragraph(s.Styles.Plain, s.how(broken), l.Body.W-2), draw.Gap(1),
		draw.Paragraph(s.Styles.Plain, wordReceiptHas, l.Body.W-2), draw.Gap(1), s.savedPane(l.Body.W-2))
}

// Failing reports whether the screen shows a failure.
func (s *Receipt) Failing() bool { return s.Patient.Failing() || s.saveErr != nil }
