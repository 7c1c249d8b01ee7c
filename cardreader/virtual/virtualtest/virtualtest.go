// Package virtualtest provides keys, certificates and cards for tests of other packages. Only tests import it.
package virtualtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net/url"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/virtual"
	"wardlight/internal/certtest"
)

// Passcode is the passcode of the cards made here. Tries is their number of tries.
const (
	Passcode = "246813"
	Tries    = 3
)

// UUID is the person's UUID in the subject of the certificates made here. As on NHS cards it is the CN of O=nhs,
// OU=people.
const UUID = "555012345678"

// RSA returns a key of 2048 bits.
func RSA(tb testing.TB) *rsa.PrivateKey {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// P256 returns a key on P-256.
func P256(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	return certtest.P256(tb)
}

// GUID returns the identifier of the cards made here.
func GUID() [16]byte {
	return [16]byte{0x57, 0x41, 0x52, 0x44, 1, 2, 0x43, 4, 0x85, 6, 7, 8, 9, 10, 11, 12}
}

// Serial is the GUID in hex, as in the certificates made here.
const Serial = "57415244010243048506" + "0708090a0b0c"

// Certificate returns a self-signed certificate for key in DER, valid from 2026 to 2036. edit, if not nil, may change
// the template, such as its dates, subject or key usage.
func Certificate(tb testing.TB, key crypto.Signer, edit func(*x509.Certificate)) []byte {
	tb.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(20260101),
		Subject: pkix.Name{
			Organization: []string{"nhs"}, OrganizationalUnit: []string{"people"},
			CommonName: UUID,
		},
		NotBefore:   time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:    time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		URIs:        []*url.URL{{Scheme: "urn", Opaque: "uuid:57415244-0102-4304-8506-0708090a0b0c"}},
	}
	if edit != nil {
		edit(template)
	}
	return (*certtest.Issuer)(nil).Sign(tb, template, key).Raw
}

// Filled returns a certificate of size bytes, or up to three fewer. An extension without meaning fills it, because the
// number of exchanges with a card depends on the length.
func Filled(tb testing.TB, key crypto.Signer, size int) []byte {
	tb.Helper()
	fill := 0
	for {
		der := Certificate(tb, key, func(c *x509.Certificate) {
			if fill > 0 {
				c.ExtraExtensions = []pkix.Extension{{
					Id:    asn1.ObjectIdentifier{2, 25, 3, 14},
					Value: make([]byte, fill),
				}}
			}
		})

		switch short := size - len(der); {
		case short < 0:
			tb.Fatalf("Filled(%d): the smallest certificate has %d bytes", size, len(der))
		case short <= 3:
			return der
		case fill == 0:
			fill = max(short-24, 1)
		default:
			fill += short - 2
		}
	}
}

// Card returns a card with that key, a certificate for it, and Passcode. A nil key gives a card without key and
// certificate. edit, if not nil, may change the Config.
func Card(tb testing.TB, key crypto.Signer, edit func(*virtual.Config)) *virtual.Card {
	tb.Helper()
	config := virtual.Config{
		Key: key, Passcode: []byte(Passcode), Tries: Tries,
		GUID: GUID(),
	}
	if key != nil {
		config.Certificate = Certificate(tb, key, nil)
	}
	if edit != nil {
		edit(&config)
	}
	card, err := virtual.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	return card
}

// Typed returns digits as a passcode.
func Typed(digits string) *cardreader.Passcode {
	p := new(cardreader.Passcode)
	for i := range len(digits) {
		p.Append(digits[i])
	}
	return p
}

// Verifies reports whether signature is a valid signature of a SHA-256 digest by the certificate's key.
func Verifies(certificate *x509.Certificate, digest, signature []byte) bool {
	switch public := certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest, signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(public, digest, signature)
	}
	return false
}
