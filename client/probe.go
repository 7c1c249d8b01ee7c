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

// Probed is what became known of the hub, and of the way to it, without a sign-in.
type Probed struct {
	Address   string   // the hub's base URL
	Host      string   // the name, or the number, in it
	Proxy     string   // host and port of the proxy that the environment or the system puts between; "" when there is none
	ProxyLost bool     // the proxy itself could not be reached
	Numbers   []string // what the name resolved to; nil for a number, and behind a proxy
	Connected bool     // the hub, or what is in its place, took the connection; a proxy that made none is not it
	Plain     bool     // no TLS: the hub is on this computer
	Shaken    bool     // the TLS handshake succeeded: the hub proved to be the hub
	TLS       string   // "TLS 1.3"; "" before the handshake
	// Certificate is the hub's own, also when it was not trusted; nil when none was shown.
	Certificate *x509.Certificate
	Answered    bool          // with an HTTP answer, whatever it says
	Dated       bool          // the answer says what time it is at the hub
	Skew        time.Duration // how far this computer's clock is ahead of the hub's, to the second
	Took        time.Duration
	Err         error // an *Error; nil when the hub gave a nonce, as only a hub does
	// Lost says that Err is of the connection that the calls go over, and that the rest is of a new one, which works.
	// The lost connection is given up, so that the next call makes a new one.
	Lost bool
}

// Probe goes the whole way to the hub: name, connection, TLS, and the question for a nonce, which needs no session
// and tells the hub nothing of anybody. It asks over the connection that calls go over, where there is one, and over
// a new one, so that neither hides what is wrong with the other. It gives what it found out until it failed.
func (h *Hub) Probe(ctx context.Context) Probed {
	used, reused := h.probe(ctx)
	if !reused {
		return used
	}
	fresh, done := h.afresh()
	defer done()
	p, _ := fresh.probe(ctx)
	if p.Err == nil && used.Err != nil {
		kind := KindOf(used.Err)
		p.Err, p.Lost = used.Err, kind == TimedOut || kind == Unreachable
		h.suspect.Store(true)
	}
	return p
}

// probe asks for a nonce and traces the way, and reports whether it went over a connection that was there.
func (h *Hub) probe(ctx context.Context) (p Probed, reused bool) {
	p = Probed{Address: h.base.String(), Host: h.base.Hostname(), Plain: h.base.Scheme == "http"}
	began := h.clock()
	p.Proxy = h.proxy(ctx)
	t := &probeTrace{before: p.Proxy != "" && !p.Plain}
	c := challengeCall(h.newID())
	ctx = context.WithValue(httptrace.WithClientTrace(ctx, t.trace()), probeKey{}, t)
	a, trip, failed := h.send(ctx, c)
	now := h.clock()
	p.Took = now.Sub(began)
	t.tell(&p)
	if failed != nil {
		p.Err, p.ProxyLost = failed, isProxyLost(failed)
		return p, trip.reused.Load()
	}
	p.Answered = true
	if _, err := http.ParseTime(a.header.Get("Date")); err == nil {
		p.Dated, p.Skew = true, skewOf(a, now).Truncate(time.Second)
	}
	if _, err := challengeOf(c, a, began, now); err != nil {
		p.Err = err
	}
	return p, trip.reused.Load()
}

// afresh returns the hub with connections of its own, so that a kept one hides nothing.
func (h *Hub) afresh() (*Hub, func()) {
	kept, ok := h.http.Transport.(*http.Transport)
	if !ok {
		return h, func() {}
	}
	transport := kept.Clone()
	again := *h
	again.suspect = new(atomic.Bool)
	again.http = &http.Client{Transport: transport, CheckRedirect: h.http.CheckRedirect}
	return &again, transport.CloseIdleConnections
}

// proxy returns the host of the proxy that a call would go through.
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

// probeKey is where a context has the *probeTrace of its probe.
type probeKey struct{}

// probeTrace gathers what the transport meets on its way. A dial that outlives the call goes on telling, hence the
// lock.
type probeTrace struct {
	mu          sync.Mutex
	before      bool // what is met is the proxy, which has not yet made the connection to the hub
	numbers     []string
	connected   bool
	shaken      bool
	version     uint16
	certificate *x509.Certificate
}

// behindProxy notes that the proxy has made the connection to the hub.
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
				} else if shown := shownBy(err); shown != nil {
					t.certificate = shown
				}
			})
		},
	}
}

func (t *probeTrace) tell(p *Probed) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p.Connected, p.Shaken, p.Certificate = t.connected, t.shaken, t.certificate
	if t.shaken {
		p.TLS = tls.VersionName(t.version)
	}
	if net.ParseIP(p.Host) == nil {
		p.Numbers = t.numbers
	}
}

// shownBy returns the certificate that failed to be trusted; nil when the handshake failed otherwise.
func shownBy(err error) *x509.Certificate {
	var failed *tls.CertificateVerificationError
	if errors.As(err, &failed) && len(failed.UnverifiedCertificates) > 0 {
		return failed.UnverifiedCertificates[0]
	}
	return nil
}
