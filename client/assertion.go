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

// assertionLife is how long an assertion holds. The hub takes no more than 120 s; what is sent at once needs less.
const assertionLife = 60 * time.Second

// ErrKeyKind is given for a certificate whose key cannot sign an assertion: neither RSA, nor P-256 or P-384.
var ErrKeyKind = errors.New("the certificate's key is neither RSA nor P-256 nor P-384")

// ErrBadSignature is given when a card's signature does not fit its own certificate.
var ErrBadSignature = errors.New("the card's signature does not fit its certificate")

// Assertion is a signed statement that the card is here, for one nonce and one proof key (RFC 7523). It serves once.
type Assertion struct {
	token   string
	subject string
	key     *ProofKey
}

// String hides the assertion from every print.
func (a Assertion) String() string { return "(assertion)" }

// GoString hides the assertion from %#v.
func (a Assertion) GoString() string { return a.String() }

// CardSign signs message, by way of its hash, with the key of the card's certificate: RSA gives PKCS #1 v1.5, ECDSA
// an ASN.1 DER signature. It gets the message and not the digest because some cards' software insists on hashing by
// itself.
type CardSign func(message []byte, hash crypto.Hash) ([]byte, error)

// Assert makes the assertion that answers c: chain is the card's certificate first, then any that led to it. The
// certificate's common name is the person's UUID and becomes iss and sub; key is vouched for by cnf.jkt.
//
// The errors are sign's own, unchanged; ErrKeyKind, before sign is called; and ErrBadSignature.
func (c Challenge) Assert(chain []*x509.Certificate, key *ProofKey, now time.Time, id string, sign CardSign) (Assertion, error) {
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
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(assertionLife)),
	}).Claims(map[string]any{
		"aud":   c.Audience, // one string, as the hub's API shows it; jwt.Claims would write a list
		"nonce": c.Nonce,
		"cnf":   map[string]string{"jkt": thumbprint},
	}).Serialize()
	if err != nil {
		return Assertion{}, err
	}
	return Assertion{token: token, subject: person, key: key}, nil
}

// CanAssert tells whether a certificate's key can sign an assertion: nil, or ErrKeyKind.
func CanAssert(cert *x509.Certificate) error {
	_, _, err := algorithmOf(cert)
	return err
}

// algorithmOf returns the JWS algorithm that goes with a certificate's key, and its hash (RFC 7518 §3.1).
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

// cardSigner lets go-jose sign with a card.
type cardSigner struct {
	cert *x509.Certificate
	alg  jose.SignatureAlgorithm
	hash crypto.Hash
	sign CardSign
}

// Public returns nil: the certificate in the header names the key, so go-jose must write none.
func (s *cardSigner) Public() *jose.JSONWebKey { return &jose.JSONWebKey{Key: s.cert.PublicKey} }

// Algs returns the one algorithm of the card's key.
func (s *cardSigner) Algs() []jose.SignatureAlgorithm { return []jose.SignatureAlgorithm{s.alg} }

// SignPayload has the card sign, and checks what it signed: a card or driver at fault is told from a hub that refuses.
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

// joseECDSA turns an ASN.1 DER signature (RFC 3279 §2.2.3) into r and s side by side, size bytes each (RFC 7518 §3.4).
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
