package identity

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub/store"
)

// maxLifetime is the maximum time from iat to exp of an assertion (docs/api.md).
const maxLifetime = 120 * time.Second

// assertion is a card's JWT. Before it is verified, all of its contents are untrusted.
type assertion struct {
	compact string
	payload []byte
	claims  assertionClaims // from the payload
	chain   []*x509.Certificate
	jws     *jose.JSONWebSignature
}

type assertionClaims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Issued   seconds  `json:"iat"`
	Expires  seconds  `json:"exp"`
	JTI      string   `json:"jti"`
	Nonce    string   `json:"nonce"`
	Confirm  struct {
		Thumb string `json:"jkt"`
	} `json:"cnf"`
}

// audience is one audience or a list of them (RFC 7519 §4.1.3). Callers refuse more than one.
type audience []string

// UnmarshalJSON decodes a string or a list.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// seconds is a NumericDate of a JWT (RFC 7519 §2): seconds since 1970. Fractions are dropped.
type seconds int64

// maxSeconds limits times to the year 5138.
const maxSeconds = 1e11

// UnmarshalJSON decodes a number with or without a fraction.
func (s *seconds) UnmarshalJSON(b []byte) error {
	var n float64
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	if math.Abs(n) > maxSeconds {
		return errors.New("a time that is none")
	}
	*s = seconds(math.Floor(n))
	return nil
}

func (s seconds) time() time.Time { return time.Unix(int64(s), 0) }

// parseAssertion parses only the claims of a JWT, so that its nonce can be checked first.
func parseAssertion(compact string) (*assertion, error) {
	if compact == "" || len(compact) > maxJWT {
		return nil, errors.New("the assertion is missing or too long")
	}
	_, rest, _ := strings.Cut(compact, ".")
	part, _, _ := strings.Cut(rest, ".")
	payload, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, errors.New("the claims cannot be parsed")
	}
	a := &assertion{compact: compact, payload: payload}
	if err := json.Unmarshal(payload, &a.claims); err != nil {
		return nil, errors.New("the claims cannot be parsed")
	}
	return a, nil
}

// parseHeader parses the signature and the certificates in the x5c header. It doesn't verify the signature, because
// the key isn't trusted yet.
func (a *assertion) parseHeader() error {
	var err error
	if a.jws, err = jose.ParseSignedCompact(a.compact, []jose.SignatureAlgorithm{
		jose.RS256, jose.ES256,
		jose.ES384,
	}); err != nil {
		return errors.New("not a JWS signed with RS256, ES256 or ES384")
	}

	header := a.jws.Signatures[0].Protected
	if typ, given := header.ExtraHeaders[jose.HeaderType].(string); given && !strings.EqualFold(typ, "JWT") {
		return errors.New("typ is not JWT")
	}

	// go-jose returns x5c only after verification, and without the reason of a failure.
	raw, err := base64.RawURLEncoding.DecodeString(a.compact[:strings.IndexByte(a.compact, '.')])
	if err != nil {
		return errors.New("the header cannot be parsed")
	}

	var certificates struct {
		X5C []string `json:"x5c"`
	}

	if err := json.Unmarshal(raw, &certificates); err != nil {
		return errors.New("the header cannot be parsed")
	}
	if a.chain, err = parseChain(certificates.X5C); err != nil {
		return err
	}
	if !algorithmFits(a.chain[0], header.Algorithm) {
		return errors.New("the certificate's key is not one for " + header.Algorithm)
	}

	return nil
}

// verify checks the signature of the claims with the card's key, whose certificate must be trusted already.
func (a *assertion) verify() error {
	payload, err := a.jws.Verify(a.chain[0].PublicKey)
	if err != nil || !bytes.Equal(payload, a.payload) {
		return errors.New("the signature does not verify")
	}
	return nil
}

// check compares the claims with the certificate's UUID, the hub's audience and the thumbprint of the proof's key.
func (c *assertionClaims) check(uuid, hub, thumb string) *Refusal {
	switch {
	case c.Subject != uuid || c.Issuer != uuid:
		return refuse(AssertionInvalid, "iss or sub is not the certificate's common name")
	case len(c.Audience) != 1 || c.Audience[0] != hub:
		return refuse(AssertionInvalid, "aud is not this hub")
	case c.JTI == "" || len(c.JTI) > maxJTI:
		return refuse(AssertionInvalid, "jti is missing or too long")
	case c.Confirm.Thumb != thumb:
		return refuse(AssertionInvalid, "cnf.jkt does not match the proof's key")
	case c.Expires <= c.Issued || c.Expires-c.Issued > seconds(maxLifetime/time.Second):
		return refuse(AssertionInvalid, "exp is not within %s of iat", maxLifetime)
	}
	return nil
}

// checkTime compares iat and exp with the hub's clock.
func (c *assertionClaims) checkTime(now time.Time) *Refusal {
	issued, expires := c.Issued.time(), c.Expires.time()
	if now.Sub(issued).Abs() > clockLeeway || now.Sub(expires) > clockLeeway {
		return refuse(ClockSkew, "iat or exp differs from the hub's clock by more than %s", clockLeeway)
	}
	return nil
}

// once returns the record that makes the assertion valid only once.
func (c *assertionClaims) once() *store.Once {
	return &store.Once{
		Hash:    hash("assertion", c.Subject, c.JTI),
		Expires: c.Expires.time().Add(2 * clockLeeway),
	}
}
