package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
	"wardlight/tui/act"
)

// receiptScreen is the receipt of a check: a line to be selected with the mouse and pasted into the patient's record. It has
// the whole width, without panes beside it: a terminal marks rows.
type receiptScreen struct {
	*common
	unfocused
	patient *patientScreen
	at      place
	copied  string // what was last sent to the clipboard
}

func (s *receiptScreen) wipe()             { s.copied = "" }
func (s *receiptScreen) place() place      { return s.at }
func (s *receiptScreen) undivided()        {}
func (s *receiptScreen) banner(w int) pane { return s.patient.banner(w) }

// line is the receipt, of what is known now.
func (s *receiptScreen) line() string {
	check, request := receipt(s.patient)
	return check + request
}

// how says how the line, or the two that it is broken into, comes to where it is wanted.
func (s *receiptScreen) how(broken bool) string {
	switch {
	case s.copied == s.line():
		return wordReceiptCopied
	case broken:
		return wordReceiptBothByMouse
	default:
		return wordReceiptByMouse
	}
}

func (s *receiptScreen) commands() (main, minor []act.Command) {
	again := command(when(as(s.keys.Receipt, wordCopyAgain), s.copies), effect(actCopy{}))
	return []act.Command{command(s.keys.Esc, effect(actBack{})), s.delayed(again, time.Time{})}, nil
}

// view shows the line without a frame, from the edge of the pane on, so that the mouse marks it and nothing else. Where it
// does not fit it is broken before the request.
func (s *receiptScreen) view(l layout) pane {
	check, request := receipt(s.patient)
	row := lines(s.th.strong.Render(check + request))
	broken := text.Width(check+request) > l.body.w
	if broken {
		row = stack(paragraph(s.th.strong, check, l.body.w), lines(s.th.strong.Render(trimRequest(request))))
	}
	row.cursor = &tea.Position{}
	return stack(gap(1), lines(s.th.strong.Render(titleReceipt)), gap(1), row, gap(1),
		paragraph(s.th.plain, s.how(broken), l.body.w-2), gap(1), paragraph(s.th.plain, wordReceiptHolds, l.body.w-2))
}
