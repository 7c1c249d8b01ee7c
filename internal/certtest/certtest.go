// Package certtest makes keys and certificates of any shape for tests: CAs, cards and servers, with mistakes or
// without. Every package's tests may import it, and nothing else does. The CA of the demo, whose certificates are as
// the NHS makes them, is internal/lab/pki.
package certtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
	"time"
)

// EC makes a key on a curve.
func EC(tb testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// P256 makes a key on the curve P-256.
func P256(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	return EC(tb, elliptic.P256())
}

// P521 makes a key on the curve P-521, which no PIV card has.
func P521(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	return EC(tb, elliptic.P521())
}

// Ed25519 makes an Ed25519 key, which no PIV card has.
func Ed25519(tb testing.TB) ed25519.PrivateKey {
	tb.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// Issuer is a certificate with its key. It signs whatever a test says, also where it is no CA.
type Issuer struct {
	Cert *x509.Certificate
	Key  crypto.Signer
}

// Issue makes a P-256 key and its certificate. The certificate is valid from an hour before the time until an hour
// after it; change, where it is not nil, changes the template before it is signed. A nil Issuer makes a self-signed
// one.
func (by *Issuer) Issue(tb testing.TB, at time.Time, change func(*x509.Certificate)) *Issuer {
	tb.Helper()
	template := &x509.Certificate{NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour)}
	if change != nil {
		change(template)
	}
	key := P256(tb)
	return &Issuer{by.Sign(tb, template, key), key}
}

// Sign makes the certificate of a key from a template. A nil Issuer makes a self-signed one. A template without a
// serial number has 2.
func (by *Issuer) Sign(tb testing.TB, template *x509.Certificate, key crypto.Signer) *x509.Certificate {
	tb.Helper()
	if template.SerialNumber == nil {
		template.SerialNumber = big.NewInt(2)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.Cert, by.Key
	}

	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return cert
}
