package client

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha256" // the hash of RS256 and ES256
	_ "crypto/sha512" // the hash of ES384
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// assertionLifetime is the validity of an assertion. The hub accepts at most 120 s. Assertions are sent immediately, so
// less is enough.
const assertionLifetime = 60 * time.Second

// ErrKeyKind is returned for a certificate whose key cannot sign an assertion, because it is neither RSA nor P-256 nor
// P-384.
var ErrKeyKind = errors.New("the certificate's key is neither RSA nor P-256 nor P-384")

// ErrBadSignature is returned when a card's signature doesn't match its certificate.
var ErrBadSignature = errors.New("the card's signature does not fit its certificate")

// Assertion is a signed statement that the card is present, for one nonce and one proof key (RFC 7523). It can be used
// once.
type Assertion struct {
	token   string
	subject string
	key     *ProofKey
}

// String returns a fixed text, so that the assertion is never printed.
func (a Assertion) String() string { return "(assertion)" }

// GoString returns the same text for %#v.
func (a Assertion) GoString() string { return a.String() }

// CardSign signs the hash of message with the key of the card's certificate. RSA returns a PKCS #1 v1.5 signature,
// ECDSA an ASN.1 DER signature. The function gets the message instead of its digest because some cards' software
// computes the hash itself.
type CardSign func(message []byte, hash crypto.Hash) ([]byte, error)

// Assert returns the signed assertion that answers c. chain is the card's certificate followed by its CA certificates.
// The certificate's common name, which is the person's UUID, is used for iss and sub. cnf.jkt identifies key.
//
// Errors are those of sign, unchanged; ErrKeyKind, before sign is called; and ErrBadSignature.
func (c Challenge) Assert(chain []*x509.Certificate, key *ProofKey, now time.Time, id string,
	sign CardSign,
) (Assertion, error) {
	if len(chain) == 0 {
		return Assertion{}, errors.New("assertion: no certificate")
	}

	leaf := chain[0]
	alg, hash, err := algorithmOf(leaf)
	if err != nil {
		return Assertion{}, err
	}

	x5c := make([]string, len(chain)) // base64 with padding, not base64url: RFC 7515 §4.1.6
	for i, cert := range chain {
		x5c[i] = base64.StdEncoding.EncodeToString(cert.Raw)
	}

	thumbprint, err := key.Thumbprint()
	if err != nil {
		return Assertion{}, err
	}

	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: &cardSigner{leaf, alg, hash, sign}},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader("x5c", x5c))
	if err != nil {
		return Assertion{}, fmt.Errorf("assertion: %w", err)
	}

	person := leaf.Subject.CommonName
	token, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: person, Subject: person, Audience: jwt.Audience{c.Audience}, ID: id,
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(assertionLifetime)),
	}).Claims(map[string]any{
		"aud":   c.Audience, // a single string, as in the hub's API; jwt.Claims would write a list
		"nonce": c.Nonce,
		"cnf":   map[string]string{"jkt": thumbprint},
	}).Serialize()
	if err != nil {
		return Assertion{}, err
	}

	return Assertion{token: token, subject: person, key: key}, nil
}

// CanAssert returns nil if a certificate's key can sign an assertion, and ErrKeyKind if it cannot.
func CanAssert(cert *x509.Certificate) error {
	_, _, err := algorithmOf(cert)
	return err
}

// algorithmOf returns the JWS algorithm and hash for a certificate's key (RFC 7518 §3.1).
func algorithmOf(cert *x509.Certificate) (jose.SignatureAlgorithm, crypto.Hash, error) {
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return jose.RS256, crypto.SHA256, nil
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256():
			return jose.ES256, crypto.SHA256, nil
		case elliptic.P384():
			return jose.ES384, crypto.SHA384, nil
		}
	}
	return "", 0, ErrKeyKind
}

// cardSigner implements jose.OpaqueSigner with a card.
type cardSigner struct {
	cert *x509.Certificate
	alg  jose.SignatureAlgorithm
	hash crypto.Hash
	sign CardSign
}

// Public returns the certificate's key without a key id. The header identifies the key by x5c, so go-jose must not add
// an id.
func (s *cardSigner) Public() *jose.JSONWebKey { return &jose.JSONWebKey{Key: s.cert.PublicKey} }

// Algs returns the algorithm of the card's key.
func (s *cardSigner) Algs() []jose.SignatureAlgorithm { return []jose.SignatureAlgorithm{s.alg} }

// SignPayload signs with the card and verifies the signature. A faulty card or driver is thus not mistaken for a
// refusal by the hub.
func (s *cardSigner) SignPayload(payload []byte, _ jose.SignatureAlgorithm) ([]byte, error) {
	signature, err := s.sign(payload, s.hash)
	if err != nil {
		return nil, err
	}
	hashed := s.hash.New()
	_, _ = hashed.Write(payload)
	digest := hashed.Sum(nil)
	switch key := s.cert.PublicKey.(type) {
	case *rsa.PublicKey:
		if rsa.VerifyPKCS1v15(key, s.hash, digest, signature) == nil {
			return signature, nil
		}
	case *ecdsa.PublicKey:
		if ecdsa.VerifyASN1(key, digest, signature) {
			return joseECDSA(signature, (key.Params().BitSize+7)/8)
		}
	}
	return nil, ErrBadSignature
}

// joseECDSA converts an ASN.1 DER signature (RFC 3279 §2.2.3) to r and s concatenated, size bytes each (RFC 7518
// §3.4).
func joseECDSA(der []byte, size int) ([]byte, error) {
	var rs struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &rs)
	if err != nil || len(rest) != 0 || rs.R.Sign() <= 0 || rs.S.Sign() <= 0 ||
		rs.R.BitLen() > size*8 || rs.S.BitLen() > size*8 {
		return nil, ErrBadSignature
	}
	out := make([]byte, 2*size)
	rs.R.FillBytes(out[:size])
	rs.S.FillBytes(out[size:])
	return out, nil
}
