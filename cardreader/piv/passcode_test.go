package piv_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
)

func try(card cardreader.Card, digits string) error {
	digest := sha256.Sum256([]byte("sign in"))
	passcode := virtualtest.Typed(digits)
	_, err := card.Sign(context.Background(), passcode, digest[:], crypto.SHA256)
	if passcode.Len() != 0 {
		return errors.New("the passcode was not wiped")
	}
	return err
}

func TestSign_WrongPasscode(t *testing.T) {
	reader, plastic := inserted(t, virtualtest.P256(t), nil)
	card := open(t, reader)
	for _, want := range []struct {
		kind     cardreader.Kind
		tries    int
		sentence string
	}{
		{cardreader.WrongPasscode, 2, "Passcode not correct. 2 tries left."},
		{cardreader.WrongPasscode, 1, "Passcode not correct. 1 try left. After that the card locks; stop and check."},
		{cardreader.Locked, 0, "Passcode not correct. This smartcard is now locked."},
		{cardreader.Locked, 0, "This smartcard is locked."},
	} {
		var e *cardreader.Error
		if err := try(card, "999999"); !errors.As(err, &e) {
			t.Fatal(err)
		}
		if e.Kind != want.kind || e.Tries != want.tries || e.Sentence() != want.sentence {
			t.Errorf("got kind %d, %d tries, %q; want %+v", e.Kind, e.Tries, e.Sentence(), want)
		}
	}

	if err := try(card, virtualtest.Passcode); cardreader.KindOf(err) != cardreader.Locked {
		t.Errorf("Sign with the correct passcode on a locked card: got error %v, want kind Locked", err)
	}

	if again := open(t, reader); again.Info().Tries != 0 {
		t.Errorf("Info().Tries of a locked card = %d, want 0", again.Info().Tries)
	}

	plastic.Unblock()
	mustSign(t, card)
}

func TestSign_CorrectPasscodeRestoresTries(t *testing.T) {
	reader, plastic := inserted(t, virtualtest.P256(t), nil)
	card := open(t, reader)
	if err := try(card, "999999"); cardreader.KindOf(err) != cardreader.WrongPasscode {
		t.Fatal(err)
	}
	mustSign(t, card)
	if plastic.TriesLeft() != virtualtest.Tries {
		t.Errorf("tries left after a correct passcode: got %d, want %d", plastic.TriesLeft(), virtualtest.Tries)
	}
}

func TestSign_MalformedPasscode(t *testing.T) {
	reader, plastic := inserted(t, virtualtest.P256(t), nil)
	card := open(t, reader)
	for _, digits := range []string{"", "24681", "246813246", "24681a", "24681 ", "２４６"} {
		if err := try(card, digits); cardreader.KindOf(err) != cardreader.PasscodeForm {
			t.Errorf("Sign with the passcode %q: got error %v, want kind PasscodeForm", digits, err)
		}
	}
	digest := sha256.Sum256(nil)
	if _, err := card.Sign(t.Context(), nil, digest[:], crypto.SHA256); cardreader.KindOf(
		err,
	) != cardreader.PasscodeForm {
		t.Errorf("Sign without a passcode: got error %v, want kind PasscodeForm", err)
	}
	if plastic.TriesLeft() != virtualtest.Tries {
		t.Errorf("tries left after malformed passcodes: got %d, want %d", plastic.TriesLeft(), virtualtest.Tries)
	}
}

func TestSign_CardNotLeftVerified(t *testing.T) {
	reader, plastic := inserted(t, virtualtest.P256(t), nil)
	card := open(t, reader)
	for _, digits := range []string{virtualtest.Passcode, "999999", virtualtest.Passcode} {
		_ = try(card, digits)
		if plastic.Verified() {
			t.Errorf("the card is still verified after Sign with %q", digits)
		}
	}

	reader2 := &tamperedReader{Reader: reader, answer: func(command []byte) []byte {
		if command[1] == 0x20 && command[2] == 0xFF { // a card older than SP 800-73-4
			return []byte{0x6A, 0x86}
		}
		return nil
	}}

	mustSign(t, openOn(t, reader2))
	if plastic.Verified() {
		t.Error("a card that cannot log out was not reset")
	}

	ctx, cancel := context.WithCancel(t.Context())
	reader3 := &tamperedReader{Reader: reader, answer: func(command []byte) []byte {
		if command[1] == 0x87 {
			cancel()
		}
		return nil
	}}

	card = openOn(t, reader3)
	digest := sha256.Sum256(nil)
	_, _ = card.Sign(ctx, virtualtest.Typed(virtualtest.Passcode), digest[:], crypto.SHA256)
	if plastic.Verified() {
		t.Error("the card is still verified after Sign was cancelled")
	}
}

