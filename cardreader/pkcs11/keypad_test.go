//go:build cgo && linux

package pkcs11_test

import (
	"crypto"
	"crypto/sha256"
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/pkcs11"
	"wardlight/cardreader/pkcs11/pkcs11test"
	"wardlight/cardreader/virtual/virtualtest"
)

// A module of a reader with a keypad (CKF_PROTECTED_AUTHENTICATION_PATH) gets no passcode. The user types it on the
// reader.
func TestSign_PasscodeIsTypedOnTheReader(t *testing.T) {
	for mode, c := range map[string]struct {
		mode, typed string
		kind        cardreader.Kind
		code, says  string
	}{
		"right":  {"keypad", pkcs11test.Passcode, -1, "", ""},
		"wrong":  {"keypad", "Wrong-123", cardreader.WrongPasscode, "C41-CKR-A0", "Passcode not correct."},
		"locked": {"keypad locked", "", cardreader.Locked, "C42-CKR-A4", "This smartcard is locked."},
		"cancelled": {
			"keypad cancel", "", cardreader.NotTyped, "C44-CKR-50",
			"The passcode was not typed on the reader.",
		},
	} {
		t.Run(mode, func(t *testing.T) {
			s, shim := nurse(t), pkcs11test.NewShim(t)
			card := open(t, driver(t, shim.Keypad(s.Environ(), c.mode, c.typed), nil, shim.Path))
			if !card.Info().OnReader {
				t.Fatalf("Info() = %+v, want OnReader", card.Info())
			}

			digest := sha256.Sum256([]byte("a message"))
			typed := virtualtest.Typed(pkcs11test.Passcode) // typed although it is not needed: it must not be sent
			for _, passcode := range []*cardreader.Passcode{nil, typed} {
				signature, err := card.Sign(t.Context(), passcode, digest[:], crypto.SHA256)
				switch {
				case c.kind == -1 && err != nil:
					t.Fatal(explain(err))
				case c.kind == -1 && !virtualtest.Verifies(card.Info().Certificate, digest[:], signature):
					t.Error("the signature does not match the certificate")
				case c.kind != -1:
					checkError(t, err, c.kind, c.code, c.says)
				}
			}

			if n := shim.Count(t, "passcode"); n != 0 || typed.Len() != 0 {
				t.Errorf("passcodes passed to the module: got %d, want 0; passcode not wiped: %d bytes", n, typed.Len())
			}

			if n := shim.Count(t, "login"); n != 2 {
				t.Errorf("logins for 2 signatures: got %d, want 2", n)
			}
		})
	}

	s, shim := nurse(t), pkcs11test.NewShim(t)
	keyless := func(c *pkcs11.Config) { c.IgnoreKeypad = true }
	card := open(t, driver(t, shim.Keypad(s.Environ(), "keypad", ""), keyless, shim.Path))
	if err := sign(t, card, pkcs11test.Passcode); card.Info().OnReader || err == nil || shim.Count(t, "passcode") == 0 {
		t.Errorf("Sign with Keyless: got error %v, want one after the passcode was passed to the module", err)
	}

	if card := open(t, driver(t, s.Environ(), nil, pkcs11test.SoftHSM)); card.Info().OnReader {
		t.Error("Info().OnReader = true for a module without the flag, want false")
	}
}
