package main

import (
	"crypto/ecdsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"wardlight/client/hubtest"
	"wardlight/internal/certtest"
)

// issuer is a CA that issues card certificates.
type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	above       *issuer
}

// newIssuer returns a self-signed CA.
func newIssuer(t *testing.T, name string, from, to time.Time) *issuer {
	t.Helper()
	return (*issuer)(nil).below(t, name, from, to)
}

// below returns an intermediate CA signed by this one.
func (by *issuer) below(t *testing.T, name string, from, to time.Time) *issuer {
	t.Helper()
	key, c := by.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	})
	return &issuer{c, key, by}
}

// issue returns a holder with a certificate valid for two years. change may edit the certificate before it is signed.
func (by *issuer) issue(t *testing.T, change ...func(*x509.Certificate)) hubtest.Holder {
	t.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: hubtest.UUID}, NotBefore: noon.AddDate(-1, 0, 0),
		NotAfter: noon.AddDate(2, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	for _, c := range change {
		c(template)
	}
	key, c := by.sign(t, template)
	return hubtest.Holder{Key: key, Certificate: c}
}

func (by *issuer) sign(t *testing.T, template *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	template.SerialNumber = big.NewInt(7)
	var signer *certtest.Issuer
	if by != nil {
		signer = &certtest.Issuer{Cert: by.certificate, Key: by.key}
	}
	key := certtest.P256(t)
	return key, signer.Sign(t, template, key)
}
