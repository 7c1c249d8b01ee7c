package worklist

import (
	"errors"
	"time"

	"wardlight/client"
	"wardlight/internal/fault"
)

// reasonOf returns an error in words; one that is no fault is an answer of the hub that was not expected.
func reasonOf(err error) *Reason {
	f := fault.Find(err)
	if f == nil {
		f = &client.Error{Kind: client.Unexpected, Err: err}
	}
	return &Reason{Kind: f.Name(), Sentence: f.Sentence(), Advice: f.Advice(), Code: f.Code()}
}

// asksToWait returns how long the hub asks to wait; 0 where it does not.
func asksToWait(err error) time.Duration {
	var e *client.Error
	if errors.As(err, &e) {
		return e.Wait
	}
	return 0
}
