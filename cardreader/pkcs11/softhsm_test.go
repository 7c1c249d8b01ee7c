//go:build cgo && linux

package pkcs11_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/pkcs11"
	"wardlight/cardreader/pkcs11/pkcs11test"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/certtest"
)

func TestATokenSignsWithTheCertificateThatIsForSigningIn(t *testing.T) {
	for name, key := range map[string]func() crypto.Signer{
		"RSA 2048": func() crypto.Signer { return virtualtest.RSA(t) },
		"P-256":    func() crypto.Signer { return virtualtest.P256(t) },
		"P-384": func() crypto.Signer {
			key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			return key
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := pkcs11test.NewStore(t)
			s.Token(t, "card")

			// The certificate for content signatures is the first, with the same expiry.
			other := virtualtest.P256(t)
			s.Key(t, "card", "c0", "content", other, virtualtest.Certificate(t, other, func(c *x509.Certificate) {
				c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageContentCommitment,
					[]x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
			}))

			signer := key()
			s.Key(t, "card", "a1", "sign-in", signer, virtualtest.Certificate(t, signer, nil))

			card := open(t, driver(t, s.Environ(), nil, pkcs11test.SoftHSM))
			info := card.Info()
			if !strings.HasPrefix(info.Driver, "PKCS#11 (") || info.Tries != -1 || info.TriesLow ||
				!info.Form.Letters || info.Form.MinLen() != 4 || info.Serial == "" {
				t.Errorf("Info() = %+v", info)
			}

			if err := sign(t, card, pkcs11test.Passcode); err != nil {
				t.Fatal(explain(err))
			}

			// The first signature ended the helper. The next call starts another one.
			if err := sign(t, card, pkcs11test.Passcode); err != nil {
				t.Fatal(explain(err))
			}
		})
	}
}

func TestTheConfigurationMayNameAnotherCertificate(t *testing.T) {
	s := nurse(t)
	key := virtualtest.P256(t)
	named := virtualtest.Certificate(t, key, func(c *x509.Certificate) { c.Subject.CommonName = "555000000002" })
	s.Key(t, "nurse", "b2", "second", key, named)
	for _, wanted := range []string{"Second", "B2"} {
		d := driver(t, s.Environ(), func(c *pkcs11.Config) { c.Certificate = wanted }, pkcs11test.SoftHSM)
		card := open(t, d)
		if cn := card.Info().Certificate.Subject.CommonName; cn != "555000000002" {
			t.Errorf("Config.Certificate %s: got common name %s, want 555000000002", wanted, cn)
		}
		if err := sign(t, card, pkcs11test.Passcode); err != nil {
			t.Error(explain(err))
		}
	}
	d := driver(t, s.Environ(), func(c *pkcs11.Config) { c.Certificate = "third" }, pkcs11test.SoftHSM)
	_, err := d.Open(t.Context(), nil, "Reader")
	checkError(t, err, cardreader.NoCertificate, "C50", `names "third", and this card has no such certificate. It has `)
}

func TestOpen_ACertificateWithoutItsKeyIsNotChosen(t *testing.T) {
	s := pkcs11test.NewStore(t)
	s.Token(t, "card")
	// The renewed certificate, which has no key, has a later expiry.
	s.Certificate(t, "card", "b2", "renewed", virtualtest.Certificate(t, virtualtest.P256(t),
		func(c *x509.Certificate) {
			c.NotAfter = c.NotAfter.AddDate(3, 0, 0)
		}))
	key := virtualtest.P256(t)
	der := virtualtest.Certificate(t, key, nil)
	s.Key(t, "card", "a1", "sign-in", key, der)
	card := open(t, driver(t, s.Environ(), nil, pkcs11test.SoftHSM))
	if !bytes.Equal(card.Info().Certificate.Raw, der) {
		t.Error("Open chose the certificate without a key")
	}
	if err := sign(t, card, pkcs11test.Passcode); err != nil {
		t.Error(explain(err))
	}
}

func TestOpen_AKeyOfAnotherKindIsNamed(t *testing.T) {
	s := pkcs11test.NewStore(t)
	s.Token(t, "card")
	s.Certificate(t, "card", "a1", "sign-in", virtualtest.Certificate(t, certtest.P521(t), nil))
	_, err := driver(t, s.Environ(), nil, pkcs11test.SoftHSM).Open(t.Context(), nil, "Reader")
	checkError(t, err, cardreader.KeyUnsupported, "C53", "key is of a kind")
}

func TestSign_WrongThenCorrectPasscode(t *testing.T) {
	card := open(t, driver(t, nurse(t).Environ(), nil, pkcs11test.SoftHSM))
	checkError(t, sign(t, card, "Wrong-123"), cardreader.WrongPasscode, "C41-CKR-A0", "Passcode not correct.")
	if err := sign(t, card, pkcs11test.Passcode); err != nil {
		t.Error(explain(err))
	}
}

