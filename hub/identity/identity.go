package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub/holder"
	"wardlight/hub/limit"
	"wardlight/hub/store"
)

// TokenPath is where tokens are given; with the hub's public URL before it, it is the audience of an assertion.
const TokenPath = "/oauth2/token"

const (
	nonceLife   = 120 * time.Second
	secretBytes = 32 // 43 letters of base64url
	maxRefusals = 10 // records at once of a card's sign-ins that are refused, and then one a minute
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
	Store   Store
	Callers *Callers
	Ledger  Ledger
	CA      *holder.CAs
	Issuer  string // the hub's public URL, without a slash at the end
	Key     *ecdsa.PrivateKey
	Clock   func() time.Time
	NewID   func() string
	Rand    io.Reader
	Idle    time.Duration
	Max     time.Duration
	Limits  limit.Config // a zero Rate in it takes everything
}

// Service signs people in and knows them again.
type Service struct {
	store   Store
	callers *Callers
	ledger  Ledger
	ca      atomic.Pointer[holder.CAs]
	issuer  string
	base    *url.URL
	signer  jose.Signer
	clock   func() time.Time
	newID   func() string
	rand    io.Reader
	idle    time.Duration
	max     time.Duration

	nonces    nonceKeys
	lanes     *limit.Lanes
	rubbish   *limit.Buckets // of a source: sign-ins that prove nothing
	strangers *limit.Buckets // of a source: requests without a session
	signIns   *limit.Buckets // of a person: sign-ins that succeeded
	misuse    *limit.Buckets // of a session: records of requests with its token that are refused
	refusals  *limit.Buckets // of a card: records of its sign-ins that are refused
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
	buckets := func(r limit.Rate) *limit.Buckets { return limit.NewBuckets(r, limit.Most) }
	s := &Service{
		store: c.Store, callers: c.Callers, ledger: c.Ledger, issuer: c.Issuer, base: base, signer: signer, clock: c.Clock, newID: c.NewID,
		rand: c.Rand, idle: c.Idle, max: c.Max, lanes: limit.NewLanes(runtime.GOMAXPROCS(0)),
		rubbish: buckets(c.Limits.TokenSource), strangers: buckets(c.Limits.SearchSource), signIns: buckets(c.Limits.TokenPerson),
		misuse:   buckets(limit.Rate{PerSecond: 1.0 / 60, Burst: 1}),
		refusals: buckets(limit.Rate{PerSecond: 1.0 / 60, Burst: maxRefusals}),
	}
	s.Trust(c.CA)
	return s, nil
}

// Trust replaces the CAs whose certificates may sign in, from the next sign-in on.
func (s *Service) Trust(ca *holder.CAs) { s.ca.Store(ca) }

// Challenge is what a card must sign.
type Challenge struct {
	Nonce     string
	ExpiresIn time.Duration
	Audience  string
}

// Challenge returns a nonce that serves once. It carries the hub's own proof and is kept nowhere, so that a flood of
// challenges writes nothing and nobody is ever refused one. The error is the store's.
func (s *Service) Challenge(ctx context.Context) (Challenge, error) {
	nonce, err := s.signedNonce(ctx, s.clock())
	return Challenge{nonce, nonceLife, s.audience()}, err
}

func (s *Service) audience() string { return s.issuer + TokenPath }

// secret returns a random text that nobody guesses.
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
	Listed      bool // the hub has a revocation list of the CA that issued the card
}

// Request is where a proof came: the method and path of the HTTP request, and its DPoP header.
type Request struct {
	Method string
	Path   string // escaped, from the hub's public URL on
	Proof  string
	ID     string // X-Request-ID, "" when none was given
	Source string // where it came from, as the limits count it
}

// target returns the URL that a proof for the request must name: the hub's own, whatever the Host header says.
func (s *Service) target(r Request) *url.URL {
	u, err := url.Parse(s.issuer + r.Path)
	if err != nil {
		return s.base // no proof names the bare hub
	}
	return u
}

// tokenHash returns what is kept of an access token.
func tokenHash(token string) tokenKey { return sha256.Sum256([]byte(token)) }
