package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
)

// serverSerial is the serial number of the hub's certificate, far above those of the cards.
const serverSerial = 1 << 40

// Server issues the hub's TLS certificate, only for this computer: 127.0.0.1, ::1 and localhost. It is valid as long
// as the CA, because a client verifies it with the computer's clock, which may be far from the lab's.
func (ca *CA) Server() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("hub certificate: %w", err)
	}

	cert, err := ca.sign(&x509.Certificate{
		SerialNumber: big.NewInt(serverSerial),
		Subject: pkix.Name{
			Organization: []string{"nhs"}, OrganizationalUnit: []string{"Devices"},
			CommonName: "localhost",
		},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		NotBefore:   ca.cert.NotBefore,
		NotAfter:    ca.cert.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, key.Public())
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("hub certificate: %w", err)
	}

	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}, nil
}
