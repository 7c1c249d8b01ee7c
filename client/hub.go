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

// The least that the hub is given to answer, and the most that it may answer with.
const (
	// DefaultTimeout is how long one call may take, connection included, when Config names nothing else.
	DefaultTimeout = 5 * time.Second
	// MaxBody is the longest answer that is read, in bytes. Fifty patients with all that PDS sends are far below it.
	MaxBody = 4 << 20
)

// Config is what a Hub is made of. BaseURL, Clock and NewID are required.
type Config struct {
	BaseURL string           // "https://hub.example": https, or http to this computer alone; a path is kept
	HTTP    *http.Client     // carries the trusted roots (see NewHTTP); nil trusts what the system trusts
	Clock   func() time.Time // the time of this computer
	NewID   func() string    // a new random UUID (RFC 9562) each time
	Timeout time.Duration    // of one call; 0 means DefaultTimeout
	Agent   string           // User-Agent: "wardlight/1.2.3"
	Log     *slog.Logger     // one line a call, without patients; nil keeps none
}

// Hub is one hub. It keeps connections, no session, and is safe for concurrent use.
type Hub struct {
	base    *url.URL
	http    *http.Client
	clock   func() time.Time
	newID   func() string
	timeout time.Duration
	agent   string
	log     *slog.Logger
	suspect *atomic.Bool // the connections that are kept: the next call makes a new one
}

// New makes a Hub and calls nothing. The error says what is wrong with the configuration.
func New(c Config) (*Hub, error) {
	base, err := parseBase(c.BaseURL)
	switch {
	case err != nil:
		return nil, err
	case c.Clock == nil || c.NewID == nil:
		return nil, errors.New("client: Config needs a Clock and NewID")
	}
	h := &Hub{base: base, clock: c.Clock, newID: c.NewID, timeout: c.Timeout, agent: c.Agent, log: c.Log, suspect: new(atomic.Bool)}
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
	// A copy, so that the caller's client is left alone. A redirect is not followed: it would carry token and proof to
	// an address that nobody configured. There is no cookie jar: the session is the token, and nothing else.
	h.http = &http.Client{
		Transport:     inner.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return h, nil
}

// A line that is lost without a word, as after a change of network, is found by a ping when nothing has come over an
// HTTP/2 connection for pingAfter, and no answer to it for as long: before a call with DefaultTimeout is given up.
const pingAfter = 2 * time.Second

// idleConnTimeout is how long a connection is kept after the last call. It is shorter than pingAfter, so that pings
// are sent for calls alone: a program that nobody touches would answer one every 2 s. Lamp and record, and the lines
// of a worklist, follow each other faster than that; after a pause a call costs a handshake, as it would cost a ping
// to know that the old connection still works.
const idleConnTimeout = 1500 * time.Millisecond

// NewHTTP returns an HTTP client that trusts roots alone, or what the system trusts when roots is nil. It goes through
// the proxy of the environment, else through the system's (package proxy).
//
// Connections are kept for less time than servers commonly keep them, so that a call seldom meets a dead one; lamp and
// record share one connection where the hub speaks HTTP/2.
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
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, GetClientCertificate: noCertificate},
	}}
}

// noCertificate shows a hub that asks for a certificate of this computer none, and notes that it asked. Whether it
// goes on without is its own decision.
func noCertificate(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if t, ok := asked.Context().Value(tripKey{}).(*trip); ok {
		t.wanted.Store(true)
	}
	return new(tls.Certificate), nil
}

// parseBase takes a base URL that tokens may be sent to.
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

// loopback tells whether host is this computer, by name or by address.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// CheckBaseURL says what is wrong with a base URL; nil when New would take it.
func CheckBaseURL(s string) error {
	_, err := parseBase(s)
	return err
}
