package piv_test

import (
	"crypto/x509"
	"errors"
	"math/big"
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
)

// opened opens the card in the reader with the given memory.
func opened(t *testing.T, memory *piv.Cache, reader cardreader.System, name string) cardreader.Card {
	t.Helper()
	card, err := memory.Open(t.Context(), reader, name)
	if err != nil {
		t.Fatalf("Open: %v: %v", err, errors.Unwrap(err))
	}
	return card
}

func TestMemory_AnotherCertificate(t *testing.T) {
	key := virtualtest.RSA(t)
	reader := virtual.NewReader("")
	reader.LimitAPDU(0)
	var memory piv.Cache
	for serial := range int64(3) { // same kind of card, same identifier and holder, but another certificate
		certificate := virtualtest.Certificate(t, key, func(c *x509.Certificate) {
			c.SerialNumber = big.NewInt(serial + 1)
		})
		reader.Insert(virtualtest.Card(t, key, func(c *virtual.Config) { c.Certificate = certificate }))
		card := opened(t, &memory, reader, reader.Name())
		if card.Info().Certificate.SerialNumber.Int64() != serial+1 {
			t.Errorf("serial number of certificate %d: got %v", serial+1, card.Info().Certificate.SerialNumber)
		}
		mustSign(t, card)
	}
}

// TestMemory_KeyMismatch uses a card whose certificate has the same beginning as a known one,
// but is different.
func TestMemory_KeyMismatch(t *testing.T) {
	first, second := virtualtest.RSA(t), virtualtest.RSA(t)
	reader := virtual.NewReader("")
	reader.LimitAPDU(0)
	var memory piv.Cache
	forged := virtualtest.Filled(t, second, 1240)
	reader.Insert(virtualtest.Card(t, first, func(c *virtual.Config) { c.Certificate = forged }))
	card := opened(t, &memory, reader, reader.Name())
	if err := try(card, virtualtest.Passcode); cardreader.KindOf(err) != cardreader.KeyMismatch {
		t.Fatalf("Sign with a key that doesn't match: got error %v, want kind KeyMismatch", err)
	}
	var counter cardreader.Counter
	opened(t, &memory, cardreader.Counted(reader, &counter), reader.Name())
	if n := counter.Exchanges(); n <= 3 {
		t.Errorf("exchanges after a mismatch: got %d, want more than 3: the card must be read again", n)
	}
}

func TestExtendedLengthsAreNotTriedAgainAfterAFailure(t *testing.T) {
	for _, quirk := range []virtual.Quirks{virtual.RefusesExtended, virtual.WrongLengthExtended} {
		reader, plastic := inserted(t, virtualtest.RSA(t), func(c *virtual.Config) { c.Quirks = quirk })
		seen := &tamperedReader{Reader: reader}
		var memory piv.Cache
		for insertion := range 3 {
			card := opened(t, &memory, seen, reader.Name())
			mustSign(t, card)
			mustSign(t, card)
			extended := 0
			for _, command := range seen.seen {
				if len(command) > 6 && command[4] == 0 {
					extended++
				}
			}
			if extended != 1 {
				t.Errorf("%v, insertion %d: got %d extended commands so far, want 1", quirk, insertion, extended)
			}
			reader.Eject()
			reader.Insert(plastic)
		}
	}
}
