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

// TokenPath is the path of the token endpoint. The hub's public URL with this path is the audience of an assertion.
const TokenPath = "/oauth2/token"

const (
	nonceTimeout = 120 * time.Second
	secretBytes  = 32 // 43 characters of base64url
	maxRefusals  = 10 // audit records of refused sign-ins with one card, refilled by one a minute
)

// Store is the part of the ledger that identity reads.
type Store interface {
	store.Sessions
	store.Staff
}

// Ledger stores an entry, or returns why not (hub/audit.Writer).
type Ledger interface {
	Write(ctx context.Context, e *store.Entry) error
}

// Config configures a Service. All fields are required, except for those that may be nil.
type Config struct {
	Store   Store
	Callers *Callers
	Ledger  Ledger
	CA      *holder.CAs
	Issuer  string // the hub's public URL without a trailing slash
	Key     *ecdsa.PrivateKey
	Clock   func() time.Time
	NewID   func() string
	Rand    io.Reader
	Idle    time.Duration
	Max     time.Duration
	Limits  limit.Config // a zero Rate in it means no limit

	Provider Provider             // of the sign-in by browser; nil for none
	OnEnd    func(idToken string) // is called when a session with an ID token of the provider is ended; may be nil
}

// Service signs persons in and authenticates their requests.
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

	provider Provider // nil if there is none
	onEnd    func(idToken string)
	idTokens idTokens

	nonces          nonceKeys
	lanes           *limit.Lanes
	unprovenSignIns *limit.Buckets // by source: unproven sign-ins
	unauthenticated *limit.Buckets // by source: requests without a session
	signIns         *limit.Buckets // by person: successful sign-ins
	misuse          *limit.Buckets // by session: audit records of refused requests with its token
	refusals        *limit.Buckets // by card: audit records of its refused sign-ins
}

// New returns a Service. The issuer must be a URL with a scheme and a host.
func New(c Config) (*Service, error) {
	base, err := url.Parse(c.Issuer)
	if err != nil || base.Scheme == "" || base.Host == "" || strings.HasSuffix(c.Issuer, "/") {
		return nil, fmt.Errorf("issuer %q is not a URL such as https://hub.example", c.Issuer)
	}

	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: c.Key},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}

	buckets := func(r limit.Rate) *limit.Buckets { return limit.NewBuckets(r, limit.MaxBuckets) }
	s := &Service{
		store: c.Store, callers: c.Callers, ledger: c.Ledger, issuer: c.Issuer, base: base, signer: signer,
		clock: c.Clock, newID: c.NewID,
		rand: c.Rand, idle: c.Idle, max: c.Max, provider: c.Provider, onEnd: c.OnEnd,
		lanes:           limit.NewLanes(runtime.GOMAXPROCS(0)),
		unprovenSignIns: buckets(c.Limits.TokenSource), unauthenticated: buckets(c.Limits.SearchSource),
		signIns:  buckets(c.Limits.TokenPerson),
		misuse:   buckets(limit.Rate{PerSecond: 1.0 / 60, Burst: 1}),
		refusals: buckets(limit.Rate{PerSecond: 1.0 / 60, Burst: maxRefusals}),
	}

	s.Trust(c.CA)
	return s, nil
}

// Trust replaces the CAs whose certificates may sign in, from the next sign-in on.
func (s *Service) Trust(ca *holder.CAs) { s.ca.Store(ca) }

// Challenge is a nonce that a card must sign.
type Challenge struct {
	Nonce     string
	ExpiresIn time.Duration
	Audience  string
}

// Challenge returns a nonce that is valid once. It contains the hub's MAC and isn't stored, so a flood of challenges
// writes nothing, and no client is refused a challenge. The error is the store's.
func (s *Service) Challenge(ctx context.Context) (Challenge, error) {
	nonce, err := s.signedNonce(ctx, s.clock())
	return Challenge{nonce, nonceTimeout, s.audience()}, err
}

func (s *Service) audience() string { return s.issuer + TokenPath }

// secret returns an unpredictable random text.
func (s *Service) secret() (string, error) {
	b := make([]byte, secretBytes)
	if _, err := io.ReadFull(s.rand, b); err != nil {
		return "", fmt.Errorf("random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// Grant is the result of a successful sign-in.
type Grant struct {
	AccessToken string
	ExpiresIn   time.Duration
	IDToken     string
	Session     string
	Listed      bool // the hub has a revocation list of the card's CA
}

// Request identifies the HTTP request of a proof: its method, its path and its DPoP header.
type Request struct {
	Method string
	Path   string // escaped, relative to the hub's public URL
	Proof  string
	ID     string // X-Request-ID; "" if there was none
	Source string // the source of the request, as the limits count it
}

// target returns the URL for which a proof must be made. It uses the hub's public URL and ignores the Host header.
func (s *Service) target(r Request) *url.URL {
	u, err := url.Parse(s.issuer + r.Path)
	if err != nil {
		return s.base // no proof is for the base URL
	}
	return u
}

// tokenHash returns the stored form of an access token.
func tokenHash(token string) tokenKey { return sha256.Sum256([]byte(token)) }
