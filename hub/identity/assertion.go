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

// longestLife is how long an assertion may be meant to last (docs/api.md).
const longestLife = 120 * time.Second

// assertion is a card's JWT. Until it is verified, all of it may be anybody's.
type assertion struct {
	compact string
	payload []byte
	claims  assertionClaims // of the payload
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

// audience is one audience, or a list (RFC 7519 §4.1.3); more than one is refused by whoever compares it.
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// seconds is a NumericDate of a JWT (RFC 7519 §2): seconds since 1970, of which a fraction is left out.
type seconds int64

// maxSeconds is the year 5138: a time of a JWT is nowhere near it.
const maxSeconds = 1e11

// UnmarshalJSON reads a number, with a fraction or without.
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

// parseAssertion reads the claims of a JWT and nothing else of it, so that its nonce can be checked first.
func parseAssertion(compact string) (*assertion, error) {
	if compact == "" || len(compact) > longestJWT {
		return nil, errors.New("no assertion, or one that is too long")
	}
	_, rest, _ := strings.Cut(compact, ".")
	part, _, _ := strings.Cut(rest, ".")
	payload, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, errors.New("the claims do not read")
	}
	a := &assertion{compact: compact, payload: payload}
	if err := json.Unmarshal(payload, &a.claims); err != nil {
		return nil, errors.New("the claims do not read")
	}
	return a, nil
}

// parseHeader reads the signature and the certificates of the x5c header. It verifies no signature: the key may be
// anybody's.
func (a *assertion) parseHeader() error {
	var err error
	if a.jws, err = jose.ParseSignedCompact(a.compact, []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.ES384}); err != nil {
		return errors.New("not a JWS signed with RS256, ES256 or ES384")
	}
	header := a.jws.Signatures[0].Protected
	if typ, given := header.ExtraHeaders[jose.HeaderType].(string); given && !strings.EqualFold(typ, "JWT") {
		return errors.New("typ is not JWT")
	}
	// go-jose gives x5c only once verified, and can't tell why it was not.
	raw, err := base64.RawURLEncoding.DecodeString(a.compact[:strings.IndexByte(a.compact, '.')])
	if err != nil {
		return errors.New("the header does not read")
	}
	var certificates struct {
		X5C []string `json:"x5c"`
	}
	if err := json.Unmarshal(raw, &certificates); err != nil {
		return errors.New("the header does not read")
	}
	if a.chain, err = parseChain(certificates.X5C); err != nil {
		return err
	}
	if !algorithmFits(a.chain[0], header.Algorithm) {
		return errors.New("the certificate's key is not one for " + header.Algorithm)
	}
	return nil
}

// verify verifies that the card's key, which must be a trusted one, has signed the claims.
func (a *assertion) verify() error {
	payload, err := a.jws.Verify(a.chain[0].PublicKey)
	if err != nil || !bytes.Equal(payload, a.payload) {
		return errors.New("the signature does not verify")
	}
	return nil
}

// check holds the claims against the certificate, the hub's own audience and the key of the proof.
func (c *assertionClaims) check(uuid, hub, thumb string) *Refusal {
	switch {
	case c.Subject != uuid || c.Issuer != uuid:
		return refuse(AssertionInvalid, "iss or sub is not the certificate's common name")
	case len(c.Audience) != 1 || c.Audience[0] != hub:
		return refuse(AssertionInvalid, "aud is not this hub")
	case c.JTI == "" || len(c.JTI) > longestJTI:
		return refuse(AssertionInvalid, "no jti, or one that is too long")
	case c.Confirm.Thumb != thumb:
		return refuse(AssertionInvalid, "cnf.jkt is not the key of the proof")
	case c.Expires <= c.Issued || c.Expires-c.Issued > seconds(longestLife/time.Second):
		return refuse(AssertionInvalid, "exp is not within %s of iat", longestLife)
	}
	return nil
}

// checkTime holds iat and exp against the hub's clock.
func (c *assertionClaims) checkTime(now time.Time) *Refusal {
	issued, expires := c.Issued.time(), c.Expires.time()
	if now.Sub(issued).Abs() > clockLeeway || now.Sub(expires) > clockLeeway {
		return refuse(ClockSkew, "iat or exp is more than %s off", clockLeeway)
	}
	return nil
}

// once returns what makes the assertion serve once.
func (c *assertionClaims) once() *store.Once {
	return &store.Once{
		Hash:    hash("assertion", c.Subject, c.JTI),
		Expires: c.Expires.time().Add(2 * clockLeeway),
	}
}
