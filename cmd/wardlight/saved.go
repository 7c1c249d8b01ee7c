package main

import (
	"context"
	"errors"
	"fmt"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/secretstore"
	"wardlight/internal/session"
	"wardlight/internal/signin"
)

// savedSessions returns the store of saved sign-ins for the configured hub.
func (a *app) savedSessions(p *parts) *signin.Store {
	return &signin.Store{
		Keyring: a.keyring, Hub: p.hub, HubURL: p.config.HubURL, Reader: p.config.Reader, System: p.system,
		Clock: a.now, RevokeTimeout: signOutTimeout,
		Open: func(ctx context.Context, reader string) (cardreader.Card, error) {
			return a.open(ctx, p.system, reader)
		},
	}
}

// reportKeyringWait registers a message for a keyring that doesn't answer. The screens have their own message.
func (a *app) reportKeyringWait() {
	if a.keyring == nil {
		return
	}
	report := func(then string) func() {
		return func() {
			fmt.Fprintln(a.err, "wardlight:", (&secretstore.Error{Kind: secretstore.NoAnswer}).Sentence(), then)
		}
	}
	a.keyring.OnTimeout, a.keyring.OnUnlock = report("Going on without it."), report("Waiting for a minute.")
}

// withSavedSession calls do with the saved sign-in, if there is one, and reports whether it did. If the hub has ended
// the session, it reports false, unless do has already shown the user a result.
func (a *app) withSavedSession(ctx context.Context, p *parts,
	do func(context.Context, *cardSession) error,
) (done bool, err error) {
	if a.noSavedSession {
		return false, nil
	}
	store := a.savedSessions(p)
	k, err := store.Find(ctx)
	switch {
	case err == nil:
	case errors.As(err, new(*secretstore.Error)): // without a keyring the user signs in with the passcode
		return false, nil
	default:
		return true, err
	}
	err = do(ctx, &cardSession{parts: p, in: p.sessions.Resume(ctx, k.Session), saved: k})
	if !signedOut(err) {
		return true, err
	}
	p.sessions.End(ctx, session.Quit)
	store.Drop(ctx, k)
	return errors.As(err, new(shownError)), err
}

// signedOut reports whether err means that the hub has ended the session.
func signedOut(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Kind == client.SignedOut
}
