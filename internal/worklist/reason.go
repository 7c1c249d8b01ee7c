package worklist

import (
	"errors"
	"time"

	"wardlight/client"
	"wardlight/internal/fault"
)

// reasonOf returns the texts of err. An error without texts is described as an unexpected answer of the hub.
func reasonOf(err error) *Reason {
	f := fault.Find(err)
	if f == nil {
		f = &client.Error{Kind: client.Unexpected, Err: err}
	}
	return &Reason{Kind: f.Name(), Sentence: f.Sentence(), Advice: f.Advice(), Code: f.Code()}
}

// asksToWait returns how long the hub asks to wait, or 0.
func asksToWait(err error) time.Duration {
	var e *client.Error
	if errors.As(err, &e) {
		return e.Wait
	}
	return 0
}
