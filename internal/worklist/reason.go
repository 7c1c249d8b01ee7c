package worklist

import (
	"errors"
	"time"

	"wardlight/client"
)

// reasonOf is an error of the hub in words.
func reasonOf(err error) *Reason {
	var e *client.Error
	if !errors.As(err, &e) {
		e = &client.Error{Kind: client.Unexpected, Err: err}
	}
	return &Reason{Kind: e.Kind.String(), Sentence: e.Sentence(), Advice: e.Advice(), Code: e.Code()}
}

// asksToWait is how long the hub asks to wait; 0 where it does not.
func asksToWait(err error) time.Duration {
	var e *client.Error
	if errors.As(err, &e) {
		return e.Wait
	}
	return 0
}
