package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

// ProbeResult is the result of a Probe: what is known about the hub and the connection to it.
type ProbeResult struct {
	Address          string   // the hub's base URL
	Host             string   // host name or IP address in it
	Proxy            string   // host and port of the proxy in the environment or system settings; "" for none
	ProxyUnreachable bool     // the proxy could not be reached
	Addresses        []string // IP addresses of the host name; nil for an IP address, and behind a proxy
	Connected        bool     // connected to the hub or what is in its place; a proxy that did not connect is not
	Plaintext        bool     // no TLS, on loopback
	HandshakeDone    bool     // the TLS handshake succeeded with a trusted certificate
	TLS              string   // such as "TLS 1.3"; "" before the handshake
	// Certificate is the hub's certificate, whether trusted or not. It is nil if none was received.
	Certificate *x509.Certificate
	Answered    bool          // there was an HTTP response of any kind
	HasDate     bool          // the response has a Date header
	Skew        time.Duration // how far this computer's clock is ahead of the hub's, in whole seconds
	Took        time.Duration
	Err         error // an *Error; nil if the hub returned a nonce
	// ConnectionLost reports that Err is of the existing connection for calls, and that the other fields are of a new
	// one, which works. The existing connection is closed, so that the next call makes a new one.
	ConnectionLost bool
}

// Probe tests name resolution, connection, TLS, and the request for a nonce, which needs no session and identifies
// nobody. It uses an existing connection, if there is one, and also a new one, so that a fault of either is detected.
// On an error it returns what it has found until then.
func (h *Hub) Probe(ctx context.Context) ProbeResult {
	used, reused := h.probe(ctx)
	if !reused {
		return used
	}
	fresh, done := h.withNewConnections()
	defer done()
	p, _ := fresh.probe(ctx)
	if p.Err == nil && used.Err != nil {
		kind := KindOf(used.Err)
		p.Err, p.ConnectionLost = used.Err, kind == TimedOut || kind == Unreachable
		h.suspect.Store(true)
	}
	return p
}

// probe requests a nonce, traces the connection, and reports whether an existing connection was used.
func (h *Hub) probe(ctx context.Context) (p ProbeResult, reused bool) {
	p = ProbeResult{Address: h.base.String(), Host: h.base.Hostname(), Plaintext: h.base.Scheme == "http"}
	began := h.clock()
	p.Proxy = h.proxy(ctx)
	t := &probeTrace{before: p.Proxy != "" && !p.Plaintext}
	c := challengeCall(h.newID())
	ctx = context.WithValue(httptrace.WithClientTrace(ctx, t.trace()), probeKey{}, t)
	a, trip, failed := h.send(ctx, c)
	now := h.clock()
	p.Took = now.Sub(began)
	t.addTo(&p)
	if failed != nil {
		p.Err, p.ProxyUnreachable = failed, isProxyLost(failed)
		return p, trip.reused.Load()
	}

	p.Answered = true
	if _, err := http.ParseTime(a.header.Get("Date")); err == nil {
		p.HasDate, p.Skew = true, skewOf(a, now).Truncate(time.Second)
	}

	if _, err := challengeOf(c, a, began, now); err != nil {
		p.Err = err
	}

	return p, trip.reused.Load()
}

// withNewConnections returns a copy of the hub with separate connections.
func (h *Hub) withNewConnections() (*Hub, func()) {
	saved, ok := h.http.Transport.(*http.Transport)
	if !ok {
		return h, func() {}
	}
	transport := saved.Clone()
	again := *h
	again.suspect = new(atomic.Bool)
	again.http = &http.Client{Transport: transport, CheckRedirect: h.http.CheckRedirect}
	return &again, transport.CloseIdleConnections
}

// proxy returns the host of the proxy for calls, or "".
func (h *Hub) proxy(ctx context.Context) string {
	transport, ok := h.http.Transport.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return ""
	}
	proxy, err := transport.Proxy((&http.Request{URL: h.base}).WithContext(ctx))
	if err != nil || proxy == nil {
		return ""
	}
	return proxy.Host
}

// probeKey is the context key of the probe's *probeTrace.
type probeKey struct{}

// probeTrace collects events of the transport. It needs a lock, because a dial may continue after the call has
// returned.
type probeTrace struct {
	mu          sync.Mutex
	before      bool // the events are the proxy's, which is not yet connected to the hub
	numbers     []string
	connected   bool
	shaken      bool
	version     uint16
	certificate *x509.Certificate
}

// behindProxy records that the proxy has connected to the hub.
func (t *probeTrace) behindProxy() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.before, t.connected = false, true
}

func (t *probeTrace) trace() *httptrace.ClientTrace {
	locked := func(f func()) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if !t.before {
			f()
		}
	}

	return &httptrace.ClientTrace{
		DNSDone: func(i httptrace.DNSDoneInfo) {
			locked(func() {
				for _, a := range i.Addrs {
					t.numbers = append(t.numbers, a.String())
				}
			})
		},
		ConnectDone: func(_, _ string, err error) { locked(func() { t.connected = t.connected || err == nil }) },
		GotConn:     func(httptrace.GotConnInfo) { locked(func() { t.connected = true }) },
		TLSHandshakeDone: func(s tls.ConnectionState, err error) {
			locked(func() {
				if err == nil {
					t.shaken, t.version = true, s.Version
				}
				if len(s.PeerCertificates) > 0 {
					t.certificate = s.PeerCertificates[0]
				} else if shown := rejectedCertificate(err); shown != nil {
					t.certificate = shown
				}
			})
		},
	}
}

func (t *probeTrace) addTo(p *ProbeResult) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p.Connected, p.HandshakeDone, p.Certificate = t.connected, t.shaken, t.certificate
	if t.shaken {
		p.TLS = tls.VersionName(t.version)
	}
	if net.ParseIP(p.Host) == nil {
		p.Addresses = t.numbers
	}
}

// rejectedCertificate returns the certificate that was not trusted, or nil if the handshake failed for another reason.
func rejectedCertificate(err error) *x509.Certificate {
	var failed *tls.CertificateVerificationError
	if errors.As(err, &failed) && len(failed.UnverifiedCertificates) > 0 {
		return failed.UnverifiedCertificates[0]
	}
	return nil
}
