package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub/store"
)

// TokenPath is where tokens are given; with the hub's public URL before it, it is the audience of an assertion.
const TokenPath = "/oauth2/token"

const (
	nonceLife   = 120 * time.Second
	secretBytes = 32 // 43 letters of base64url
)

// Store is what identity asks of the ledger.
type Store interface {
	store.Sessions
	store.Staff
}

// Ledger stores an entry, or says why not (hub/audit.Writer).
type Ledger interface {
	Write(ctx context.Context, e *store.Entry) error
}

// Config is what a Service needs. Nothing in it may be zero.
type Config struct {
	Store  Store
	Ledger Ledger
	CA     *x509.CertPool
	Issuer string // the hub's public URL, without a slash at the end
	Key    *ecdsa.PrivateKey
	Clock  func() time.Time
	NewID  func() string
	Rand   io.Reader
	Idle   time.Duration
	Max    time.Duration
}

// Service signs people in and knows them again.
type Service struct {
	store  Store
	ledger Ledger
	ca     *x509.CertPool
	issuer string
	base   *url.URL
	signer jose.Signer
	clock  func() time.Time
	newID  func() string
	rand   io.Reader
	idle   time.Duration
	max    time.Duration
}

// New makes a Service. The issuer must be a URL with a scheme and a host.
func New(c Config) (*Service, error) {
	base, err := url.Parse(c.Issuer)
	if err != nil || base.Scheme == "" || base.Host == "" || strings.HasSuffix(c.Issuer, "/") {
		return nil, fmt.Errorf("issuer %q is not a URL such as https://hub.example", c.Issuer)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: c.Key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return &Service{c.Store, c.Ledger, c.CA, c.Issuer, base, signer, c.Clock, c.NewID, c.Rand, c.Idle, c.Max}, nil
}

// Challenge is what a card must sign.
type Challenge struct {
	Nonce     string
	ExpiresIn time.Duration
	Audience  string
}

// Challenge gives a nonce that serves once. The error is the store's.
func (s *Service) Challenge(ctx context.Context) (Challenge, error) {
	nonce, err := s.secret()
	if err != nil {
		return Challenge{}, err
	}
	if err := s.store.PutNonce(ctx, hash("nonce", nonce), s.clock().Add(nonceLife)); err != nil {
		return Challenge{}, fmt.Errorf("nonce: %w", err)
	}
	return Challenge{nonce, nonceLife, s.audience()}, nil
}

func (s *Service) audience() string { return s.issuer + TokenPath }

// secret is a random text that nobody guesses.
func (s *Service) secret() (string, error) {
	b := make([]byte, secretBytes)
	if _, err := io.ReadFull(s.rand, b); err != nil {
		return "", fmt.Errorf("random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// Grant is a sign-in that succeeded.
type Grant struct {
	AccessToken string
	ExpiresIn   time.Duration
	IDToken     string
	Session     string
}

// Request is where a proof came: the method and path of the HTTP request, and its DPoP header.
type Request struct {
	Method string
	Path   string // escaped, from the hub's public URL on
	Proof  string
	ID     string // X-Request-ID, "" when none was given
}

// target is the URL that a proof for the request must name: the hub's own, whatever the Host header says.
func (s *Service) target(r Request) *url.URL {
	u, err := url.Parse(s.issuer + r.Path)
	if err != nil {
		return s.base // no proof names the bare hub
	}
	return u
}

// SignIn answers an assertion with a token that is bound to the proof's key. The error is a *Refusal, or the store's or the
// ledger's. Once the card's certificate is known to be good, whatever comes of it is in the audit.
func (s *Service) SignIn(ctx context.Context, compact string, r Request) (Grant, error) {
	proof, err := parseProof(r.Proof, r.Method, s.target(r))
	if err != nil {
		return Grant{}, refuse(ProofInvalid, "%v", err)
	}
	a, err := parseAssertion(compact)
	if err != nil {
		return Grant{}, refuse(AssertionInvalid, "%v", err)
	}
	now := s.clock()
	if refusal := trust(a.chain, s.ca, now); refusal != nil {
		return Grant{}, refusal
	}
	e := &store.Entry{Audit: store.AuditRecord{At: now, RequestID: r.ID, Action: "sign in", Person: a.chain[0].Subject.CommonName}}
	g, refusal, err := s.admit(ctx, a, proof, now, e)
	if err != nil {
		return Grant{}, err
	}
	if refusal == nil {
		e.Audit.Outcome = "granted"
		err = s.ledger.Write(ctx, e)
		if refusal = refusedEntry(err); refusal == nil {
			return g, err
		}
	}
	return Grant{}, s.refused(ctx, refusal, e.Audit)
}

// admit decides about an assertion of a trusted certificate, and fills the entry that its success will leave.
func (s *Service) admit(ctx context.Context, a *assertion, proof *Proof, now time.Time, e *store.Entry) (Grant, *Refusal, error) {
	certificate := CertificateOf(a.chain[0])
	revoked, err := s.store.CertificateRevoked(ctx, certificate)
	if err != nil {
		return Grant{}, nil, fmt.Errorf("revocation list: %w", err)
	}
	if revoked {
		return Grant{}, refuse(CertificateRevoked, "the certificate is on the list"), nil
	}
	uuid, ok := uuidOf(a.chain[0])
	if !ok {
		return Grant{}, refuse(CertificateUntrusted, "the certificate's common name is not a UUID of 12 digits"), nil
	}
	if refusal := a.claims.check(uuid, s.audience(), proof.Thumb); refusal != nil {
		return Grant{}, refusal, nil
	}
	if refusal := a.claims.checkTime(now); refusal != nil {
		return Grant{}, refusal, nil
	}
	if !proof.fresh(now) {
		return Grant{}, refuse(ProofInvalid, "iat is more than %s off", clockLeeway), nil
	}
	person, err := s.store.Person(ctx, uuid)
	if errors.Is(err, store.ErrNotFound) {
		return Grant{}, refuse(PersonUnknown, "the hub has no such person"), nil
	}
	if err != nil {
		return Grant{}, nil, fmt.Errorf("person: %w", err)
	}
	token, err := s.secret()
	if err != nil {
		return Grant{}, nil, err
	}
	session := &store.Session{
		ID: s.newID(), TokenHash: tokenHash(token), Person: uuid, KeyThumb: proof.Thumb, Certificate: certificate,
		Begun: now, Seen: now, Expires: lasts(now, s.max, a.chain[0].NotAfter),
	}
	idToken, err := s.idToken(person, *session)
	if err != nil {
		return Grant{}, nil, err
	}
	e.Proof, e.Assertion, e.Nonce, e.Begin = &proof.once, a.claims.once(), hash("nonce", a.claims.Nonce), session
	e.Audit.Session = session.ID
	return Grant{token, session.Expires.Sub(now), idToken, session.ID}, nil, nil
}

// refusedEntry is the refusal that the ledger's own one means; nil for success and for a failure.
func refusedEntry(err error) *Refusal {
	switch {
	case errors.Is(err, store.ErrProofUsed):
		return refuse(ProofInvalid, "the proof was used before")
	case errors.Is(err, store.ErrAssertionUsed):
		return refuse(AssertionInvalid, "the assertion was used before")
	case errors.Is(err, store.ErrNonceUnknown):
		return refuse(NonceUnknown, "the nonce was never given, was used, or has lapsed")
	default:
		return nil
	}
}

// refused puts the refusal into the audit before it is told.
func (s *Service) refused(ctx context.Context, refusal *Refusal, a store.AuditRecord) error {
	a.Outcome, a.Reason, a.Session = "refused", string(refusal.Reason), ""
	if err := s.ledger.Write(ctx, &store.Entry{Audit: a}); err != nil {
		return err
	}
	return refusal
}

// tokenHash is what is kept of an access token.
func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
