package client

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// ProofKey is the P-256 key of a session (RFC 9449, DPoP). The hub binds the token to it, and the assertion contains
// its thumbprint, so that an intercepted token is useless. It exists in memory only, unless the session is sealed.
type ProofKey struct {
	private *ecdsa.PrivateKey
}

// NewProofKey returns a new key. Each sign-in needs its own.
func NewProofKey() (*ProofKey, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("proof key: %w", err)
	}
	return &ProofKey{private: private}, nil
}

// Thumbprint returns the key's SHA-256 thumbprint (RFC 7638) for cnf.jkt, base64url without padding.
func (k *ProofKey) Thumbprint() (string, error) {
	sum, err := (&jose.JSONWebKey{Key: k.private.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("proof key: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// String returns a fixed text, so that the key is never printed.
func (k *ProofKey) String() string { return "(proof key)" }

// GoString returns the same text for %#v.
func (k *ProofKey) GoString() string { return k.String() }

// proofClaims are the claims of a DPoP proof (RFC 9449 §4.2).
type proofClaims struct {
	Method string           `json:"htm"`
	URL    string           `json:"htu"`
	Issued *jwt.NumericDate `json:"iat"`
	ID     string           `json:"jti"`
	Token  string           `json:"ath,omitempty"` // base64url SHA-256 of the access token
}

// proof returns a DPoP proof for one request. The hub accepts its id once. token is "" before there is one.
func (k *ProofKey) proof(method string, to *url.URL, token string, now time.Time, id string) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: k.private},
		(&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"))
	if err != nil {
		return "", fmt.Errorf("proof: %w", err)
	}
	bare := *to
	bare.RawQuery, bare.Fragment = "", ""
	claims := proofClaims{Method: method, URL: bare.String(), Issued: jwt.NewNumericDate(now), ID: id}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		claims.Token = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	proof, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		return "", fmt.Errorf("proof: %w", err)
	}
	return proof, nil
}
