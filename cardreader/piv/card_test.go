package piv_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
)

// inserted returns a reader with a card in it.
func inserted(t *testing.T, key crypto.Signer, edit func(*virtual.Config)) (*virtual.Reader, *virtual.Card) {
	t.Helper()
	return insertedCard(virtualtest.Card(t, key, edit))
}

func insertedCard(card *virtual.Card) (*virtual.Reader, *virtual.Card) {
	reader := virtual.NewReader("")
	reader.Insert(card)
	return reader, card
}

func open(t *testing.T, reader *virtual.Reader) cardreader.Card {
	t.Helper()
	card, err := piv.Open(context.Background(), reader, reader.Name())
	if err != nil {
		t.Fatalf("Open: %v: %v", err, errors.Unwrap(err))
	}
	return card
}

func mustSign(t *testing.T, card cardreader.Card) {
	t.Helper()
	digest := sha256.Sum256([]byte("sign in"))
	passcode := virtualtest.Typed(virtualtest.Passcode)
	signature, err := card.Sign(context.Background(), passcode, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatalf("Sign: %v: %v", err, errors.Unwrap(err))
	}
	if passcode.Len() != 0 {
		t.Error("Sign did not wipe the passcode")
	}
	if !virtualtest.Verifies(card.Info().Certificate, digest[:], signature) {
		t.Error("the signature does not match the certificate")
	}
}

func TestSign(t *testing.T) {
	keys := map[string]crypto.Signer{"RSA-2048": virtualtest.RSA(t), "P-256": virtualtest.P256(t)}
	for name, key := range keys {
		for _, lengths := range []string{"short", "extended"} {
			t.Run(name+" "+lengths, func(t *testing.T) {
				reader, plastic := inserted(t, key, nil)
				if lengths == "short" {
					reader.LimitAPDU(0)
				}
				card := open(t, reader)
				info := card.Info()
				if info.Certificate.Subject.CommonName != virtualtest.UUID || info.Tries != virtualtest.Tries ||
					info.Driver != "PIV" || info.Reader != reader.Name() || info.Serial != virtualtest.Serial {
					t.Errorf("Info() = %+v", info)
				}
				mustSign(t, card)
				mustSign(t, card)
				if plastic.Verified() {
					t.Error("the card is still verified after Sign")
				}
			})
		}
	}
}
