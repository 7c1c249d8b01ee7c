package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"time"
)

// trialDays is the validity of a trial certificate in days.
const trialDays = 90

// newTrial returns a new CA and a certificate for a hub's name, both in PEM, and the certificate's key. The CA's key
// is discarded.
func newTrial(random io.Reader, name string, now time.Time) (ca, certificate, key string, err error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return "", "", "", err
	}

	hubKey, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return "", "", "", err
	}

	begins, ends := now.Add(-time.Hour), now.AddDate(0, 0, trialDays)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(now.Unix()), Subject: pkix.Name{CommonName: "Trial CA of " + name}, NotBefore: begins,
		NotAfter: ends, IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}

	rootDER, err := x509.CreateCertificate(random, root, root, &caKey.PublicKey, caKey)
	if err != nil {
		return "", "", "", fmt.Errorf("trial CA: %w", err)
	}

	hub := &x509.Certificate{
		SerialNumber: big.NewInt(now.Unix() + 1), Subject: pkix.Name{CommonName: name}, NotBefore: begins,
		NotAfter: ends,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}

	if ip := net.ParseIP(name); ip != nil {
		hub.IPAddresses = []net.IP{ip}
	} else {
		hub.DNSNames = []string{name}
	}

	hubDER, err := x509.CreateCertificate(random, hub, root, &hubKey.PublicKey, caKey)
	if err != nil {
		return "", "", "", fmt.Errorf("trial certificate: %w", err)
	}

	keyDER, err := x509.MarshalPKCS8PrivateKey(hubKey)
	if err != nil {
		return "", "", "", err
	}

	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}

	return text("CERTIFICATE", rootDER), text("CERTIFICATE", hubDER), text("PRIVATE KEY", keyDER), nil
}
