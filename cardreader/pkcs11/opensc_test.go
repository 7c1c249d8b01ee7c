//go:build cgo && linux

package pkcs11_test

import (
	"context"
	"crypto"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/pcsc"
	"wardlight/cardreader/pcsc/pcsctest"
	"wardlight/cardreader/pkcs11"
	"wardlight/cardreader/pkcs11/pkcs11test"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/lab/pcscd"
	"wardlight/internal/lab/pcscd/pcscdtest"
)

// cardInReader is a virtual card in a virtual reader of a real pcscd, used with OpenSC's module.
type cardInReader struct {
	t      *testing.T
	daemon *pcscd.Daemon
	sys    cardreader.System
	driver *pkcs11.Driver
	card   *virtual.Card
	in     *pcscd.Plugged
}

func newCardInReader(t *testing.T, key crypto.Signer) *cardInReader {
	t.Helper()
	pkcs11test.Need(t, pkcs11test.OpenSC)
	c := &cardInReader{t: t, daemon: pcscdtest.Start(t, pcscdDir), sys: pcsc.New(), card: virtualtest.Card(t, key, nil)}
	t.Cleanup(func() { _ = c.sys.Close() })
	c.driver = driver(t, os.Environ(), nil, pkcs11test.OpenSC)
	c.insert(c.card)
	return c
}

// insert inserts a card.
func (c *cardInReader) insert(card *virtual.Card) {
	c.t.Helper()
	var err error
	if c.in, err = c.daemon.Plug(c.t.Context(), 0, card); err != nil {
		c.t.Fatal(err)
	}
}

// reader waits until pcscd reports a card, or none, and returns the name of the first reader.
func (c *cardInReader) reader(present bool) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	var known []cardreader.Reader
	for {
		now, err := c.sys.Wait(ctx, known, time.Second)
		if err != nil || ctx.Err() != nil {
			c.t.Fatalf("timeout waiting for pcscd to report the card: %v", err)
		}
		if len(now) > 0 && now[0].Present == present {
			return now[0].Name
		}
		known = now
	}
}

func (c *cardInReader) open() cardreader.Card {
	c.t.Helper()
	card, err := c.driver.Open(c.t.Context(), c.sys, c.reader(true))
	if err != nil {
		c.t.Fatal(explain(err))
	}
	return card
}

func TestOpenSCSignsWithACardThatIsPulledAndPutBack(t *testing.T) {
	for name, key := range map[string]func() crypto.Signer{
		"RSA 2048": func() crypto.Signer { return virtualtest.RSA(t) },
		"P-256":    func() crypto.Signer { return virtualtest.P256(t) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCardInReader(t, key())
			card := c.open()
			info := card.Info()
			if !strings.Contains(info.Driver, "OpenSC") || len(info.ATR) == 0 || info.Form.MinLen() != 4 ||
				info.Form.MaxLen() != 8 {
				t.Errorf("Info() = %+v, want OpenSC, an ATR and 4 to 8 digits", info)
			}

			if err := sign(t, card, virtualtest.Passcode); err != nil {
				t.Fatal(explain(err))
			}

			if pcsctest.UseCard(t, info.Reader); c.card.Verified() {
				t.Error("the card is still verified after Sign")
			}

			c.in.Pull()
			c.reader(false)
			err := sign(t, card, virtualtest.Passcode)
			if !errors.Is(err, &cardreader.Error{Kind: cardreader.Removed}) {
				t.Errorf("Sign after the card was removed: got %s, want kind Removed", explain(err))
			}

			c.insert(c.card)
			c.reader(true)
			if err := sign(t, card, virtualtest.Passcode); err != nil {
				t.Error(explain(err))
			}

			c.in.Pull()
			c.reader(false)
			c.insert(virtualtest.Card(t, virtualtest.P256(t), nil))
			c.reader(true)
			checkError(t, sign(t, card, virtualtest.Passcode), cardreader.Removed, "C26",
				"The smartcard was changed. Your passcode was not checked.")
		})
	}
}

func TestOpenSCTellsTheTriesLeftUntilTheCardLocks(t *testing.T) {
	c := newCardInReader(t, virtualtest.P256(t))
	for left := virtualtest.Tries - 1; left > 0; left-- {
		err := sign(t, c.open(), "000000")
		var e *cardreader.Error
		if !errors.As(err, &e) || e.Kind != cardreader.WrongPasscode || !strings.HasPrefix(e.Code(), "C41-CKR-") {
			t.Fatal(explain(err))
		}
		if e.Tries != -1 && e.Tries != left || c.card.TriesLeft() != left {
			t.Errorf("tries left: error has %d, card has %d, want %d", e.Tries, c.card.TriesLeft(), left)
		}
	}

	if tries := c.open().Info().Tries; tries != 1 {
		t.Errorf("Info().Tries = %d, want 1", tries)
	}

	err := sign(t, c.open(), "000000")
	if cardreader.KindOf(err) != cardreader.Locked {
		t.Errorf("Sign with the last wrong passcode: got %s, want kind Locked", explain(err))
	}

	if info := c.open().Info(); info.Tries != 0 {
		t.Errorf("Info().Tries of a locked card = %d, want 0", info.Tries)
	}

	if err := sign(t, c.open(), virtualtest.Passcode); cardreader.KindOf(err) != cardreader.Locked {
		t.Errorf("Sign with a locked card: got %s, want kind Locked", explain(err))
	}
}

func TestOpen_OtherReader(t *testing.T) {
	c := newCardInReader(t, virtualtest.P256(t))
	c.reader(true)
	now, err := c.sys.Wait(t.Context(), nil, time.Second)
	if err != nil || len(now) < 2 {
		t.Fatalf("Wait: got readers %v, error %v, want at least 2", now, err)
	}

	_, err = c.driver.Open(t.Context(), c.sys, now[1].Name)
	checkError(t, err, cardreader.NotPIV, "C30", "There is no driver")

	found := c.driver.Inspect(t.Context())
	if len(found) != 1 || found[0].Err != nil || found[0].Library == nil ||
		!strings.Contains(found[0].Library.Description, "OpenSC") {
		t.Fatalf("Inspect = %+v, want OpenSC alone, without an error", found)
	}

	tokens := 0
	for _, s := range found[0].Slots {
		if s.Token != nil {
			tokens++
			if s.Description != now[0].Name {
				t.Errorf("slot of the token: got %q, want %q", s.Description, now[0].Name)
			}
		}
	}

	if tokens != 1 {
		t.Errorf("tokens: got %d, want 1", tokens)
	}
}

func TestAModuleThatDiesWithThePasscodeLeavesTheCardWithoutIt(t *testing.T) {
	c := newCardInReader(t, virtualtest.P256(t))
	shim := pkcs11test.NewShim(t)
	environ := append(shim.Environ(os.Environ(), "abort at sign"), "SHIM_REAL="+pkcs11test.OpenSC)
	card, err := driver(t, environ, nil, shim.Path).Open(t.Context(), c.sys, c.reader(true))
	if err != nil {
		t.Fatal(explain(err))
	}
	checkError(t, sign(t, card, virtualtest.Passcode), cardreader.Internal, "C01", "stopped working")
	if pcsctest.UseCard(t, c.reader(true)); c.card.Verified() {
		t.Error("the card is still verified after the helper died")
	}
	if err := sign(t, card, virtualtest.Passcode); err != nil {
		t.Error(explain(err))
	}
}
