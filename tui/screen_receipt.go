package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
)

// receiptScreen is the receipt of a check: a line to be selected with the mouse and pasted into the patient's record. It has
// the whole width, without panes beside it: a terminal marks rows.
type receiptScreen struct {
	*common
	patient *patientScreen
	at      place
	copied  string // what was last sent to the clipboard
}

func (s *receiptScreen) typing() bool      { return false }
func (s *receiptScreen) paste(string)      {}
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

func (s *receiptScreen) bindings() (main, minor []key.Binding) {
	return []key.Binding{s.keys.Esc, when(as(s.keys.Receipt, wordCopyAgain), s.copies)}, nil
}

func (s *receiptScreen) press(k tea.KeyPressMsg) action {
	switch {
	case key.Matches(k, s.keys.Esc):
		return actBack{}
	case key.Matches(k, s.keys.Receipt) && s.copies && !k.IsRepeat:
		return actCopy{}
	}
	return nil
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
