package piv_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
)

// exchangeCounter counts the exchanges up to the signature, which the user waits for.
type exchangeCounter struct {
	cardreader.System
	counter *cardreader.Counter
	signed  int // count at the last response to GENERAL AUTHENTICATE
}

func (s *exchangeCounter) Connect(ctx context.Context, reader string) (cardreader.Link, error) {
	link, err := s.System.Connect(ctx, reader)
	return &tillSignedLink{Link: link, to: s}, err
}

type tillSignedLink struct {
	cardreader.Link
	to      *exchangeCounter
	signing bool
}

func (l *tillSignedLink) Transmit(command []byte) ([]byte, error) {
	signing := command[1] == 0x87 || l.signing && command[1] == 0xC0
	response, err := l.Link.Transmit(command)
	if l.signing = signing; signing {
		l.to.signed = l.to.counter.Exchanges()
	}
	return response, err
}

// TestNoMoreExchangesThanNeeded limits the number of exchanges. Each takes about 15 ms with a real card, and a round
// trip with a forwarded reader. The certificates have the lengths of those on measured cards. Logging out needs no
// exchange, because the transaction ends with a reset.
func TestNoMoreExchangesThanNeeded(t *testing.T) {
	rsa2048, p256 := virtualtest.RSA(t), virtualtest.P256(t)
	for _, c := range []struct {
		name        string
		key         crypto.Signer
		certificate int // bytes
		short       bool
		enter       int // from Enter until the signature
		whole       int // from insertion until logged out
		again       int // before the passcode, for a known card
	}{
		{"RSA-2048, short", rsa2048, 1240, true, 5, 13, 3},
		{"P-256, short", p256, 1037, true, 3, 11, 3},
		{"RSA-2048, extended", rsa2048, 1240, false, 3, 7, 3},
		{"P-256, extended", p256, 1037, false, 3, 7, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			reader, plastic := inserted(t, c.key, func(config *virtual.Config) {
				config.Certificate = virtualtest.Filled(t, c.key, c.certificate)
			})
			if c.short {
				reader.LimitAPDU(0)
			}

			var counter cardreader.Counter
			sys := &exchangeCounter{System: cardreader.Counted(reader, &counter), counter: &counter}
			var memory piv.Cache

			card, err := memory.Open(t.Context(), sys, reader.Name())
			if err != nil {
				t.Fatal(err)
			}

			read := counter.Exchanges()
			digest := sha256.Sum256([]byte("sign in"))
			if _, err := card.Sign(t.Context(), virtualtest.Typed(virtualtest.Passcode), digest[:],
				crypto.SHA256); err != nil {
				t.Fatal(err)
			}

			if card.Info().Tries != virtualtest.Tries || plastic.Verified() {
				t.Errorf("after Sign: got %d tries and verified %v, want %d and false",
					card.Info().Tries, plastic.Verified(), virtualtest.Tries)
			}

			if enter, whole := sys.signed-read, counter.Restart(); enter > c.enter || whole > c.whole {
				t.Errorf("exchanges: got %d from Enter to the signature and %d in all, want at most %d and %d",
					enter, whole, c.enter, c.whole)
			}

			reader.Eject()
			reader.Insert(plastic)
			back, err := memory.Open(t.Context(), sys, reader.Name())
			if err != nil {
				t.Fatal(err)
			}

			if again := counter.Exchanges(); again > c.again {
				t.Errorf("exchanges for a known card: got %d, want at most %d", again, c.again)
			}

			if back.Info().Tries != virtualtest.Tries || !back.Info().Certificate.Equal(card.Info().Certificate) {
				t.Errorf("Info() of a known card = %+v, want the same as before", back.Info())
			}

			mustSign(t, back)
		})
	}
}