func TestAPasscodeOfTheWrongFormNeverReachesTheModule(t *testing.T) {
	s, shim := nurse(t), pkcs11test.NewShim(t)
	card := open(t, driver(t, shim.Environ(s.Environ(), ""), nil, shim.Path))
	checkError(t, sign(t, card, "abc"), cardreader.PasscodeForm, "C40",
		"A passcode has 4 to 64 letters, digits or signs.")
	if n := shim.Count(t, "login"); n != 0 {
		t.Errorf("logins: got %d, want 0", n)
	}
}

func TestAModuleThatRefusesRSAOverADigestHashesByItself(t *testing.T) {
	s := pkcs11test.NewStore(t)
	s.Token(t, "card")
	key := virtualtest.RSA(t)
	s.Key(t, "card", "a1", "sign-in", key, virtualtest.Certificate(t, key, nil))
	shim := pkcs11test.NewShim(t)
	card := open(t, driver(t, shim.Environ(s.Environ(), "no RSA over a digest"), nil, shim.Path))

	message := []byte("a message")
	digest := sha256.Sum256(message)
	signature, err := card.(cardreader.MessageSigner).SignMessage(t.Context(), virtualtest.Typed(pkcs11test.Passcode),
		message, crypto.SHA256)
	if err != nil {
		t.Fatal(explain(err))
	}
	if !virtualtest.Verifies(card.Info().Certificate, digest[:], signature) {
		t.Error("the signature does not match the certificate")
	}
	checkError(t, sign(t, card, pkcs11test.Passcode), cardreader.KeyUnsupported, "C53-CKR-70", "key is of a kind")
}

func TestOpen_NoCertificate(t *testing.T) {
	s := pkcs11test.NewStore(t)
	s.Token(t, "empty")
	_, err := driver(t, s.Environ(), nil, pkcs11test.SoftHSM).Open(t.Context(), nil, "Reader")
	checkError(t, err, cardreader.NoCertificate, "C50", "no sign-in certificate")
}

func TestAnotherTokenIsNeverGivenThePasscode(t *testing.T) {
	s, shim := nurse(t), pkcs11test.NewShim(t)
	card := open(t, driver(t, shim.Environ(s.Environ(), ""), nil, shim.Path))
	if err := sign(t, card, pkcs11test.Passcode); err != nil {
		t.Fatal(explain(err))
	}
	logins := shim.Count(t, "login")
	s.Replace(t, "nurse", "a1", virtualtest.Certificate(t, virtualtest.P256(t), nil))
	checkError(t, sign(t, card, pkcs11test.Passcode), cardreader.Removed, "C26",
		"The smartcard was changed. Your passcode was not checked.")
	if n := shim.Count(t, "login"); n != logins {
		t.Error("the passcode was passed to another token")
	}
}

func TestWithoutAModuleThatKnowsTheCardThereIsNoDriver(t *testing.T) {
	s := pkcs11test.NewStore(t) // has no tokens
	_, err := driver(t, s.Environ(), nil, pkcs11test.SoftHSM).Open(t.Context(), nil, "Reader")
	checkError(t, err, cardreader.NotPIV, "C30", "There is no driver for this card.")
	_, err = driver(t, s.Environ(), nil).Open(t.Context(), nil, "Reader")
	checkError(t, err, cardreader.NotPIV, "C30", "There is no driver for this card.")
	_, err = driver(t, s.Environ(), nil, "/nowhere/module.so").Open(t.Context(), nil, "Reader")
	checkError(t, err, cardreader.Internal, "C01", "is not installed")
}

// A module that doesn't name its slots after readers may report several cards for our reader.
func TestOpen_TwoTokensBehindOneModule(t *testing.T) {
	s := nurse(t)
	s.Token(t, "empty")
	card := open(t, driver(t, s.Environ(), nil, pkcs11test.SoftHSM))
	if err := sign(t, card, pkcs11test.Passcode); err != nil {
		t.Fatal(explain(err))
	}

	s.Token(t, "colleague")
	key := virtualtest.P256(t)
	s.Key(t, "colleague", "b1", "colleague's", key, virtualtest.Certificate(t, key, nil))
	_, err := driver(t, s.Environ(), nil, pkcs11test.SoftHSM).Open(t.Context(), nil, "Reader")
	checkError(t, err, cardreader.SeveralTokens, "C55", "Several smartcards are in")

	// With Config.Certificate set, the card with that certificate is used.
	named := driver(t, s.Environ(), func(c *pkcs11.Config) { c.Certificate = "colleague's" }, pkcs11test.SoftHSM)
	if card := open(t, named); !key.Public().(*ecdsa.PublicKey).Equal(card.Info().Certificate.PublicKey) {
		t.Error("Open chose another certificate than the one in Config.Certificate")
	}

	ended := virtualtest.P256(t)
	s = nurse(t)
	s.Token(t, "former")
	s.Key(t, "former", "b1", "former", ended, virtualtest.Certificate(t, ended, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().AddDate(-2, 0, 0), time.Now().AddDate(-1, 0, 0)
	}))

	if card := open(t, driver(t, s.Environ(), nil, pkcs11test.SoftHSM)); card.Info().
		Certificate.NotAfter.Before(time.Now()) {
		t.Error("Open chose an expired certificate over a valid one")
	}
}
