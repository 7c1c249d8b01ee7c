package client

import (
	"context"
	"encoding/json"
	"net/url"

	"wardlight/internal/translog"
)

// Receipt is the receipt of a check or of an opening.
type Receipt struct {
	RequestID string
	Record    int64  // number of the audit record
	Action    string // as in the hub's audit: "open an alert"
	Outcome   string // granted, refused or failed
	JSON      []byte // the receipt, as 'wardlight receipt verify' reads it; it names the patient
}

// Receipt returns the receipt of a check or of an opening by the RequestID of the [Lamp] or of the [Opened].
// It proves to somebody without the hub that the request is in its audit, and names the patient. The hub makes receipts
// only for the person and organisation of the request. It records that, and notifies nobody.
//
// Errors are *Error, with the kind NotFound if there is no such request.
func (a *Acting) Receipt(ctx context.Context, requestID string) (Receipt, error) {
	c := a.inSetting(a.read("/audit/receipts/"+url.PathEscape(requestID), "/audit/receipts"))
	c.accept = "application/json"
	ans, err := a.ask(ctx, c)
	if err != nil {
		return Receipt{}, err
	}
	if !isType(ans, "application/json") {
		return Receipt{}, malformed(c, ans, "not JSON by its content type")
	}
	r, err := translog.ParseReceipt(ans.body)
	if err != nil || r.Record.RequestID != requestID {
		return Receipt{}, malformed(c, ans, "not the receipt of this request")
	}
	text, err := json.MarshalIndent(r, "", "  ")
	return Receipt{
		RequestID: requestID, Record: r.Record.Seq, Action: line(r.Record.Action), Outcome: line(r.Record.Outcome),
		JSON: append(text, '\n'),
	}, err
}
