package session

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
)

// nonceMargin is the minimum remaining validity of a nonce: signing and the request to the hub take time.
const nonceMargin = 10 * time.Second

// typingMargin is nonceMargin for a card whose passcode is typed on the reader, after the nonce is requested.
const typingMargin = time.Minute

// SignIn signs the hub's nonce with the card that was read and exchanges it for a session. It gets the nonce before it
// uses the card, so that an unreachable hub costs no passcode try. The passcode is always wiped. It may be nil if it
// is typed on the reader (Card.OnReader).
//
// Errors are *cardreader.Error (NoCard if no card was read, or the error of ReadAhead), *client.Error, or
// [ErrNoSession] if End was called meanwhile. Call Choose afterwards to select a role.
func (d *Manager) SignIn(ctx context.Context, passcode *cardreader.Passcode) (SignedIn, error) {
	own := new(cardreader.Passcode) // a copy, which may be used after this call returns
	if passcode != nil {
		passcode.MoveTo(own)
	}

	var card cardreader.Card
	var key *client.ProofKey
	var unusable error
	s, err := d.currentFor(ctx, func(s *cardSession) { card, key, unusable = s.card, s.key, s.unusable })
	if err != nil {
		own.Wipe()
		return SignedIn{}, err
	}

	if card == nil || unusable != nil {
		own.Wipe()
		if unusable == nil {
			unusable = &cardreader.Error{Kind: cardreader.NoCard}
		}
		return SignedIn{}, unusable
	}

	ctx, stop := s.within(ctx)
	defer stop()

	margin := nonceMargin
	if card.Info().OnReader {
		margin = typingMargin
	}

	challenge, err := d.challenge(ctx, s, margin)
	if err != nil {
		own.Wipe()
		return SignedIn{}, d.sessionError(s, err)
	}

	signed, err := await(ctx, cardBusy, func() (client.Assertion, error) {
		defer own.Wipe()
		chain := client.ChainOf(card.Info().Certificate, card.Info().CAs)
		return challenge.Assert(chain, key, d.cfg.Clock(), d.cfg.NewID(), cardreader.SignMessages(ctx, card, own))
	})
	if err != nil {
		return SignedIn{}, d.sessionError(s, cardFault(err))
	}

	d.addPending() // before the goroutine starts: a caller that gives up may call Wait at once
	session, err := await(ctx, cancelled, func() (*client.Session, error) {
		defer d.donePending()
		return d.exchange(ctx, s, func(ctx context.Context) (*client.Session, error) {
			return d.cfg.Hub.SignIn(ctx, challenge, signed)
		})
	})
	if err != nil {
		return SignedIn{}, d.sessionError(s, err)
	}

	in := signedIn(session)
	d.cfg.Log.Info("signed in", slog.String("person", in.Person.UUID), slog.Int("roles", len(in.Roles)))
	return in, nil
}

// SignInAt chooses a card in the readers, calls ask for its passcode and signs in. It returns the card with what could
// be read. Errors are those of ReadAhead, of ask and of SignIn.
func (d *Manager) SignInAt(ctx context.Context, readers []cardreader.Reader,
	ask func(context.Context, Card, *cardreader.Passcode) error,
) (SignedIn, Card, error) {
	card, err := d.ReadAhead(ctx, readers)
	if err != nil {
		return SignedIn{}, card, err
	}
	var passcode cardreader.Passcode
	defer passcode.Wipe()
	if err := ask(ctx, card, &passcode); err != nil {
		return SignedIn{}, card, err
	}
	in, err := d.SignIn(ctx, &passcode)
	return in, card, err
}

// exchange gets a session with ask and stores it in s. It ignores the end of ctx while it waits for the hub, so that it
// can revoke a session that the hub has created and nobody waits for.
func (d *Manager) exchange(ctx context.Context, s *cardSession,
	ask func(context.Context) (*client.Session, error),
) (*client.Session, error) {
	session, err := ask(context.WithoutCancel(ctx))
	if err != nil {
		// The nonce may have been used up. Another is requested while the user reads the error.
		d.ifCurrent(s, func() {
			if s.nonce != nil {
				s.nonce = d.askNonce(s.ctx)
			}
		})
		return nil, err
	}
	unwanted := session
	if ctx.Err() == nil {
		d.ifCurrent(s, func() {
			unwanted, s.session, s.role, s.nonce, s.detached = s.session, session, nil, nil, false
		})
	}
	if unwanted != nil { // the session before it, or this one
		d.revoke(ctx, unwanted)
	}
	if unwanted == session {
		return nil, ErrNoSession
	}
	return session, nil
}

// challenge returns a nonce that is valid for longer than margin: the one requested ahead, or a new one if that failed
// or expires too soon.
func (d *Manager) challenge(ctx context.Context, s *cardSession, margin time.Duration) (client.Challenge, error) {
	var ahead *nonce
	d.ifCurrent(s, func() { ahead = s.nonce })
	if ahead != nil {
		select {
		case <-ahead.done:
		case <-ctx.Done():
			return client.Challenge{}, cancelled(ctx.Err())
		}
		if ahead.err == nil && d.cfg.Clock().Add(margin).Before(ahead.challenge.Expires) {
			return ahead.challenge, nil
		}
	}
	fresh := d.askNonce(ctx)
	<-fresh.done
	if fresh.err == nil { // stored, so that the next attempt after a wrong passcode uses it too
		d.ifCurrent(s, func() { s.nonce = fresh })
	}
	return fresh.challenge, fresh.err
}

// sessionError returns err, or [ErrNoSession] if s has ended, because err is then only a consequence.
func (d *Manager) sessionError(s *cardSession, err error) error {
	if !d.ifCurrent(s, nil) {
		return ErrNoSession
	}
	return err
}

// cardFault converts errors about the card's key and signature to card errors.
func cardFault(err error) error {
	switch {
	case errors.Is(err, client.ErrKeyKind):
		return &cardreader.Error{Kind: cardreader.KeyUnsupported, Err: err}
	case errors.Is(err, client.ErrBadSignature):
		return &cardreader.Error{
			Kind: cardreader.Internal, Err: err,
			Detail: "The smartcard's signature does not fit its certificate.",
		}
	}
	return err
}
