package main

import (
	"errors"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/internal/fault"
)

// opening holds the command line's options for an opening.
type opening struct {
	wanted    bool
	requestID string // of an earlier opening; "" uses the saved request id, or else a new one
	queue     string // print queue; "" prints nothing
	receipt   string // file for the receipt; "" saves none
}

// check rejects a malformed request id, and a request id without --open. The error is a *usageError.
func (o *opening) check(given bool) error {
	if !given {
		return nil
	}
	id, err := uuid.Parse(o.requestID)
	switch {
	case err != nil:
		return &usageError{
			problem: "--request-id is no UUID",
			hint:    "give the request id that the failed opening named",
		}
	case !o.wanted:
		return &usageError{
			problem: "--request-id is of an opening, and nothing is opened",
			hint:    "add --open, which writes the access history and notifies the local authority",
		}
	}
	o.requestID = id.String()
	return nil
}

// outcomeUnknownWords returns a sentence that says whether a failed opening may have been recorded, for appending to a
// message.
func outcomeUnknownWords(err error) string {
	if e := outcomeUnknown(err); e != nil {
		return " The opening may have been recorded, and the local authority notified. Its request id is " +
			e.RequestID + "."
	}
	return " Nothing was recorded and nobody was notified."
}

// outcomeUnknown returns the error of an opening that may have been recorded, or nil for any other error.
func outcomeUnknown(err error) *client.Error {
	var e *client.Error
	if errors.As(err, &e) && e.OutcomeUnknown {
		return e
	}
	return nil
}

// interruptedOpeningError is the error of an opening that was interrupted before its answer arrived. The opening may
// have been recorded.
type interruptedOpeningError struct{ opening error }

// interruptedOpening returns the error of an interrupted command. If err means that an opening may have been recorded,
// the error is a *interruptedOpeningError, else errInterrupted.
func interruptedOpening(err error) error {
	if outcomeUnknown(err) == nil {
		return errInterrupted
	}
	return &interruptedOpeningError{err}
}

// Error implements error.
func (e *interruptedOpeningError) Error() string { return errInterrupted.Error() }

// Is reports whether target is errInterrupted. The opening's own error is not in the chain: it would give another exit
// code.
func (e *interruptedOpeningError) Is(target error) bool { return target == errInterrupted }

// Sentence, Advice, Code, Name and Class implement fault.Fault.
func (e *interruptedOpeningError) Sentence() string {
	return "Interrupted." + outcomeUnknownWords(e.opening)
}

// Advice returns the advice of the opening's error.
func (e *interruptedOpeningError) Advice() string { return errorOf(e.opening).Advice }

// Code returns "": an interruption has no support code.
func (e *interruptedOpeningError) Code() string { return "" }

// Name returns the name of errInterrupted.
func (e *interruptedOpeningError) Name() string { return errInterrupted.Name() }

// Class returns the class of errInterrupted.
func (e *interruptedOpeningError) Class() fault.Class { return errInterrupted.Class() }

// RequestID returns the request id of the opening.
func (e *interruptedOpeningError) RequestID() string { return outcomeUnknown(e.opening).RequestID }
