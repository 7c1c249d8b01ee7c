//go:build linux || darwin

package handover

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"wardlight/internal/nhs"
)

// Show passes a number to the screens of this user on which somebody is signed in. If there are several, it uses those
// that were started last. It returns when they start to look for the patient. The error is an *Error.
func Show(ctx context.Context, c Config, n nhs.Number) error {
	refused := &Error{Kind: NoSession}
	for _, folder := range c.Folders {
		if err := checkFolder(folder); err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				refused = laterError(refused, asError(err))
			}
			continue
		}
		for _, path := range sockets(folder) {
			done, err := showAt(ctx, c, path, n)
			if err == nil {
				return nil
			}
			if refused = laterError(refused, err); done {
				return err
			}
		}
	}
	return refused
}

// showAt passes the number to the screens at a socket. done reports whether no other screens should be tried.
func showAt(ctx context.Context, c Config, path string, n nhs.Number) (done bool, _ *Error) {
	connected, err := dial(ctx, path)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist):
		return false, &Error{Kind: NoSession, Err: err} // its program has ended
	case KindOf(err) == OtherUser:
		return false, asError(err)
	case err != nil:
		return false, &Error{Kind: NoAnswer, Err: err}
	}
	defer func() { _ = connected.Close() }()
	sent, refused := send(ctx, c.timeout(), connected, n)
	if refused == nil {
		return true, nil
	}

	switch refused.Kind {
	case NotSignedIn, NoRole, WrongRole:
		return false, refused
	default:
		return sent, refused
	}
}

// laterError returns the error to report: the later one, unless it is NoSession.
func laterError(before, now *Error) *Error {
	if now.Kind == NoSession {
		return before
	}
	return now
}

// asError returns the *Error in err's chain, or one of kind Failed.
func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Failed, Err: err}
}
