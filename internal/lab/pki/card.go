package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"
)

// KeyKind is the type of a card's authentication key.
type KeyKind string

// The types of key that a PIV card may use for authentication (NIST SP 800-78).
const (
	RSA2048 KeyKind = "RSA 2048"
	P256    KeyKind = "P-256"
	P384    KeyKind = "P-384"
)

// cardPolicy is the certificate policy of NHS smartcards.
var cardPolicy = asn1.ObjectIdentifier{1, 2, 826, 0, 1275, 101, 0, 3, 1, 1}

// CardRequest is the content of a card's certificate.
type CardRequest struct {
	UUID                string // 12 digits, used as the common name
	Serial              int64  // of the certificate; unique in the CA and greater than 1
	Key                 KeyKind
	NotBefore, NotAfter time.Time
}

// Issued is a key with its certificate.
type Issued struct {
	Key         crypto.Signer // *rsa.PrivateKey or *ecdsa.PrivateKey
	Certificate *x509.Certificate
}

// DER returns the certificate in DER, as it is stored on a card.
func (i Issued) DER() []byte { return i.Certificate.Raw }

// IssueCard creates a key and its certificate with subject O=nhs, OU=people, CN=UUID, which may be used only for
// signatures.
func (ca *CA) IssueCard(r CardRequest) (Issued, error) {
	key, err := newKey(r.Key)
	if err != nil {
		return Issued{}, fmt.Errorf("card %s: %w", r.UUID, err)
	}
	cert, err := ca.sign(&x509.Certificate{
		SerialNumber: big.NewInt(r.Serial),
		Subject: pkix.Name{
			Organization: []string{"nhs"}, OrganizationalUnit: []string{"people"},
			CommonName: r.UUID,
		},
		NotBefore:         r.NotBefore,
		NotAfter:          r.NotAfter,
		KeyUsage:          x509.KeyUsageDigitalSignature,
		PolicyIdentifiers: []asn1.ObjectIdentifier{cardPolicy},
	}, key.Public())
	if err != nil {
		return Issued{}, fmt.Errorf("card %s: %w", r.UUID, err)
	}
	return Issued{Key: key, Certificate: cert}, nil
}

func newKey(kind KeyKind) (crypto.Signer, error) {
	switch kind {
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case P256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case P384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		return nil, fmt.Errorf("no key of kind %q can be made here", kind)
	}
}

// sign issues a certificate for the public key and parses it.
func (ca *CA) sign(template *x509.Certificate, public crypto.PublicKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, public, ca.key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
