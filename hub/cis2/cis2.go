// Package cis2 is the hub's side of a sign-in by OpenID Connect with CIS2, the NHS Care Identity Service: the
// authorization request, the exchange of the code, the checks of the ID token, the person and the roles, and the
// back-channel logout.
//
// The hub is the confidential client. The browser and the redirect URI are the terminal's (RFC 8252).
package cis2

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Defaults of the configuration.
const (
	DefaultMaxAge = 5 * time.Minute // max_age of CIS2's guidance
	DefaultScopes = "openid profile nationalrbacaccess associatedorgs selectedrole"
	DefaultLevel  = 3 // of authentication and of identity
)

const (
	maxBody       = 1 << 20          // of an answer of the provider, in bytes
	callTimeout   = 10 * time.Second // of one call to the provider
	metadataAge   = time.Hour        // after which the provider's metadata is read again
	failurePause  = 5 * time.Second  // after a failed reading of the metadata
	clockLeeway   = 2 * time.Minute  // between the hub's clock and the provider's
	maxConcurrent = 16               // sign-ins that are being exchanged
)

// algorithms are the accepted signature algorithms. "none" and shared secrets are not.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512,
}

// Config configures a Provider. Issuer, ClientID, ClientSecret and Clock are required.
type Config struct {
	Issuer       string // the provider's issuer, exactly as in its metadata
	ClientID     string
	ClientSecret string
	Scopes       []string      // DefaultScopes if empty; must contain openid
	MaxAge       time.Duration // maximum age of the authentication; DefaultMaxAge if 0
	// MinAuthentication and MinIdentity are the minimum authentication_assurance_level and id_assurance_level, 1 to 3;
	// DefaultLevel if 0.
	MinAuthentication, MinIdentity int
	Organisations                  []string          // ODS codes whose roles are accepted; empty for all
	Transport                      http.RoundTripper // nil for the default; tests and private CAs replace it
	Clock                          func() time.Time
}

// Provider is an OpenID provider. It is safe for concurrent use.
type Provider struct {
	Config
	http  *http.Client
	slots chan struct{} // a semaphore of the exchanges

	mu       sync.Mutex
	known    *known
	failed   error // of the last reading of the metadata
	failedAt time.Time
}

// known is the provider's metadata.
type known struct {
	*oidc.Provider
	read  time.Time
	pkce  bool // the provider offers PKCE with S256
	style oauth2.AuthStyle
}

// New returns a Provider. It makes no call, so that the hub starts even if the provider can't be reached.
func New(c Config) (*Provider, error) {
	switch u, err := url.Parse(c.Issuer); {
	case err != nil || !secure(u) || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("issuer %q is not a URL such as https://cis2.example", c.Issuer)
	case c.ClientID == "" || c.ClientSecret == "" || c.Clock == nil:
		return nil, errors.New("cis2: client ID, client secret and clock are required")
	}

	if len(c.Scopes) == 0 {
		c.Scopes = strings.Fields(DefaultScopes)
	}
	if !slices.Contains(c.Scopes, oidc.ScopeOpenID) {
		return nil, errors.New("cis2: the scopes lack openid")
	}
	if c.MaxAge == 0 {
		c.MaxAge = DefaultMaxAge
	}
	if c.MinAuthentication == 0 {
		c.MinAuthentication = DefaultLevel
	}
	if c.MinIdentity == 0 {
		c.MinIdentity = DefaultLevel
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}

	return &Provider{Config: c, slots: make(chan struct{}, maxConcurrent), http: &http.Client{
		Transport: boundedTransport{c.Transport}, Timeout: callTimeout,
		// A redirect could lead code, secret or token to another address.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// secure reports whether a URL is https, or http on a loopback address.
func secure(u *url.URL) bool {
	host := u.Hostname()
	return host != "" && u.User == nil &&
		(u.Scheme == "https" || u.Scheme == "http" && (host == "127.0.0.1" || host == "::1" || host == "localhost"))
}

// boundedTransport limits the size of answers, because go-oidc reads them whole.
type boundedTransport struct{ http.RoundTripper }

// RoundTrip makes a request. Reading more than maxBody of the answer returns an error.
func (t boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := t.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = http.MaxBytesReader(nil, res.Body, maxBody)
	}
	return res, err
}

// context returns a context with the HTTP client, as go-oidc and oauth2 expect it.
func (p *Provider) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, p.http)
}

// metadata returns the provider's metadata (OpenID Connect Discovery 1.0). It reads it again after metadataAge, and
// uses the old one if that fails. After a failure without an old one, it doesn't ask again for failurePause.
func (p *Provider) metadata(ctx context.Context) (*known, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Clock()
	switch {
	case p.known != nil && now.Sub(p.known.read).Abs() < metadataAge:
		return p.known, nil
	case p.failed != nil && now.Sub(p.failedAt).Abs() < failurePause && p.known == nil:
		return nil, p.failed
	case p.failed != nil && now.Sub(p.failedAt).Abs() < failurePause:
		return p.known, nil
	}

	fresh, err := p.discover(ctx)
	if err != nil && ctx.Err() != nil { // the caller's own end says nothing about the provider
		return p.known, orNil(p.known == nil, err)
	}
	if p.failed, p.failedAt = err, now; err == nil {
		fresh.read = now
		p.known = fresh
	}
	return p.known, orNil(p.known == nil, err)
}

func orNil(failed bool, err error) error {
	if failed {
		return err
	}
	return nil
}

