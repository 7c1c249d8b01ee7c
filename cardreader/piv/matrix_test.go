package piv_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
)

// quirkCombinations returns each quirk alone, and combinations seen on real cards.
func quirkCombinations() []virtual.Quirks {
	pivApplet := virtual.Steps255 | virtual.ClaimsVerified | virtual.UnverifiesOnSelect | virtual.NoDiscovery
	beforeT1 := virtual.SendsNothingFirst | virtual.ExactLe | virtual.ShortATR | virtual.NoLogOut | virtual.OldTries
	all := append([]virtual.Quirks{0}, virtual.AllQuirks()...)
	return append(all, pivApplet, beforeT1, pivApplet|virtual.RefusesExtended,
		virtual.GlobalPrimary|virtual.ExactLe|virtual.Steps255|virtual.WarmATR)
}

// TestSignIn_Quirks performs a whole sign-in with every quirk and every kind of key: read, a wrong
// passcode, the correct one, removal and insertion.
func TestSignIn_Quirks(t *testing.T) {
	rsaKey := func(bits int) crypto.Signer {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}

	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	for name, key := range map[string]crypto.Signer{
		"RSA-1024": rsaKey(1024), "RSA-2048": rsaKey(2048), "RSA-3072": rsaKey(3072), "P-256": virtualtest.P256(t),
		"P-384": p384,
	} {
		certificate := virtualtest.Filled(t, key, 1200)
		for _, packed := range []bool{false, true} {
			for _, quirks := range quirkCombinations() {
				title := name + ", " + quirks.String()
				if packed {
					title += ", compressed"
				}
				t.Run(title, func(t *testing.T) {
					signsInOn(t, virtualtest.Card(t, key, func(c *virtual.Config) {
						c.Certificate, c.Compress, c.Quirks = certificate, packed, quirks
					}), quirks)
				})
			}
		}
	}
}

func signsInOn(t *testing.T, plastic *virtual.Card, quirks virtual.Quirks) {
	t.Helper()
	reader, _ := insertedCard(plastic)
	var memory piv.Cache
	if quirks&virtual.Contactless != 0 {
		if _, err := memory.Open(t.Context(), reader, reader.Name()); cardreader.KindOf(
			err,
		) != cardreader.NeedsContact {
			t.Errorf("Open of a contactless card: got error %v, want kind NeedsContact", err)
		}
		return
	}

	if quirks&virtual.NoApplication != 0 {
		if _, err := memory.Open(t.Context(), reader, reader.Name()); cardreader.KindOf(err) != cardreader.NotPIV {
			t.Errorf("Open of a card without PIV: got error %v, want kind NotPIV", err)
		}
		return
	}

	for range 2 {
		card := opened(t, &memory, reader, reader.Name())
		tries := virtualtest.Tries
		if quirks&(virtual.ClaimsVerified|virtual.SilentTries) != 0 {
			tries = -1
		}

		if got := card.Info().Tries; got != tries {
			t.Errorf("Info().Tries = %d, want %d", got, tries)
		}

		if err := try(card, "999999"); cardreader.KindOf(err) != cardreader.WrongPasscode {
			t.Errorf("Sign with a wrong passcode: got error %v, want kind WrongPasscode", err)
		}

		if left := plastic.TriesLeft(); left != virtualtest.Tries-1 {
			t.Errorf("tries left after one wrong passcode: got %d, want %d", left, virtualtest.Tries-1)
		}

		for range 2 {
			mustSign(t, card)
			if plastic.Verified() {
				t.Error("the card is still verified after Sign")
			}
		}

		reader.Eject()
		reader.Insert(plastic)
	}
}
