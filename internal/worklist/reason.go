package worklist

import (
	"errors"

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

// busy is the hub's own word that it is asked too often.
func busy(err error) (*client.Error, bool) {
	var e *client.Error
	return e, errors.As(err, &e) && e.Kind == client.Busy
}
