package hubtest

import (
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"wardlight/internal/certtest"
)

// UUID is the UUID of the holder of all test cards.
const UUID = "999000000111"

// Holder is a certificate with its key, as on a card.
type Holder struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// RSA returns a holder with an RSA 2048 key.
func RSA(t testing.TB, from, until time.Time) Holder {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return made(t, key, from, until)
}

// EC returns a holder with a key on the curve.
func EC(t testing.TB, curve elliptic.Curve, from, until time.Time) Holder {
	t.Helper()
	return made(t, certtest.EC(t, curve), from, until)
}

func made(t testing.TB, key crypto.Signer, from, until time.Time) Holder {
	t.Helper()
	h, err := NewHolder(key, from, until)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// NewHolder returns the key with a certificate of its own for it, whose common name is UUID.
func NewHolder(key crypto.Signer, from, until time.Time) (Holder, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), NotBefore: from, NotAfter: until,
		Subject: pkix.Name{Organization: []string{"nhs"}, OrganizationalUnit: []string{"people"}, CommonName: UUID},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return Holder{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return Holder{Certificate: cert, Key: key}, err
}

// Sign signs a message like a card: PKCS #1 v1.5 for RSA, ASN.1 DER for ECDSA.
func (h Holder) Sign(message []byte, hash crypto.Hash) ([]byte, error) {
	digest := hash.New()
	_, _ = digest.Write(message)
	return h.Key.Sign(rand.Reader, digest.Sum(nil), hash)
}

// Chain returns the certificate alone, like a card without CA certificates.
func (h Holder) Chain() []*x509.Certificate { return []*x509.Certificate{h.Certificate} }
