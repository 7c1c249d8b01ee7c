package worklist

import (
	"errors"
	"time"

	"wardlight/client"
)

// reasonOf returns an error of the hub, or an [OtherPatientError], in words.
func reasonOf(err error) *Reason {
	if other := new(OtherPatientError); errors.As(err, &other) {
		return &Reason{Kind: KindOtherPatient, Sentence: other.Sentence(), Advice: other.Advice(), Code: other.Code()}
	}
	var e *client.Error
	if !errors.As(err, &e) {
		e = &client.Error{Kind: client.Unexpected, Err: err}
	}
	return &Reason{Kind: e.Kind.String(), Sentence: e.Sentence(), Advice: e.Advice(), Code: e.Code()}
}

// asksToWait returns how long the hub asks to wait; 0 where it does not.
func asksToWait(err error) time.Duration {
	var e *client.Error
	if errors.As(err, &e) {
		return e.Wait
	}
	return 0
}
