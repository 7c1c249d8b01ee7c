// Package pki is the certificate authority of a test bench: made anew at each start, trusted by nobody else, and
// gone when the bench ends.
//
// It issues the certificates of the named cards and of the hub, and the list of revoked ones. Keys are made when they
// are asked for, because an RSA key takes a good part of a second.
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

// caLife is how long before and after its making a CA of the bench is valid. It seldom lives longer than a training
// session, but the bench's clock may be decades from the computer's, by which a client checks the hub's certificate.
const caLife = 50 * 365 * 24 * time.Hour

// CA is a certificate authority. Its methods may be called from any goroutine.
type CA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	now  func() time.Time

	mu      sync.Mutex
	revoked []x509.RevocationListEntry
	number  int64 // of the latest revocation list
}

// New makes a CA called name, in the shape of the care identity service's own: O=nhs, OU=CA. now is the bench's clock.
// The error is that of the key generator or of crypto/x509.
func New(name string, now func() time.Time) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", name, err)
	}
	start := now()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{Organization: []string{"nhs"}, OrganizationalUnit: []string{"CA"}, CommonName: name},
		NotBefore:             start.Add(-caLife), // a card that ended years ago must still have had a CA
		NotAfter:              start.Add(caLife),
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

// Certificate returns the CA's own, self-signed.
func (ca *CA) Certificate() *x509.Certificate { return ca.cert }

// PEM returns the CA's certificate as a file holds it.
func (ca *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
}

// Pool holds the CA's certificate alone.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}
