// Package signin is a sign-in that outlives the program: who may use it again, which card must still be in, and when
// it ends. Package keep stores it; package session has the sign-in itself.
package signin

import (
	"context"
	"errors"
	"slices"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/keep"
	"wardlight/internal/session"
	"wardlight/rbac"
)

// Store finds, keeps and ends the sign-in that is kept for a hub. All fields are required.
type Store struct {
	Ring   *keep.Ring
	Hub    *client.Hub
	HubURL string // the hub that the sign-in is kept for
	Reader string // of the settings; "" is any
	System cardreader.System
	Open   func(ctx context.Context, reader string) (cardreader.Card, error)
	Clock  func() time.Time
	// RevokeTimeout is how long the hub may take to end a session.
	RevokeTimeout time.Duration
}

// Kept is a sign-in of an earlier program whose card is still in.
type Kept struct {
	Session *client.Session
	Role    string // the URID that was chosen at sign-in; "" for none
	Card    keep.Card
}

// Find returns the sign-in that is kept for the hub, once its very card was found in the reader. One whose card is
// not, or that has ended, is dropped and revoked: then, as when there is none, the error is a *keep.Error of kind
// Nothing that says why.
//
// Other errors are *keep.Error, and *cardreader.Error of kind Busy or InUse: whose card it is cannot be known just
// now, and nothing was dropped.
func (s *Store) Find(ctx context.Context) (*Kept, error) {
	found, err := s.Ring.SignIn(ctx, s.HubURL)
	switch {
	case keep.KindOf(err) == keep.Damaged:
		_ = s.Ring.ForgetSignIn(ctx, s.HubURL) // nothing in it can be used or revoked
		return nil, nothing("The sign-in that was kept could not be read.")
	case err != nil:
		return nil, err
	case !session.IsNamed(found.Card.Reader, s.Reader):
		return nil, nothing("The sign-in that is kept is of a card in another reader.")
	}
	resumed, err := s.Hub.Resume(found.Session)
	if err != nil {
		_ = s.Ring.ForgetSignIn(ctx, s.HubURL)
		return nil, nothing("The sign-in that was kept has ended.")
	}
	k := &Kept{Session: resumed, Role: found.Role, Card: found.Card}
	same, err := s.sameCard(ctx, k.Card)
	if err != nil {
		return nil, err
	}
	if !same {
		s.Drop(ctx, k)
		return nil, nothing("The card was taken out, or its reader started anew, so the sign-in that was kept was ended.")
	}
	return k, nil
}

// nothing returns why no kept sign-in can be used.
func nothing(why string) error { return &keep.Error{Kind: keep.Nothing, Detail: why} }

// sameCard reports whether the card has been in its reader all the time. A card that cannot be read is not the same;
// the errors are those of Find.
func (s *Store) sameCard(ctx context.Context, card keep.Card) (bool, error) {
	readers, err := s.System.Wait(ctx, nil, session.ReadersTimeout)
	if err != nil || !card.StillIn(readers) {
		return false, ctx.Err()
	}
	opened, err := s.Open(ctx, card.Reader)
	if kind := cardreader.KindOf(err); err != nil && (ctx.Err() != nil || kind == cardreader.Busy || kind == cardreader.InUse) {
		return false, err
	}
	if err != nil {
		return false, nil //nolint:nilerr // a card that cannot be read is not the one that signed in
	}
	seen, unusable := session.Look(opened.Info(), s.Clock())
	var e *cardreader.Error
	if errors.As(unusable, &e) && e.Kind != cardreader.Locked { // its tries are of no matter to a session that there is
		return false, nil
	}
	return card.Is(seen), nil
}

// Keep stores the sign-in of the desk, once its card is known to have stayed in the reader since before the passcode.
// role is the URID to act in; "" is none. From then on the end of the desk does not revoke the session. Errors are
// *keep.Error and *cardreader.Error.
func (s *Store) Keep(ctx context.Context, desk *session.Desk, reader cardreader.Reader, read session.Card, role string) (*Kept, error) {
	card := keep.CardOf(reader, read)
	readers, err := s.System.Wait(ctx, nil, session.ReadersTimeout)
	if err != nil {
		return nil, err
	}
	if !card.StillIn(readers) {
		return nil, &cardreader.Error{Kind: cardreader.Removed}
	}
	sealed, err := desk.Seal()
	if err != nil {
		return nil, err
	}
	if err := s.Ring.ForUnlocking().KeepSignIn(ctx, s.HubURL, keep.SignIn{Session: sealed, Role: role, Card: card}); err != nil {
		return nil, err
	}
	desk.Keep()
	resumed, err := s.Hub.Resume(sealed)
	if err != nil {
		return nil, err
	}
	return &Kept{Session: resumed, Role: role, Card: card}, nil
}

// Drop removes a kept sign-in and ends its session at the hub, and reports whether the hub heard of it. A hub that
// cannot be reached ends it by itself in time.
func (s *Store) Drop(ctx context.Context, k *Kept) (revoked bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.RevokeTimeout)
	defer cancel()
	_ = s.Ring.ForgetSignIn(ctx, s.HubURL) // what stays behind is of a session that is revoked, or soon ended
	return k.Session.Revoke(ctx) == nil
}

// Forget removes what is kept and ends its session, whatever became of its card. It reports whether there was any,
// and whether the hub heard of it. Errors are *keep.Error.
func (s *Store) Forget(ctx context.Context) (was, revoked bool, err error) {
	found, err := s.Ring.ForUnlocking().SignIn(ctx, s.HubURL)
	kind := keep.KindOf(err)
	switch {
	case err != nil && kind == keep.Nothing:
		return false, false, nil
	case err != nil && kind != keep.Damaged:
		return false, false, err
	}
	// First the keyring: what cannot be removed there is an error, what cannot be revoked ends by itself.
	if err := s.Ring.ForUnlocking().ForgetSignIn(ctx, s.HubURL); err != nil {
		return true, false, err
	}
	resumed, err := s.Hub.Resume(found.Session)
	if err != nil {
		return true, false, nil //nolint:nilerr // damaged, or ended: there is nothing to revoke
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.RevokeTimeout)
	defer cancel()
	return true, resumed.Revoke(ctx) == nil, nil
}

// RoleProfile returns the role that was chosen at sign-in; nil for none, and for one that the person does not have.
func (k *Kept) RoleProfile() *rbac.RoleProfile {
	roles := k.Session.Roles()
	if i := slices.IndexFunc(roles, func(r rbac.RoleProfile) bool { return r.URID == k.Role }); i >= 0 {
		return &roles[i]
	}
	return nil
}
