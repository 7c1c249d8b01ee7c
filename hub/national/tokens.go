package national

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Limits of tokens.
const (
	assertionTime = 4 * time.Minute  // lifetime of a client assertion; the platform allows five minutes, by its clock
	renewBefore   = 30 * time.Second // a token that ends earlier than this is replaced
	maxTokenTime  = time.Hour        // maximum lifetime that the hub accepts of a token
	maxTokens     = 10_000           // tokens of persons in memory
	maxSkew       = time.Minute      // difference of the clocks from which a refusal names it
	maxTokenBody  = 64 << 10
	maxTokenChars = 16 << 10
)

// Values of the requests for tokens (RFC 7523, RFC 8693; NHS API platform, security and authorisation).
const (
	grantClient   = "client_credentials"
	grantExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
	typeAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	typeIDToken   = "urn:ietf:params:oauth:token-type:id_token"
)

// TokensConfig configures Tokens. All fields are required, except for those that may be nil.
type TokensConfig struct {
	URL    string          // the token end-point, which is also the audience of the client assertion
	APIKey string          // issuer and subject of the client assertion
	KeyID  string          // kid of the private key
	Key    *rsa.PrivateKey // signs client assertions with RS512
	// IDToken returns the CIS2 ID token of the person, or an error if the session has none. It is nil for
	// application-restricted access.
	IDToken func(ctx context.Context, who Caller) (string, error)
	HTTP    *http.Client // see NewHTTP; nil trusts the system's CAs
	Clock   func() time.Time
	NewID   func() string // returns a new UUID
}

// Tokens obtains access tokens of the NHS API platform and stores them in memory only. For a person in a context with
// a [Caller] it exchanges the person's ID token, if IDToken is set. Otherwise it uses the hub's own access. It is safe
// for concurrent use.
type Tokens struct {
	config TokensConfig
	signer jose.Signer

	mu  sync.Mutex
	all map[tokenKey]*token
}

// tokenKey identifies a token: the hash of the person's ID token, or zero for the hub's own.
type tokenKey [sha256.Size]byte

// token is an access token, or one that is being obtained.
type token struct {
	slot  chan struct{} // a semaphore of the request that obtains it
	value string
	ends  time.Time // when it is replaced
}

// NewTokens returns Tokens. It makes no request. The error is that the key can't sign.
func NewTokens(c TokensConfig) (*Tokens, error) {
	if c.HTTP == nil {
		c.HTTP = NewHTTP(nil)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS512, Key: c.Key},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", c.KeyID))
	if err != nil {
		return nil, errors.New("national: the key cannot sign with RS512")
	}
	return &Tokens{config: c, signer: signer, all: make(map[tokenKey]*token)}, nil
}

// OfPersons reports whether persons have tokens of their own. It is false for nil.
func (t *Tokens) OfPersons() bool { return t != nil && t.config.IDToken != nil }

// Token returns an access token for the caller in ctx. The error is a *Failure without a service: SignInNeeded if the
// session has no ID token, Refused, Malformed, Busy, TimedOut or Unavailable; or that of the connection.
func (t *Tokens) Token(ctx context.Context) (string, error) {
	form := url.Values{"grant_type": {grantClient}}
	key := tokenKey{}
	if who, ok := CallerOf(ctx); ok && t.OfPersons() {
		id, err := t.idToken(ctx, who)
		if err != nil {
			return "", err
		}
		form = url.Values{
			"grant_type": {grantExchange}, "subject_token_type": {typeIDToken}, "subject_token": {id},
		}
		key = sha256.Sum256([]byte(id))
	}

	held := t.entry(key)
	select {
	case held.slot <- struct{}{}:
		defer func() { <-held.slot }()
	case <-ctx.Done():
		return "", &Failure{Kind: TimedOut, Detail: "no token in time"}
	}

	if value, ok := t.current(held); ok {
		return value, nil
	}

	value, lifetime, err := t.obtain(ctx, form)
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	held.value, held.ends = value, t.config.Clock().Add(lifetime-min(renewBefore, lifetime/2))
	return value, nil
}

// idToken returns the person's ID token. The error is a *Failure of kind SignInNeeded.
func (t *Tokens) idToken(ctx context.Context, who Caller) (string, error) {
	id, err := t.config.IDToken(ctx, who)
	if err != nil || id == "" {
		return "", &Failure{Kind: SignInNeeded, Detail: "the session has no CIS2 ID token"}
	}
	return id, nil
}

// current returns the token, unless it must be obtained.
func (t *Tokens) current(held *token) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return held.value, held.value != "" && t.config.Clock().Before(held.ends)
}

// entry returns the entry of a key. Before it adds one, it deletes those that have ended, and others if there are too
// many.
func (t *Tokens) entry(key tokenKey) *token {
	t.mu.Lock()
	defer t.mu.Unlock()
	if held, ok := t.all[key]; ok {
		return held
	}
	for k, old := range t.all {
		ended := old.value != "" && !t.config.Clock().Before(old.ends)
		if ended || len(t.all) >= maxTokens {
			delete(t.all, k)
		}
	}
	held := &token{slot: make(chan struct{}, 1)}
	t.all[key] = held
	return held
}

