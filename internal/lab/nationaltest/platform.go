// Package nationaltest is a stand-in for the NHS API platform: the token end-point, PDS behind it, its limits, and
// failures that tests switch on. It checks what the hub sends by the platform's rules, without using code of the hub.
// Only tests import it.
package nationaltest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// The registration of the hub at the platform.
const (
	APIKey = "Kq7dAPIkeyOfTheHub0123456789"
	KeyID  = "hub-1"
)

// TokenTime is the lifetime of an access token, which the platform states as the string "599".
const TokenTime = 599 * time.Second

// PDSBase is the base path of PDS.
const PDSBase = "/personal-demographics/FHIR/R4"

// Place is a part of the platform whose answers a test can replace.
type Place string

// Places.
const (
	Token   Place = "token"
	Search  Place = "search"
	Patient Place = "patient"
	Related Place = "related"
)

// Request is a request that the platform received.
type Request struct {
	Place  Place
	Path   string
	Query  string
	Header http.Header
	Form   map[string][]string // of a request for a token
}

// Platform is the stand-in. Its methods are safe for concurrent use.
type Platform struct {
	URL string // without a trailing slash; https
	// IDToken reports whether a person's CIS2 ID token is valid. It is nil if none is.
	IDToken func(token string) bool

	tb     testing.TB
	server *httptest.Server
	key    *rsa.PrivateKey
	clock  func() time.Time

	mu       sync.Mutex
	tokens   map[string]access
	used     map[string]bool // jti of assertions
	requests []Request
	replaced map[Place]http.HandlerFunc
	left     int // requests until the limit; negative for no limit
	wait     int // Retry-After in seconds
	people   map[string]*person
	handlers map[string]handler // more services, by the beginning of their path
}

// access is what an access token permits.
type access struct {
	ends   time.Time
	person bool // from a token exchange
}

type handler struct {
	place Place
	serve http.HandlerFunc
}

// newKey returns the key of all platforms of a test program, because it takes long to generate.
var newKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// New starts a platform, which stops at the end of the test.
func New(tb testing.TB, clock func() time.Time) *Platform {
	tb.Helper()
	key, err := newKey()
	if err != nil {
		tb.Fatal(err)
	}

	p := &Platform{
		tb: tb, key: key, clock: clock, tokens: make(map[string]access), used: make(map[string]bool),
		replaced: make(map[Place]http.HandlerFunc), left: -1, people: make(map[string]*person),
		handlers: make(map[string]handler),
	}
	p.server = httptest.NewUnstartedServer(p)
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.server.StartTLS()
	p.URL = p.server.URL
	tb.Cleanup(p.server.Close)
	return p
}

// TokenURL returns the address of the token end-point.
func (p *Platform) TokenURL() string { return p.URL + "/oauth2/token" }

// PDSURL returns the base address of PDS.
func (p *Platform) PDSURL() string { return p.URL + PDSBase }

// Key returns the private key that is registered for the hub.
func (p *Platform) Key() *rsa.PrivateKey { return p.key }

// KeyPEM returns that key in PEM.
func (p *Platform) KeyPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(p.key)})
}

// CAPEM returns the certificate with which the platform's certificate is checked, in PEM.
func (p *Platform) CAPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.server.Certificate().Raw})
}

// Roots returns that certificate in a pool.
func (p *Platform) Roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(p.server.Certificate())
	return roots
}

// Serve adds a service of the platform. Requests whose path begins with prefix need an access token, and the limits
// and replaced answers of the place hold for them.
func (p *Platform) Serve(prefix string, place Place, serve http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.handlers[prefix] = handler{place, serve}
}

// Replace makes the place answer with h, or normally again if h is nil.
func (p *Platform) Replace(place Place, h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.replaced[place] = h
}

// Limit allows so many more requests. Later ones are answered with 429 and a Retry-After in seconds. A negative number
// is no limit.
func (p *Platform) Limit(requests, wait int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.wait = requests, wait
}

// EndTokens makes all access tokens invalid.
func (p *Platform) EndTokens() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.tokens)
}

// Stop closes the platform's port.
func (p *Platform) Stop() { p.server.Close() }

// Requests returns the requests to a place.
func (p *Platform) Requests(place Place) []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Request
	for _, r := range p.requests {
		if r.Place == place {
			all = append(all, r)
		}
	}
	return all
}

// ServeHTTP implements http.Handler.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", p.now().UTC().Format(http.TimeFormat))
	place, serve := p.route(r)
	if serve == nil {
		// The platform's gateway answers a path that it doesn't know with HTML.
		http.Error(w, "<html><body><h1>404 Not Found</h1></body></html>", http.StatusNotFound)
		return
	}

	if r.Method == http.MethodPost {
		_ = r.ParseForm() // an invalid form lacks the parameters
	}

	p.mu.Lock()
	p.requests = append(p.requests, Request{place, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Clone(), r.PostForm})
	replaced := p.replaced[place]
	limited := p.left == 0
	if p.left > 0 && place != Token {
		p.left--
	}
	wait := p.wait
	p.mu.Unlock()

	switch {
	case replaced != nil:
		replaced(w, r)
	case place == Token:
		serve(w, r)
	case limited:
		w.Header().Set("Retry-After", strconv.Itoa(wait))
		outcome(w, http.StatusTooManyRequests, "throttled", "TOO_MANY_REQUESTS", "Your application is being throttled")
	case p.admitted(w, r):
		serve(w, r)
	}
}

// route returns the place that serves a request, and nil if there is none.
func (p *Platform) route(r *http.Request) (Place, http.HandlerFunc) {
	path := r.URL.Path
	below, isPDS := strings.CutPrefix(path, PDSBase+"/Patient")
	switch {
	case path == "/oauth2/token" && r.Method == http.MethodPost:
		return Token, p.issue
	case isPDS && below == "":
		return Search, p.search
	case isPDS && strings.HasSuffix(below, "/RelatedPerson"):
		return Related, p.related
	case isPDS:
		return Patient, p.patient
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	for prefix, h := range p.handlers {
		if strings.HasPrefix(path, prefix) {
			return h.place, h.serve
		}
	}
	return "", nil
}

// admitted checks what the platform's gateway checks: the token, the request's ID, and that the headers that only the
// gateway adds are missing.
func (p *Platform) admitted(w http.ResponseWriter, r *http.Request) bool {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	token, known := p.tokens[bearer]
	p.mu.Unlock()
	for name := range r.Header {
		if strings.HasPrefix(strings.ToLower(name), "nhsd-identity-") {
			p.tb.Errorf("nationaltest: got the header %s, which only the platform adds", name)
		}
	}

	id := r.Header.Get("X-Request-ID")
	switch {
	case !known:
		outcome(w, http.StatusUnauthorized, "forbidden", "ACCESS_DENIED", "Invalid Access Token")
		return false
	case p.now().After(token.ends):
		outcome(w, http.StatusUnauthorized, "forbidden", "ACCESS_DENIED", "Access Token expired")
		return false
	case uuid.Validate(id) != nil:
		outcome(w, http.StatusBadRequest, "required", "MISSING_VALUE",
			"Invalid request with error - X-Request-ID header must be supplied to access this resource")
		return false
	case !token.person && r.Header.Get("NHSD-Session-URID") != "":
		p.tb.Error("nationaltest: got NHSD-Session-URID with application-restricted access")
	}

	w.Header().Set("X-Request-ID", id)
	w.Header().Set("X-Correlation-ID", r.Header.Get("X-Correlation-ID"))
	return true
}

// personal reports whether the request has a person's token.
func (p *Platform) personal(r *http.Request) bool {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokens[bearer].person
}
