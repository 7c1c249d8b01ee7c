package main

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/internal/session"
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

// partOfHub is a failure of the hub, found in err, in a document.
func partOfHub(e *client.Error, err error) errorPart {
	p := errorPart{
		Kind: e.Kind.String(), Sentence: e.Sentence(), Advice: e.Advice(), Code: e.Code(),
		Missing: e.Missing, Request: e.RequestID, Unsettled: e.Unsettled,
	}
	var lost *session.NotKept
	if errors.As(err, &lost) {
		p.Advice = fmt.Sprintf("The opening may already be recorded, and this computer could not keep its request id: %s "+
			"Open it again with --request-id %s: that notifies nobody a second time.", errorOf(lost.Err).Sentence, e.RequestID)
	}
	return p
}

// cutOffError is an opening that was interrupted before its answer came, and that may have counted.
type cutOffError struct{ opening error }

// cutOff is the error of an interruption, in the middle of an opening where that failed with err.
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

// part is the interruption in a document.
func (e *cutOffError) part() errorPart {
	p := partOfHub(unsettled(e.opening), e.opening)
	p.Kind, p.Sentence, p.Code = "interrupted", "Interrupted."+unsettledWords(e.opening), ""
	return p
}
