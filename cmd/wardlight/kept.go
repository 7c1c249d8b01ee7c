package main

import (
	"context"
	"errors"
	"fmt"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/keep"
	"wardlight/internal/session"
	"wardlight/internal/signin"
)

// keptSignIns returns the store of saved sign-ins for the configured hub.
func (a *app) keptSignIns(p *parts) *signin.Store {
	return &signin.Store{
		Ring: a.ring, Hub: p.hub, HubURL: p.config.HubURL, Reader: p.config.Reader, System: p.system, Clock: a.now, RevokeTimeout: farewell,
		Open: func(ctx context.Context, reader string) (cardreader.Card, error) {
			return a.open(ctx, p.system, reader)
		},
	}
}

// tellKeyring registers a message for a keyring that doesn't answer. The screens have their own message.
func (a *app) tellKeyring() {
	if a.ring == nil {
		return
	}
	tell := func(then string) func() {
		return func() { fmt.Fprintln(a.err, "wardlight:", (&keep.Error{Kind: keep.NoAnswer}).Sentence(), then) }
	}
	a.ring.Silent, a.ring.Waiting = tell("Going on without it."), tell("Waiting for a minute.")
}

// withKept calls do with the saved sign-in, if there is one, and reports whether it did. If the hub has ended the
// session, it reports false, unless do has already shown the user a result.
func (a *app) withKept(ctx context.Context, p *parts, do func(context.Context, *sitting) error) (done bool, err error) {
	if a.noKept {
		return false, nil
	}
	store := a.keptSignIns(p)
	k, err := store.Find(ctx)
	switch {
	case err == nil:
	case errors.As(err, new(*keep.Error)): // without a keyring the user signs in with the passcode
		return false, nil
	default:
		return true, err
	}
	err = do(ctx, &sitting{parts: p, in: p.desk.Resume(ctx, k.Session), kept: k})
	if !signedOut(err) {
		return true, err
	}
	p.desk.End(ctx, session.Quit)
	store.Drop(ctx, k)
	return errors.As(err, new(toldError)), err
}

// signedOut reports whether err means that the hub has ended the session.
func signedOut(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Kind == client.SignedOut
}
