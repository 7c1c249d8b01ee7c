package receiptfile

import (
	"errors"
	"net/http"

	"wardlight/client"
	"wardlight/internal/fault"
	"wardlight/internal/text"
)

// Kind classifies the reasons why there is no receipt in a file.
type Kind int

// The kinds.
const (
	NoReceipts Kind = iota // the hub makes no receipts
	NoReceipt              // the hub has none for this request
	Exists                 // there is a file of that name
	NotSaved               // the file could not be written
)

var table = fault.Table[Kind]{
	NoReceipts: fault.Row("This hub makes no receipts.",
		"The check is on record all the same. The hub's operator can set audit.checkpoint_folder.", "A10",
		"no_receipts"),
	NoReceipt: fault.Row("The hub has no receipt for this request id.",
		"It makes receipts only for your own checks and openings, in the organisation of your role.", "A11",
		"no_receipt"),
	Exists: fault.Row("There is a file of this name already.",
		"It was left as it is. Use it, or move it and save again.", "A12", "receipt_exists"),
	NotSaved: fault.Row("The receipt could not be saved.",
		"Save it in another folder: wardlight receipt get ID --out FILE", "A13", "receipt_not_saved"),
}

// maxShown is the maximum length in bytes of a path or a reason that is shown.
const maxShown = 1024

// Kinds returns all kinds.
func Kinds() []Kind { return table.Kinds() }

// Error reports why there is no receipt in a file.
type Error struct {
	Kind      Kind
	RequestID string // id of the check or the opening; "" if unknown
	File      string // of Exists: the file
	Err       error  // the cause
}

// ErrorOf returns the error of a request for a receipt. The hub's answers of status 404 mean something else than for a
// patient. Other errors are returned unchanged.
func ErrorOf(err error, requestID string) error {
	var e *client.Error
	switch {
	case !errors.As(err, &e) || e.Status != http.StatusNotFound:
		return err
	case e.Kind == client.NotFound:
		return &Error{Kind: NoReceipt, RequestID: requestID, Err: err}
	default:
		return &Error{Kind: NoReceipts, RequestID: requestID, Err: err}
	}
}

// Error returns the sentence and the support code.
func (e *Error) Error() string { return e.Sentence() + " (" + e.Code() + ")" }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Sentence returns what is wrong, with the file or the operating system's reason.
func (e *Error) Sentence() string {
	sentence := table[e.Kind].Sentence
	switch {
	case e.Kind == Exists && e.File != "":
		return text.Clean(e.File, maxShown) + " exists already."
	case e.Kind == NotSaved && e.Err != nil:
		return "The receipt could not be saved: " + text.Clean(e.Err.Error(), maxShown) + "."
	}
	return sentence
}

// Advice returns what the user can do.
func (e *Error) Advice() string {
	if e.Kind == NotSaved && e.RequestID != "" {
		return "Save it in another folder: wardlight receipt get " + text.Clean(e.RequestID, 64) + " --out FILE"
	}
	return table[e.Kind].Advice
}

// Code returns the support code.
func (e *Error) Code() string { return table[e.Kind].Code }

// Name returns the kind's name in documents for programs.
func (e *Error) Name() string { return table[e.Kind].Name }

// Class returns fault.Other.
func (e *Error) Class() fault.Class { return fault.Other }
