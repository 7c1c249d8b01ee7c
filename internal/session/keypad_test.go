package session_test

import (
	"context"
	"crypto"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/client/hubtest"
	"wardlight/internal/session"
)

// keypad is a card in a reader with keys, on which the passcode is typed.
type keypad struct {
	cardreader.Card
	handed int // number of passcode bytes received
}

func (k *keypad) Info() cardreader.Info {
	i := k.Card.Info()
	i.OnReader = true
	return i
}

func (k *keypad) Sign(ctx context.Context, p *cardreader.Passcode, digest []byte, hash crypto.Hash) ([]byte, error) {
	if p != nil {
		k.handed += p.Len()
	}
	return k.Card.Sign(ctx, typed(passcode), digest, hash)
}

func TestSignIn_PasscodeIsTypedOnTheReader(t *testing.T) {
	b := setUp(t, -1, 1)
	var card *keypad
	open := b.config.Open
	b.config.Open = func(ctx context.Context, reader string) (cardreader.Card, error) {
		opened, err := open(ctx, reader)
		card = &keypad{Card: opened}
		return card, err
	}

	b.Manager = session.New(b.config)
	seen, err := b.ReadAhead(t.Context(), in(reader))
	if err != nil || !seen.OnReader {
		t.Fatalf("ReadAhead = %+v, %v, want OnReader", seen, err)
	}

	eventually(t, func() bool { return len(b.hub.Requests(hubtest.Challenge)) == 1 })
	b.clock.Add(65 * time.Second) // less than typingMargin is left of the nonce's two minutes
	if _, err := b.SignIn(t.Context(), nil); err != nil || card.handed != 0 {
		t.Errorf("SignIn: error %v, %d passcode bytes sent to the card, want none", err, card.handed)
	}

	if n := len(b.hub.Requests(hubtest.Challenge)); n != 2 {
		t.Errorf("%d nonces requested, want 2", n)
	}
}