// discover reads the metadata. An error doesn't quote the answer.
func (p *Provider) discover(ctx context.Context) (*known, error) {
	found, err := oidc.NewProvider(p.context(ctx), p.Issuer)
	if err != nil {
		return nil, failed(Unavailable, "the provider's metadata could not be read"+statusOf(err))
	}

	var m struct {
		Auth      string   `json:"authorization_endpoint"`
		Token     string   `json:"token_endpoint"`
		UserInfo  string   `json:"userinfo_endpoint"`
		Keys      string   `json:"jwks_uri"`
		Challenge []string `json:"code_challenge_methods_supported"`
		Methods   []string `json:"token_endpoint_auth_methods_supported"`
	}

	if err := found.Claims(&m); err != nil {
		return nil, failed(Unavailable, "the provider's metadata is malformed")
	}
	for name, address := range map[string]string{
		"authorization_endpoint": m.Auth, "token_endpoint": m.Token, "userinfo_endpoint": m.UserInfo,
		"jwks_uri": m.Keys,
	} {
		if u, err := url.Parse(address); err != nil || !secure(u) {
			return nil, failed(Unavailable, "the provider's "+name+" is not an https URL")
		}
	}

	k := &known{Provider: found, pkce: slices.Contains(m.Challenge, "S256"), style: oauth2.AuthStyleInHeader}
	if slices.Contains(m.Methods, "client_secret_post") {
		k.style = oauth2.AuthStyleInParams
	}
	return k, nil
}

// Request is what an authorization request and the exchange of its code must agree on.
type Request struct {
	Redirect string // the terminal's redirect URI
	Nonce    string
	Verifier string // of PKCE (RFC 7636)
}

func (p *Provider) oauth(k *known, r Request) *oauth2.Config {
	endpoint := k.Endpoint()
	endpoint.AuthStyle = k.style
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: endpoint, RedirectURL: r.Redirect,
		Scopes: p.Scopes,
	}
}

// AuthURL returns the address that the person opens in the browser. The error is an *[Error].
func (p *Provider) AuthURL(ctx context.Context, state string, r Request) (string, error) {
	k, err := p.metadata(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{
		oidc.Nonce(r.Nonce), oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(p.MaxAge/time.Second))),
	}
	if k.pkce {
		options = append(options, oauth2.S256ChallengeOption(r.Verifier))
	}
	return p.oauth(k, r).AuthCodeURL(state, options...), nil
}

// Exchange exchanges a code for the person's identity. The error is an *[Error].
func (p *Provider) Exchange(ctx context.Context, code string, r Request) (Identity, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return Identity{}, failed(Unavailable, "too many sign-ins are being exchanged")
	}

	k, err := p.metadata(ctx)
	if err != nil {
		return Identity{}, err
	}

	var options []oauth2.AuthCodeOption
	if k.pkce {
		options = append(options, oauth2.VerifierOption(r.Verifier))
	}
	tokens, err := p.oauth(k, r).Exchange(p.context(ctx), code, options...)
	if err != nil {
		return Identity{}, exchangeError(err)
	}

	raw, _ := tokens.Extra("id_token").(string)
	token, err := k.verifier(p).Verify(p.context(ctx), raw)
	if err != nil {
		return Identity{}, tokenError("ID token", err)
	}
	claims, err := p.check(token, tokens.AccessToken, r.Nonce)
	if err != nil {
		return Identity{}, err
	}

	info, err := k.UserInfo(p.context(ctx), oauth2.StaticTokenSource(tokens))
	if err != nil {
		return Identity{}, failed(Unavailable, "the provider's userinfo could not be read"+statusOf(err))
	}
	person, err := p.identity(claims, token, info)
	if err != nil {
		return Identity{}, err
	}

	person.IDToken, person.IDTokenEnds = raw, token.Expiry
	return person, nil
}

func (k *known) verifier(p *Provider) *oidc.IDTokenVerifier {
	return k.Verifier(&oidc.Config{ClientID: p.ClientID, SupportedSigningAlgs: algorithms, Now: p.Clock})
}

// errorClient is an error code of RFC 6749 §5.2.
const errorClient = "unauthorized_client" //nolint:misspell // as in the RFC

// exchangeError returns the error of a token request without the provider's text.
func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	switch {
	case !errors.As(err, &refused) || refused.Response == nil:
		return failed(Unavailable, "the provider's token endpoint could not be used"+statusOf(err))
	case refused.Response.StatusCode >= http.StatusInternalServerError,
		refused.Response.StatusCode == http.StatusTooManyRequests:
		return failed(Unavailable, fmt.Sprintf("the provider's token endpoint failed with status %d",
			refused.Response.StatusCode))
	case refused.ErrorCode == "invalid_client" || refused.ErrorCode == errorClient:
		return failed(Unavailable, "the provider refused the hub's client ID or secret")
	default:
		return failed(Refused, fmt.Sprintf("the provider refused the code with status %d", refused.Response.StatusCode))
	}
}

// tokenError returns the error of a token that could not be verified, without the token's content.
func tokenError(what string, err error) error {
	var expired *oidc.TokenExpiredError
	if errors.As(err, &expired) {
		return failed(Invalid, "the "+what+" has expired")
	}
	return failed(Invalid, "the "+what+" is missing or malformed, or its signature, issuer or audience is not the "+
		"expected one")
}

// statusOf returns ": no answer" for an error of the network, and otherwise "": the text of other errors may quote the
// provider's answer.
func statusOf(err error) string {
	var network *url.Error
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return ": the answer is too long"
	case errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF):
		return ": no answer"
	}
	return ""
}