// Forget drops a token that the service refused.
func (t *Tokens) Forget(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, held := range t.all {
		if held.value == value {
			held.value = ""
		}
	}
}

// ForgetPerson drops the token of the person with that ID token, whose session has ended.
func (t *Tokens) ForgetPerson(idToken string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, sha256.Sum256([]byte(idToken)))
}

// obtain requests a token and returns its lifetime.
func (t *Tokens) obtain(ctx context.Context, form url.Values) (string, time.Duration, error) {
	assertion, err := t.assertion()
	if err != nil {
		return "", 0, &Failure{Kind: Refused, Detail: "the client assertion could not be signed"}
	}

	form.Set("client_assertion_type", typeAssertion)
	form.Set("client_assertion", assertion)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.config.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, &Failure{Kind: Unavailable, Detail: "the address of the token end-point is not valid"}
	}

	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	a, err := exchange(t.config.HTTP, req, maxTokenBody)
	if err != nil {
		return "", 0, err
	}
	if a.Status != http.StatusOK {
		return "", 0, t.refused(a)
	}

	return readToken(a)
}

// assertion returns a new client assertion.
func (t *Tokens) assertion() (string, error) {
	now := t.config.Clock()
	return jwt.Signed(t.signer).Claims(jwt.Claims{
		Issuer: t.config.APIKey, Subject: t.config.APIKey, Audience: jwt.Audience{t.config.URL},
		ID: t.config.NewID(), Expiry: jwt.NewNumericDate(now.Add(assertionTime)),
	}).Serialize() //nolint:misspell // go-jose's spelling
}

// errorCode matches an error code of OAuth (RFC 6749 §5.2).
var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// refused returns the Failure for an answer of the token end-point with an error. It contains the error's code, and
// not its description, which may quote the request.
func (t *Tokens) refused(a Answer) *Failure {
	f := &Failure{Kind: Refused, Status: a.Status, Wait: retryAfter(a, t.config.Clock())}
	switch {
	case a.Status == http.StatusTooManyRequests:
		f.Kind = Busy
	case a.Status == http.StatusRequestTimeout, a.Status == http.StatusGatewayTimeout:
		f.Kind = TimedOut
	case a.Status >= http.StatusInternalServerError:
		f.Kind = Unavailable
	}

	var said struct {
		Error string `json:"error"`
	}
	f.Detail = "no token"
	if json.Unmarshal(a.Body, &said) == nil && errorCode.MatchString(said.Error) {
		f.Detail = "no token: " + said.Error
	}
	if date, err := http.ParseTime(a.Header.Get("Date")); err == nil {
		if skew := t.config.Clock().Sub(date).Round(time.Second); skew.Abs() > maxSkew {
			f.Detail += "; the hub's clock differs from the platform's by " + skew.String()
		}
	}
	return f
}

// readToken parses an answer with a token. expires_in is a number of seconds, or a string with it.
func readToken(a Answer) (string, time.Duration, error) {
	malformed := &Failure{Kind: Malformed, Status: a.Status, Detail: "the answer with the token cannot be parsed"}
	var got struct {
		Token   string          `json:"access_token"`
		Type    string          `json:"token_type"`
		Expires json.RawMessage `json:"expires_in"`
	}
	if json.Unmarshal(a.Body, &got) != nil || !strings.EqualFold(got.Type, "bearer") || !validToken(got.Token) {
		return "", 0, malformed
	}
	seconds, err := strconv.Atoi(string(bytes.Trim(got.Expires, `"`)))
	if err != nil || seconds <= 0 {
		return "", 0, malformed
	}
	return got.Token, time.Duration(min(seconds, int(maxTokenTime/time.Second))) * time.Second, nil
}

// validToken reports whether s can be sent in a header: printable ASCII without spaces.
func validToken(s string) bool {
	unprintable := func(r rune) bool { return r <= ' ' || r > '~' }
	return s != "" && len(s) <= maxTokenChars && strings.IndexFunc(s, unprintable) < 0
}

// minKeyBits is the minimum length of an RSA key. The platform's guidance is to generate 4096 bits.
const minKeyBits = 2048

// ReadKey returns the RSA private key in a PEM text, in PKCS #1 or PKCS #8. Errors don't quote the text.
func ReadKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("there is no key in PEM")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		var isRSA bool
		if key, isRSA = parsed.(*rsa.PrivateKey); err != nil || !isRSA {
			return nil, errors.New("the key is not an RSA private key, or it is encrypted")
		}
	}
	if key.N.BitLen() < minKeyBits {
		return nil, fmt.Errorf("the key has %d bits, and %d are the minimum", key.N.BitLen(), minKeyBits)
	}
	return key, nil
}
