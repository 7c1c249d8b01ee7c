package session

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
)

// nonceMargin is how long a nonce must still hold to be used: the card's signature and the way to the hub take time.
const nonceMargin = 10 * time.Second

// typingMargin is the same where the passcode is still to be typed, on the reader.
const typingMargin = time.Minute

// SignIn signs the hub's nonce with the card that was read and exchanges it for a session. The hub is asked for its
// nonce before the card is, so that a hub out of reach costs no passcode try. The passcode is wiped, whatever
// happens; it may be nil where it is typed on the reader (Card.OnReader).
//
// Errors are *cardreader.Error (NoCard when none was read, and what ReadAhead gave), *client.Error, or ErrNoSession
// when End came between. A role is chosen with Choose.
func (d *Desk) SignIn(ctx context.Context, passcode *cardreader.Passcode) (SignedIn, error) {
	own := new(cardreader.Passcode) // outlives a caller that gives up waiting, and is wiped by whoever uses it last
	if passcode != nil {
		passcode.MoveTo(own)
	}
	s := d.current()
	var card cardreader.Card
	var key *client.ProofKey
	var unusable error
	d.holds(s, func() { card, key, unusable = s.card, s.key, s.unusable })
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
		return SignedIn{}, d.unlessOver(s, err)
	}
	signed, err := await(ctx, cardBusy, func() (client.Assertion, error) {
		defer own.Wipe()
		chain := client.ChainOf(card.Info().Certificate, card.Info().CAs)
		return challenge.Assert(chain, key, d.cfg.Clock(), d.cfg.NewID(), cardSign(ctx, card, own))
	})
	if err != nil {
		return SignedIn{}, d.unlessOver(s, cardFault(err))
	}
	d.begin() // here, not where the exchange runs: a caller that gives up before it runs may Wait at once
	session, err := await(ctx, cancelled, func() (*client.Session, error) {
		defer d.finish()
		return d.exchange(ctx, s, challenge, signed)
	})
	if err != nil {
		return SignedIn{}, d.unlessOver(s, err)
	}
	in := signedIn(session)
	d.cfg.Log.Info("signed in", slog.String("person", in.Person.UUID), slog.Int("roles", len(in.Roles)))
	return in, nil
}

// SignInAt chooses a card in the readers, asks for its passcode and signs in. It returns the card as far as it was
// read. Errors are those of ReadAhead, of ask and of SignIn.
func (d *Desk) SignInAt(ctx context.Context, readers []cardreader.Reader, ask func(context.Context, Card, *cardreader.Passcode) error) (SignedIn, Card, error) {
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

// exchange gets a session for the assertion and makes it the sitting's. It goes on to its end even when ctx ends: a
// session that the hub has begun and nobody waits for any more is revoked, not left behind.
func (d *Desk) exchange(ctx context.Context, s *sitting, c client.Challenge, signed client.Assertion) (*client.Session, error) {
	session, err := d.cfg.Hub.SignIn(context.WithoutCancel(ctx), c, signed)
	if err != nil {
		// The nonce is spent, or may be. Another is fetched while the user reads what went wrong.
		d.holds(s, func() { s.nonce = d.askNonce(s.ctx) })
		return nil, err
	}
	unwanted := session
	if ctx.Err() == nil {
		d.holds(s, func() { unwanted, s.session, s.role, s.nonce, s.kept = s.session, session, nil, nil, false })
	}
	if unwanted != nil { // the one before it, or this one
		d.revoke(ctx, unwanted)
	}
	if unwanted == session {
		return nil, ErrNoSession
	}
	return session, nil
}

// challenge returns a nonce that holds for longer than the margin: the one fetched ahead, or another when that failed or lapsed.
func (d *Desk) challenge(ctx context.Context, s *sitting, margin time.Duration) (client.Challenge, error) {
	var ahead *nonce
	d.holds(s, func() { ahead = s.nonce })
	if ahead != nil {
		select {
		case <-ahead.done:
		case <-ctx.Done():
			return client.Challenge{}, cancelled(ctx.Err())
		}
		if ahead.err == nil && d.cfg.Clock().Add(margin).Before(ahead.challenge.Lapses) {
			return ahead.challenge, nil
		}
	}
	fresh := d.askNonce(ctx)
	<-fresh.done
	if fresh.err == nil { // kept, so that a wrong passcode does not cost another
		d.holds(s, func() { s.nonce = fresh })
	}
	return fresh.challenge, fresh.err
}

// unlessOver returns err, or ErrNoSession when the sitting has ended: then err is but its echo.
func (d *Desk) unlessOver(s *sitting, err error) error {
	if !d.holds(s, nil) {
		return ErrNoSession
	}
	return err
}

// cardFault returns errors about the card's key and signature as the card errors that they are.
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
