package tui

import (
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/step"
)

// receipt is one line to paste into the patient's record. It holds nothing of the patient: it goes into the patient's own record,
// and on the way through a clipboard that any program can read. The request's id leads whoever may read the hub's
// audit to the patient, and nobody else. In two parts, for a screen on which the line does not fit.
func receipt(s *patientScreen) (check, request string) {
	at := func(t time.Time) string { return nhs.Instant(t, s.Location) }
	switch {
	case s.opened != nil && len(s.opened.Plans) == 0:
		return wordsReceiptNoPlan(at(s.opened.AsOf)), wordsRequest(s.opened.RequestID)
	case s.opened != nil:
		return wordsReceiptOpened(at(s.opened.AsOf)), wordsRequest(s.opened.RequestID)
	case s.state() == client.NotChecked:
		return wordsReceiptUnasked(at(s.Now())), ""
	case s.lamp.State == client.CouldNotCheck:
		_, _, code := step.Explain(s.lamp.Err)
		return wordsReceiptFailed(at(s.lampAt), code), wordsRequest(s.lamp.RequestID)
	case s.lamp.State == client.NoneRecorded:
		return wordsReceiptNone(at(s.lamp.AsOf)), wordsRequest(s.lamp.RequestID)
	case s.openErr != nil:
		_, _, code := step.Explain(s.openErr)
		return wordsReceiptNotOpened(at(s.lamp.AsOf), code, mayBeRecorded(s.openErr) && s.notifies), wordsRequest(s.lamp.RequestID)
	default:
		return wordsReceiptAlert(at(s.lamp.AsOf)), wordsRequest(s.lamp.RequestID)
	}
}
