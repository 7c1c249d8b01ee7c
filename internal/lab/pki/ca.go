// Package pki is the certificate authority of the lab. It is created at each start, and nothing outside the lab trusts
// it.
//
// It issues the certificates of the named cards and of the hub, and the revocation list. Keys are created on demand,
// because an RSA key takes a large part of a second. Other packages of internal/lab, the benchmarks and tests import
// it; internal/certtest makes certificates with mistakes.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// caValidity is how long a CA is valid before and after its creation. It is rarely used for longer than a training
// session, but the lab's clock may be decades from the computer's clock, with which a client verifies the hub's
// certificate.
const caValidity = 50 * 365 * 24 * time.Hour

// CA is a certificate authority. Its methods are safe for concurrent use.
type CA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	now  func() time.Time

	mu      sync.Mutex
	revoked []x509.RevocationListEntry
	number  int64 // of the latest revocation list
}

// New creates a CA with the name and a subject like those of the care identity service: O=nhs, OU=CA. now is the lab's
// clock. The error is from the key generator or crypto/x509.
func New(name string, now func() time.Time) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", name, err)
	}

	start := now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject: pkix.Name{
			Organization: []string{"nhs"}, OrganizationalUnit: []string{"CA"},
			CommonName: name,
		},
		NotBefore:             start.Add(-caValidity), // valid when an expired card was issued
		NotAfter:              start.Add(caValidity),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}

	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", name, err)
	}

	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", name, err)
	}

	return &CA{cert: cert, key: key, now: now}, nil
}

// Certificate returns the CA's self-signed certificate.
func (ca *CA) Certificate() *x509.Certificate { return ca.cert }

// PEM returns the CA's certificate in PEM.
func (ca *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
}

// Pool returns a pool that contains only the CA's certificate.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}