func TestSign_PasscodeSentOnce(t *testing.T) {
	for _, refusal := range []uint16{0x6982, 0x6700, 0x6D00, 0x6E00, 0x6F00, 0x6C08, 0x6108} {
		t.Run(fmt.Sprintf("%04X", refusal), func(t *testing.T) {
			reader, _ := inserted(t, virtualtest.RSA(t), nil)
			sent := 0
			card := openOn(t, &tamperedReader{Reader: reader, answer: func(command []byte) []byte {
				if command[1] != 0x20 || len(command) < 5 {
					return nil
				}
				sent++
				return []byte{byte(refusal >> 8), byte(refusal)}
			}})
			err := try(card, virtualtest.Passcode)
			if sent != 1 || err == nil {
				t.Errorf("Sign with a refused VERIFY: sent %d times, error %v, want once and an error", sent, err)
			}
		})
	}
}

func TestSign_PasscodeNeededAgain(t *testing.T) {
	reader, _ := inserted(t, virtualtest.P256(t), nil)
	card := openOn(t, &tamperedReader{Reader: reader, answer: func(command []byte) []byte {
		if command[1] == 0x87 {
			return []byte{0x69, 0x82}
		}
		return nil
	}})
	if err := try(card, virtualtest.Passcode); cardreader.KindOf(err) != cardreader.PasscodeNeeded {
		t.Error(err)
	}
}

func TestSign_CardRemoved(t *testing.T) {
	for _, c := range []struct {
		name     string
		at       byte // instruction at which the card is removed
		sentence string
	}{
		{"before VERIFY", 0xA4, "The smartcard was removed. Your passcode was not checked."},
		{"at VERIFY", 0x20, "The smartcard was removed. A passcode try may have been used."},
		{"at the signature", 0x87, "The smartcard was removed."},
	} {
		t.Run(c.name, func(t *testing.T) {
			reader, _ := inserted(t, virtualtest.P256(t), nil)
			armed := false
			card := openOn(t, &tamperedReader{Reader: reader, answer: func(command []byte) []byte {
				if armed && command[1] == c.at {
					reader.Eject()
				}
				return nil
			}})
			armed = true
			var e *cardreader.Error
			if err := try(card, virtualtest.Passcode); !errors.As(err, &e) || e.Kind != cardreader.Removed ||
				e.Sentence() != c.sentence {
				t.Errorf("Sign with the card removed: got error %v, want kind Removed and %q", err, c.sentence)
			}
		})
	}

	reader, _ := inserted(t, virtualtest.P256(t), nil)
	card := open(t, reader)
	reader.Eject()
	err := try(card, virtualtest.Passcode)
	if cardreader.KindOf(err) != cardreader.Removed || !strings.Contains(err.Error(), "not checked") {
		t.Errorf("Sign without a card: got error %v, want kind Removed and the passcode not checked", err)
	}
}

// TestSign_AnotherKey distinguishes a replaced card from a card whose key doesn't match its
// certificate, for which a retry is useless.
func TestSign_AnotherKey(t *testing.T) {
	other := virtualtest.P256(t)
	for name, c := range map[string]struct {
		swapped  bool // replaced before the service counts it
		kind     cardreader.Kind
		sentence string
	}{
		"another card": {
			true, cardreader.Internal, "The card's signature does not fit its certificate.",
		},
		"a key that is not the certificate's": {
			false, cardreader.KeyMismatch,
			"The key on this card is not the one of its certificate.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			reader, _ := inserted(t, virtualtest.P256(t), func(config *virtual.Config) {
				if !c.swapped {
					config.Key = other
				}
			})
			sys := &tamperedReader{Reader: reader}
			card := openOn(t, sys)
			if c.swapped {
				sys.Reader, _ = inserted(t, other, nil)
			}
			var e *cardreader.Error
			if err := try(card, virtualtest.Passcode); !errors.As(err, &e) || e.Kind != c.kind ||
				e.Sentence() != c.sentence {
				t.Errorf("Sign: got error %v, want kind %v and %q", err, c.kind, c.sentence)
			}
		})
	}
}

// TestSign_AnotherCard replaces the card by one of the same series, with the same answer to reset. The
// reader's counter must detect it, or, without a counter, the certificate.
func TestSign_AnotherCard(t *testing.T) {
	key := virtualtest.P256(t)
	for name, counts := range map[string]bool{"counted": true, "not counted": false} {
		t.Run(name, func(t *testing.T) {
			reader, plastic := inserted(t, key, nil)
			sys := &tamperedReader{Reader: reader, uncounted: !counts}
			card := openOn(t, sys)
			sys.seen = nil
			mustSign(t, card)
			if asked := sys.sent(0xCB); asked != !counts {
				t.Errorf("Sign with the same card: certificate read: got %v, want %v", asked, !counts)
			}

			reader.Eject()
			reader.Insert(plastic)
			mustSign(t, card) // the same card, inserted again

			unknown := virtualtest.Card(t, virtualtest.P256(t), nil)
			reader.Insert(unknown)
			sys.seen = nil
			var e *cardreader.Error
			if err := try(card, "999999"); !errors.As(err, &e) ||
				e.Sentence() != "The smartcard was changed. Your passcode was not checked." {
				t.Errorf("Sign with another card: got error %v, want the passcode not checked", err)
			}

			if sys.sent(0x20) || unknown.TriesLeft() != virtualtest.Tries {
				t.Errorf("VERIFY sent to another person's card: %v, tries left %d",
					sys.sent(0x20), unknown.TriesLeft())
			}
		})
	}
}
