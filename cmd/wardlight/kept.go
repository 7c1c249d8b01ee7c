package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/keep"
	"wardlight/internal/session"
	"wardlight/rbac"
)

// keptSignIn is a sign-in of an earlier command whose card is still in.
type keptSignIn struct {
	session *client.Session
	role    string // the URID that was chosen at login; "" for none
	card    keep.Card
}

// kept is the sign-in that is kept for the hub, once its very card was found in the reader. One whose card is not, or that
// has ended, is dropped and revoked: then, as when there is none, the error is a *keep.Error of kind Nothing that says why.
//
// Other errors are *keep.Error, and *cardreader.Error of kind Busy or InUse: whose card it is cannot be told just now, and
// nothing was dropped.
func (a *app) kept(ctx context.Context, p *parts) (*keptSignIn, error) {
	found, err := a.ring.SignIn(ctx, p.config.HubURL)
	switch {
	case keep.KindOf(err) == keep.Damaged:
		_ = a.ring.ForgetSignIn(ctx, p.config.HubURL) // nothing in it can be used or revoked
		return nil, noLonger("The sign-in that was kept could not be read.")
	case err != nil:
		return nil, err
	case !strings.Contains(strings.ToLower(found.Card.Reader), strings.ToLower(p.config.Reader)):
		return nil, noLonger("The sign-in that is kept is of a card in another reader.")
	}
	resumed, err := p.hub.Resume(found.Session)
	if err != nil {
		_ = a.ring.ForgetSignIn(ctx, p.config.HubURL)
		return nil, noLonger("The sign-in that was kept has ended.")
	}
	k := &keptSignIn{session: resumed, role: found.Role, card: found.Card}
	same, err := a.sameCard(ctx, p, k.card)
	if err != nil {
		return nil, err
	}
	if !same {
		a.drop(ctx, p, k)
		return nil, noLonger("The card was taken out, or its reader started anew, so the sign-in that was kept was ended.")
	}
	return k, nil
}

// tellKeyring has a keyring that does not answer told where the messages go. The screens have their own words for it.
func (a *app) tellKeyring() {
	if a.ring == nil {
		return
	}
	tell := func(then string) func() {
		return func() { fmt.Fprintln(a.err, "wardlight:", (&keep.Error{Kind: keep.NoAnswer}).Sentence(), then) }
	}
	a.ring.Silent, a.ring.Waiting = tell("Going on without it."), tell("Waiting for a minute.")
}

// noLonger is why no kept sign-in can be used.
func noLonger(why string) error { return &keep.Error{Kind: keep.Nothing, Detail: why} }

// sameCard tells whether the card has been in its reader all the time. A card that cannot be read is not the same; the
// errors are those of kept.
func (a *app) sameCard(ctx context.Context, p *parts, card keep.Card) (bool, error) {
	readers, err := p.system.Wait(ctx, nil, lookFor)
	if err != nil || !card.StillIn(readers) {
		return false, ctx.Err()
	}
	opened, err := a.open(ctx, p.system, card.Reader)
	if kind := cardreader.KindOf(err); err != nil && (ctx.Err() != nil || kind == cardreader.Busy || kind == cardreader.InUse) {
		return false, err
	}
	if err != nil {
		return false, nil //nolint:nilerr // a card that cannot be read is not the one that signed in
	}
	seen, unusable := session.Look(opened.Info(), a.clock())
	var e *cardreader.Error
	if errors.As(unusable, &e) && e.Kind != cardreader.Locked { // its tries are of no matter to a session that there is
		return false, nil
	}
	return card.Is(seen), nil
}

// drop removes a kept sign-in and ends its session at the hub, and says whether the hub heard of it. A hub that cannot be
// reached ends it by itself in time.
func (a *app) drop(ctx context.Context, p *parts, k *keptSignIn) (revoked bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	_ = a.ring.ForgetSignIn(ctx, p.config.HubURL) // what stays behind is of a session that is revoked, or soon ended
	return k.session.Revoke(ctx) == nil
}

// withKept runs do with the kept sign-in, if there is one, and reports whether it did. A session that turns out to be over at
// the hub counts as none, unless do has told its user of it already.
func (a *app) withKept(ctx context.Context, p *parts, do func(context.Context, *sitting) error) (done bool, err error) {
	if a.noKept {
		return false, nil
	}
	k, err := a.kept(ctx, p)
	switch {
	case err == nil:
	case errors.As(err, new(*keep.Error)): // no keyring is no reason to stop: the passcode serves as well
		return false, nil
	default:
		return true, err
	}
	err = do(ctx, &sitting{parts: p, in: p.desk.Resume(ctx, k.session), kept: k})
	if !signedOut(err) {
		return true, err
	}
	p.desk.End(ctx, session.Quit)
	a.drop(ctx, p, k)
	return errors.As(err, new(toldError)), err
}

// signedOut tells whether the hub no longer honours the session.
func signedOut(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Kind == client.SignedOut
}

// defaultRole is the role to act in where --role names none: the one chosen at login, while the person has it.
func (s *sitting) defaultRole() string {
	if s.kept == nil {
		return ""
	}
	i := slices.IndexFunc(s.in.Roles, func(r rbac.RoleProfile) bool { return r.URID == s.kept.role })
	if i < 0 {
		return ""
	}
	return s.kept.role
}
