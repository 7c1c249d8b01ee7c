// Package signin manages saved sign-ins, which later programs can use: who may use one, which card must still be
// inserted, and when it ends. Package keep stores them; package session signs in.
package signin

import (
	"context"
	"errors"
	"slices"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/secretstore"
	"wardlight/internal/session"
	"wardlight/rbac"
)

// Store finds, saves and ends the saved sign-in for a hub. All fields are required.
type Store struct {
	Keyring *secretstore.Keyring
	Hub     *client.Hub
	HubURL  string // the hub of the sign-in
	Reader  string // name of the reader in the settings; "" means any
	System  cardreader.System
	Open    func(ctx context.Context, reader string) (cardreader.Card, error)
	Clock   func() time.Time
	// RevokeTimeout is the timeout for revoking a session.
	RevokeTimeout time.Duration
}

// SavedSignIn is a saved sign-in whose card is still inserted.
type SavedSignIn struct {
	Session *client.Session
	Role    string // URID of the role chosen at sign-in, or ""
	Card    secretstore.Card
}

// Find returns the saved sign-in for the hub, if its card is still in the reader. If the card was removed or the
// session has expired, the sign-in is dropped and revoked. The error is then, as when there is none, a
// *secretstore.Error of kind Nothing with the reason.
//
// Other errors are *secretstore.Error, and *cardreader.Error of kind Busy or Shared if the card can't be read at the
// moment; the sign-in is then not dropped.
func (s *Store) Find(ctx context.Context) (*SavedSignIn, error) {
	found, err := s.Keyring.SignIn(ctx, s.HubURL)
	switch {
	case secretstore.KindOf(err) == secretstore.Damaged:
		_ = s.Keyring.DeleteSignIn(ctx, s.HubURL) // it can't be used or revoked
		return nil, noSavedSignIn("The sign-in that was kept could not be read.")
	case err != nil:
		return nil, err
	case !session.MatchesName(found.Card.Reader, s.Reader):
		return nil, noSavedSignIn("The sign-in that is kept is of a card in another reader.")
	}

	resumed, err := s.Hub.Resume(found.Session)
	if err != nil {
		_ = s.Keyring.DeleteSignIn(ctx, s.HubURL)
		return nil, noSavedSignIn("The sign-in that was kept has ended.")
	}

	k := &SavedSignIn{Session: resumed, Role: found.Role, Card: found.Card}
	same, err := s.sameCard(ctx, k.Card)
	if err != nil {
		return nil, err
	}

	if !same {
		s.Drop(ctx, k)
		return nil, noSavedSignIn("The card was taken out, or its reader started anew, so the sign-in that was " +
			"kept was ended.")
	}

	return k, nil
}

// noSavedSignIn returns the error that no saved sign-in can be used, with the reason.
func noSavedSignIn(why string) error {
	return &secretstore.Error{Kind: secretstore.NotFound, Detail: why}
}

// checkSameCard reports whether the card has stayed in its reader since the sign-in. A card that can't be read counts
// as another one. The errors are those of Find.
func (s *Store) sameCard(ctx context.Context, card secretstore.Card) (bool, error) {
	readers, err := s.System.Wait(ctx, nil, session.ReadersTimeout)
	if err != nil || !card.StillInserted(readers) {
		return false, ctx.Err()
	}
	opened, err := s.Open(ctx, card.Reader)
	if kind := cardreader.KindOf(err); err != nil && (ctx.Err() != nil || kind == cardreader.Busy ||
		kind == cardreader.InUse) {
		return false, err
	}
	if err != nil {
		return false, nil //nolint:nilerr // a card that can't be read is not the one that signed in
	}
	seen, unusable := session.Look(opened.Info(), s.Clock())
	var e *cardreader.Error
	if errors.As(unusable, &e) && e.Kind != cardreader.Locked { // an existing session does not need passcode tries
		return false, nil
	}
	return card.Matches(seen), nil
}

// Save saves the sign-in. The card must have stayed in the reader since before the passcode was typed. role is
// the URID of the role, or "". Afterwards desk.End does not revoke the session. Errors are *secretstore.Error and
// *cardreader.Error.
func (s *Store) Save(ctx context.Context, manager *session.Manager, reader cardreader.Reader, read session.Card,
	role string,
) (*SavedSignIn, error) {
	card := secretstore.CardOf(reader, read)
	readers, err := s.System.Wait(ctx, nil, session.ReadersTimeout)
	if err != nil {
		return nil, err
	}
	if !card.StillInserted(readers) {
		return nil, &cardreader.Error{Kind: cardreader.Removed}
	}

	sealed, err := manager.Seal()
	if err != nil {
		return nil, err
	}
	if err := s.Keyring.ForUnlocking().SaveSignIn(ctx, s.HubURL, secretstore.SignIn{
		Session: sealed, Role: role,
		Card: card,
	}); err != nil {
		return nil, err
	}

	manager.Detach()
	resumed, err := s.Hub.Resume(sealed)
	if err != nil {
		return nil, err
	}

	return &SavedSignIn{Session: resumed, Role: role, Card: card}, nil
}

// Drop removes a saved sign-in and revokes its session. It reports whether the hub has confirmed that. Otherwise the
// session expires.
func (s *Store) Drop(ctx context.Context, k *SavedSignIn) (revoked bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.RevokeTimeout)
	defer cancel()
	_ = s.Keyring.DeleteSignIn(ctx, s.HubURL) // if that fails, only a session that is revoked or will expire is left
	return k.Session.Revoke(ctx) == nil
}

// Forget removes the saved sign-in and revokes its session, whatever the state of its card. It reports whether there
// was a saved sign-in, and whether the hub has confirmed the revocation. Errors are *secretstore.Error.
func (s *Store) Forget(ctx context.Context) (was, revoked bool, err error) {
	found, err := s.Keyring.ForUnlocking().SignIn(ctx, s.HubURL)
	kind := secretstore.KindOf(err)
	switch {
	case err != nil && kind == secretstore.NotFound:
		return false, false, nil
	case err != nil && kind != secretstore.Damaged:
		return false, false, err
	}

	// Remove it from the keyring first, because a failure there must be reported. A session that isn't revoked
	// expires.
	if err := s.Keyring.ForUnlocking().DeleteSignIn(ctx, s.HubURL); err != nil {
		return true, false, err
	}

	resumed, err := s.Hub.Resume(found.Session)
	if err != nil {
		return true, false, nil //nolint:nilerr // damaged or expired, so there is nothing to revoke
	}

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.RevokeTimeout)
	defer cancel()
	return true, resumed.Revoke(ctx) == nil, nil
}

// RoleProfile returns the role chosen at sign-in. It returns nil if there is none, or if the person does not have it.
func (k *SavedSignIn) RoleProfile() *rbac.RoleProfile {
	roles := k.Session.Roles()
	if i := slices.IndexFunc(roles, func(r rbac.RoleProfile) bool { return r.URID == k.Role }); i >= 0 {
		return &roles[i]
	}
	return nil
}
