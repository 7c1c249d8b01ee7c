package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/draw"
)

// The actions of receipts.
type (
	actReceipt struct{} // the receipt of the check on the screen
	actCopy    struct{} // to the terminal's clipboard
)

// receipt is one line to paste into the patient's record. It holds nothing of the patient: it goes into the patient's own record,
// and on the way through a clipboard that any program can read. The request's id leads whoever may read the hub's
// audit to the patient, and nobody else. In two parts, for a screen on which the line does not fit.
func receipt(s *patientScreen) (check, request string) {
	at := func(t time.Time) string { return nhs.Instant(t, s.loc) }
	switch {
	case s.opened != nil && len(s.opened.Plans) == 0:
		return wordsReceiptNoPlan(at(s.opened.AsOf)), wordsRequest(s.opened.RequestID)
	case s.opened != nil:
		return wordsReceiptOpened(at(s.opened.AsOf)), wordsRequest(s.opened.RequestID)
	case s.state() == client.NotChecked:
		return wordsReceiptUnasked(at(s.now())), ""
	case s.lamp.State == client.CouldNotCheck:
		_, _, code := told(s.lamp.Err)
		return wordsReceiptFailed(at(s.lampAt), code), wordsRequest(s.lamp.RequestID)
	case s.lamp.State == client.NoneRecorded:
		return wordsReceiptNone(at(s.lamp.AsOf)), wordsRequest(s.lamp.RequestID)
	case s.openErr != nil:
		_, _, code := told(s.openErr)
		return wordsReceiptNotOpened(at(s.lamp.AsOf), code, mayBeRecorded(s.openErr) && s.notifies), wordsRequest(s.lamp.RequestID)
	default:
		return wordsReceiptAlert(at(s.lamp.AsOf)), wordsRequest(s.lamp.RequestID)
	}
}

// carryOutReceipt shows a receipt, and copies it where that is switched on.
func (m *model) carryOutReceipt(a action) tea.Cmd {
	if _, ok := a.(actReceipt); ok {
		p, found := screenOf[*patientScreen](m.screens)
		if !found {
			return nil
		}
		at := draw.AtPatient
		if _, opened := m.top().(*openedScreen); opened {
			at = draw.AtAlert
		}
		m.screens = append(m.screens, &receiptScreen{common: &m.common, patient: p, at: at})
	}
	s, ok := m.top().(*receiptScreen)
	if !ok || !m.copies {
		return nil
	}
	s.copied = s.line()
	return tea.SetClipboard(s.copied)
}
