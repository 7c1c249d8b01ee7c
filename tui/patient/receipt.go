package patient

import (
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/step"
)

// ReceiptOf returns a line to paste into the patient's record. It contains no patient data, because it passes through
// a clipboard that any program can read. Only people with access to the hub's audit can find the patient by the
// request id. The line is returned in two parts, for screens on which it does not fit.
func ReceiptOf(s *Screen) (check, request string) {
	check, request = checkReceipt(s)
	return check + s.flagsReceipt(), request
}

// checkReceipt returns the receipt about child protection.
func checkReceipt(s *Screen) (check, request string) {
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
		return wordsReceiptFailed(at(s.lampAt), code) + toldWords(s.Lamp.Err), wordsRequest(s.Lamp.RequestID)
	case s.Lamp.State == client.NoneRecorded:
		return wordsReceiptNone(at(s.Lamp.AsOf)), wordsRequest(s.Lamp.RequestID)
	case s.OpenErr != nil:
		_, _, code := step.Explain(s.OpenErr)
		return wordsReceiptNotOpened(at(s.Lamp.AsOf), code, mayBeRecorded(s.OpenErr) && s.Notifies),
			wordsRequest(s.Lamp.RequestID)
	default:
		return wordsReceiptAlert(at(s.Lamp.AsOf)), wordsRequest(s.Lamp.RequestID)
	}
}
