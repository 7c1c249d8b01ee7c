package main

import (
	"errors"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/internal/fault"
)

// opening is what the command line says of an opening.
type opening struct {
	wanted    bool
	requestID string // of an earlier one; "" is that which was kept, or a new one
	queue     string // to print on; "" prints nothing
}

// check refuses a request id that is none, or that opens nothing. The error is a *usageError.
func (o *opening) check(given bool) error {
	if !given {
		return nil
	}
	id, err := uuid.Parse(o.requestID)
	switch {
	case err != nil:
		return &usageError{problem: "--request-id is no UUID", hint: "give the request id that the failed opening named"}
	case !o.wanted:
		return &usageError{problem: "--request-id is of an opening, and nothing is opened", hint: "add --open, which writes the access history and notifies the local authority"}
	}
	o.requestID = id.String()
	return nil
}

// unsettledWords says whether an opening that failed may have counted.
func unsettledWords(err error) string {
	if e := unsettled(err); e != nil {
		return " The opening may have been recorded, and the local authority notified. Its request id is " + e.RequestID + "."
	}
	return " Nothing was recorded and nobody was notified."
}

// unsettled returns the failure of an opening that may have counted; nil of any other.
func unsettled(err error) *client.Error {
	var e *client.Error
	if errors.As(err, &e) && e.Unsettled {
		return e
	}
	return nil
}

// cutOffError is an opening that was interrupted before its answer came, and that may have counted.
type cutOffError struct{ opening error }

// cutOff returns the error of an interruption, in the middle of an opening where that failed with err.
func cutOff(err error) error {
	if unsettled(err) == nil {
		return errInterrupted
	}
	return &cutOffError{err}
}

// Error implements error.
func (e *cutOffError) Error() string { return errInterrupted.Error() }

// Is makes it an interruption. The opening's own error stays out of the chain: it would have another exit code.
func (e *cutOffError) Is(target error) bool { return target == errInterrupted }

// Sentence, Advice, Code, Name and Class make it a fault.Fault.
func (e *cutOffError) Sentence() string { return "Interrupted." + unsettledWords(e.opening) }

// Advice returns that of the opening.
func (e *cutOffError) Advice() string { return errorOf(e.opening).Advice }

// Code returns none: an interruption is no failure.
func (e *cutOffError) Code() string { return "" }

// Name returns that of every interruption.
func (e *cutOffError) Name() string { return errInterrupted.Name() }

// Class returns that of every interruption.
func (e *cutOffError) Class() fault.Class { return errInterrupted.Class() }

// RequestID returns the opening's.
func (e *cutOffError) RequestID() string { return unsettled(e.opening).RequestID }
