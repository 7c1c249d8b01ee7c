package session_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/internal/certtest"
	"wardlight/internal/session"
)

// The issuer's name in the certificate contains an escape sequence.
func TestLook_CertificatesNames(t *testing.T) {
	at := time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x1a2b), Subject: pkix.Name{
			Organization: []string{"Trust"},
			CommonName:   "Sub\x1b[2J CA",
		},
		NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour),
	}

	cert := (*certtest.Issuer)(nil).Sign(t, template, certtest.P256(t))
	seen, err := session.Look(cardreader.Info{Certificate: cert, Tries: 3}, at)
	if err != nil {
		t.Fatal(err)
	}

	if want := "CN=Sub␛[2J CA,O=Trust"; seen.IssuerName != want || seen.CertificateSerial != "1a2b" ||
		len(seen.SHA256()) != 64 {
		t.Errorf("issuer %q, serial %q, SHA-256 %q, want %q, 1a2b and 64 digits",
			seen.IssuerName, seen.CertificateSerial, seen.SHA256(), want)
	}

	if seen, err := session.Look(cardreader.Info{}, at); err == nil || seen.SHA256() != "" {
		t.Errorf("Look without a certificate: SHA-256 %q, error %v, want none and an error", seen.SHA256(), err)
	}
}
