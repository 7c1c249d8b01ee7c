package pki

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// keyCompromise is the reason code for all revocations: the card was lost or lent (RFC 5280 §5.3.1).
const keyCompromise = 1

// listValidity is the validity of a revocation list.
const listValidity = 7 * 24 * time.Hour

// Revoke adds a certificate, by serial number, to the revocation list with the given time. It need not have been
// issued yet.
func (ca *CA) Revoke(serial int64, when time.Time) {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	ca.revoked = append(ca.revoked, x509.RevocationListEntry{
		SerialNumber: big.NewInt(serial), RevocationTime: when, ReasonCode: keyCompromise,
	})
}

// RevocationList returns the signed list in DER, with a number that is greater each time (RFC 5280 §5).
func (ca *CA) RevocationList() ([]byte, error) {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	ca.number++
	now := ca.now()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number:                    big.NewInt(ca.number),
		ThisUpdate:                now.Add(-time.Minute),
		NextUpdate:                now.Add(listValidity),
		RevokedCertificateEntries: ca.revoked,
	}, ca.cert, ca.key)
	if err != nil {
		return nil, fmt.Errorf("revocation list: %w", err)
	}
	return der, nil
}

// RevocationPEM returns the signed list in PEM.
func (ca *CA) RevocationPEM() ([]byte, error) {
	der, err := ca.RevocationList()
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}), nil
}
