package patient

import (
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/step"
)

// ReceiptOf returns one line to paste into the patient's record. It holds nothing of the patient: it goes into the
// patient's own record, and on the way through a clipboard that any program can read. The request's id leads whoever
// may read the hub's audit to the patient, and nobody else. In two parts, for a screen on which the line does not
// fit.
func ReceiptOf(s *Screen) (check, request string) {
	at := func(t time.Time) string { return nhs.Instant(t, s.Location) }
	switch {
	case s.Opened != nil && len(s.Opened.Plans) == 0:
		return wordsReceiptNoPlan(at(s.Opened.AsOf)), wordsRequest(s.Opened.RequestID)
	case s.Opened != nil:
		return wordsReceiptOpened(at(s.Opened.AsOf)), wordsRequest(s.Opened.RequestID)
	case s.State() == client.NotChecked:
		return wordsReceiptUnasked(at(s.Now())), ""
	case s.Lamp.State == client.CouldNotCheck:
		_, _, code := step.Explain(s.Lamp.Err)
		return wordsReceiptFailed(at(s.lampAt), code), wordsRequest(s.Lamp.RequestID)
	case s.Lamp.State == client.NoneRecorded:
		return wordsReceiptNone(at(s.Lamp.AsOf)), wordsRequest(s.Lamp.RequestID)
	case s.OpenErr != nil:
		_, _, code := step.Explain(s.OpenErr)
		return wordsReceiptNotOpened(at(s.Lamp.AsOf), code, mayBeRecorded(s.OpenErr) && s.Notifies), wordsRequest(s.Lamp.RequestID)
	default:
		return wordsReceiptAlert(at(s.Lamp.AsOf)), wordsRequest(s.Lamp.RequestID)
	}
}
