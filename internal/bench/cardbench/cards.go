package cardbench

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"time"
)

type certificate = *x509.Certificate

// cardKind is a kind of card. Its certificate is as long as that of the real cards that were measured.
type cardKind struct {
	name string
	new  func() (crypto.Signer, error)
	size int // of the certificate, in bytes
}

var kinds = []cardKind{
	{"RSA 2048", func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }, 1240},
	{"P-256", func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }, 1037},
}

// make creates a key and its certificate, padded to the size of a certificate with everything that an issuer adds.
func (k cardKind) make(now time.Time) (crypto.Signer, certificate, error) {
	key, err := k.new()
	if err != nil {
		return nil, nil, err
	}

	for fill := 0; fill < k.size; {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(7), NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(1, 0, 0),
			Subject: pkix.Name{
				Organization: []string{"nhs"}, OrganizationalUnit: []string{"people"},
				CommonName: "555000000001",
			},
			KeyUsage: x509.KeyUsageDigitalSignature,
		}

		if fill > 0 {
			template.ExtraExtensions = []pkix.Extension{{
				Id:    asn1.ObjectIdentifier{2, 25, 3, 14},
				Value: make([]byte, fill),
			}}
		}

		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			return nil, nil, err
		}

		if short := k.size - len(der); short > 3 { // an ECDSA signature is sometimes a byte or two shorter
			fill = max(fill+short-24, fill+1)
			continue
		}

		cert, err := x509.ParseCertificate(der)
		return key, cert, err
	}

	return nil, nil, errors.New("no certificate of that size")
}

// verifies reports whether the signature was made with the certificate's key: PKCS #1 v1.5, or ASN.1 DER.
func (s *subject) verifies(signature []byte) bool {
	switch key := s.certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, s.digest, signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, s.digest, signature)
	}
	return false
}

// write writes the input files of the programs.
func (s *subject) write() error {
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.certificate.Raw})
	return errors.Join(
		os.WriteFile(s.path("data"), s.data, 0o600),
		os.WriteFile(s.path("digest"), s.digest, 0o600),
		os.WriteFile(s.path("certificate.pem"), block, 0o600),
	)
}

// isCertificate reports whether text is the card's certificate in PEM.
func (s *subject) isCertificate(text []byte) bool {
	block, _ := pem.Decode(text)
	return block != nil && bytes.Equal(block.Bytes, s.certificate.Raw)
}
