package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"wardlight/internal/proxy"
)

// Default timeout, and maximum length of an answer.
const (
	// DefaultTimeout is the default of Config.Timeout, the timeout of one call including the connection.
	DefaultTimeout = 5 * time.Second
	// MaxBody is the maximum length of an answer in bytes, except for reports. Fifty PDS patients with all fields are
	// far below it.
	MaxBody = 4 << 20
)

// Config configures a Hub. BaseURL, Clock and NewID are required.
type Config struct {
	BaseURL string           // such as "https://hub.example": https, or http on loopback; may have a path
	HTTP    *http.Client     // with the trusted roots (see NewHTTP); nil trusts the system's
	Clock   func() time.Time // returns this computer's time
	NewID   func() string    // returns a new random UUID (RFC 9562)
	Timeout time.Duration    // of one call; 0 means DefaultTimeout
	Agent   string           // User-Agent, such as "wardlight/1.2.3"
	Log     *slog.Logger     // gets one line per call, without patients; nil logs nothing
}

// Hub is a client of one hub. It has connections but no session. It is safe for concurrent use.
type Hub struct {
	base    *url.URL
	http    *http.Client
	clock   func() time.Time
	newID   func() string
	timeout time.Duration
	agent   string
	log     *slog.Logger
	suspect *atomic.Bool // idle connections may be lost: the next call makes a new one
	// openingAsks is set when the hub has answered that only an opening asks its national service.
	openingAsks *atomic.Bool
	offers      *offers
}

// New returns a Hub. It makes no calls. The error is that the configuration is invalid.
func New(c Config) (*Hub, error) {
	base, err := parseBase(c.BaseURL)
	switch {
	case err != nil:
		return nil, err
	case c.Clock == nil || c.NewID == nil:
		return nil, errors.New("client: Config needs a Clock and NewID")
	}

	h := &Hub{
		base: base, clock: c.Clock, newID: c.NewID, timeout: c.Timeout, agent: c.Agent, log: c.Log,
		suspect: new(atomic.Bool), openingAsks: new(atomic.Bool), offers: new(offers),
	}
	if h.timeout <= 0 {
		h.timeout = DefaultTimeout
	}

	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}

	inner := c.HTTP
	if inner == nil {
		inner = NewHTTP(nil)
	}

	// This is a copy, so that the caller's client is not changed. Redirects are not followed, because they would send
	// token and proof to an address that is not configured. There is no cookie jar: the token is the session.
	h.http = &http.Client{
		Transport:     inner.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}

	return h, nil
}

// pingAfter is the time without data on an HTTP/2 connection until a ping is sent, and the timeout for its answer. A
// connection that was lost without notice, such as after a change of network, is thus detected before a call with
// DefaultTimeout times out.
const pingAfter = 2 * time.Second

// idleConnTimeout is how long an idle connection stays open. It is shorter than pingAfter, so that pings are sent
// during calls only; otherwise an idle program would send one every 2 s. A lamp and its record, and the lines of a
// worklist, follow each other faster than this. After a pause a call needs a handshake, which costs as much as a ping
// to test the old connection.
const idleConnTimeout = 1500 * time.Millisecond

// NewHTTP returns an HTTP client that trusts only roots, or the system's roots when roots is nil. It uses the proxy of
// the environment, or else the system's (package proxy).
//
// Idle connections are closed earlier than servers commonly do, so that a call seldom uses a dead one. Lamp and record
// share one connection if the hub supports HTTP/2.
func NewHTTP(roots *x509.CertPool) *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                  proxy.New(proxy.Config{Getenv: os.Getenv, System: proxy.System, Clock: time.Now}).Of,
		OnProxyConnectResponse: refusalOfProxy,
		DialContext:            (&net.Dialer{Timeout: DefaultTimeout, KeepAlive: 15 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter},
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        idleConnTimeout,
		TLSHandshakeTimeout:    DefaultTimeout,
		MaxResponseHeaderBytes: 64 << 10,
		TLSClientConfig: &tls.Config{
			RootCAs: roots, MinVersion: tls.VersionTLS12,
			GetClientCertificate: noCertificate,
		},
	}}
}

// noCertificate answers a request for a client certificate with none, and records the request. The hub decides whether
// to continue without one.
func noCertificate(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if t, ok := asked.Context().Value(progressKey{}).(*requestProgress); ok {
		t.certificateRequested.Store(true)
	}
	return new(tls.Certificate), nil
}

// parseBase parses and validates a base URL.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case s == "":
		return nil, errors.New("the hub's address is missing")
	case err != nil:
		return nil, fmt.Errorf("the hub's address %q is not a URL", s)
	case u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("the hub's address %q is not of the form https://hub.example", s)
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
	case u.Scheme == "http":
		return nil, fmt.Errorf("the hub's address %q must begin with https: http is for this computer alone", s)
	default:
		return nil, fmt.Errorf("the hub's address %q must begin with https", s)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// loopback reports whether host is this computer, by name or address.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
