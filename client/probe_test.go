package client_test

import (
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/client/hubtest"
)

// probe probes a hub at an address, with those roots and at that time of this computer.
func probe(t *testing.T, address string, roots *x509.CertPool, now time.Time) client.ProbeResult {
	t.Helper()
	transport := client.NewHTTP(roots)
	transport.Transport.(*http.Transport).Proxy = nil
	h, err := client.New(client.Config{
		BaseURL: address, HTTP: transport, Clock: func() time.Time {
			return now
		}, NewID: uuid.NewString, Timeout: 20 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h.Probe(t.Context())
}

func kindOf(err error) string {
	if err == nil {
		return ""
	}
	return client.KindOf(err).String()
}

func TestAProbeGoesTheWholeWayWithoutASignIn(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	hub := hubtest.New(t, func() time.Time { return at })
	p := probe(t, hub.URL, hub.Roots, at.Add(-7*time.Minute))
	if p.Err != nil || !p.Connected || !p.HandshakeDone || !p.Answered || !p.HasDate || p.Plaintext {
		t.Errorf("Probe = %+v, want no error, over TLS", p)
	}
	if p.Address != hub.URL || p.Host != "127.0.0.1" || p.Addresses != nil || p.TLS != "TLS 1.3" ||
		!p.Certificate.Equal(hub.Certificate()) {
		t.Errorf("Probe = %+v, want the address and certificate of the hub", p)
	}
	if p.Skew != -7*time.Minute {
		t.Errorf("Skew = %s, want -7m", p.Skew)
	}
	if hub.LiveSessions() != 0 {
		t.Error("Probe started a session")
	}
}

func TestProbe_Failures(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	hub := hubtest.New(t, func() time.Time { return at })
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	closed := "https://" + silent.Addr().String()
	silent.Close()

	for name, c := range map[string]struct {
		address string
		roots   *x509.CertPool
		answer  http.HandlerFunc
		kind    string
		came    [3]bool // Connected, HandshakeDone, Answered
	}{
		"nobody listens": {closed, hub.Roots, nil, "unreachable", [3]bool{}},
		"no such name":   {"https://hub.invalid", hub.Roots, nil, "unreachable", [3]bool{}},
		"wrong CA":       {hub.URL, x509.NewCertPool(), nil, "untrusted", [3]bool{true, false, false}},
		"failing": {
			hub.URL, hub.Roots, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusServiceUnavailable)
			},
			"failing",
			[3]bool{true, true, true},
		},
		"no hub at all": {
			hub.URL, hub.Roots, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte("Sign in to the guest network"))
			},
			"rubbish",
			[3]bool{true, true, true},
		},
		"hangs up": {
			hub.URL, hub.Roots, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			"unreachable",
			[3]bool{true, true, false},
		},
	} {
		t.Run(name, func(t *testing.T) {
			hub.Answer(hubtest.Challenge, c.answer)
			p := probe(t, c.address, c.roots, at)
			if came := [3]bool{p.Connected, p.HandshakeDone, p.Answered}; kindOf(p.Err) != c.kind || came != c.came {
				t.Errorf("Probe: got connected, shaken, answered %v, %v (%s), want %v, %s",
					came, p.Err, kindOf(p.Err), c.came, c.kind)
			}
			if p.Err != nil && !errors.As(p.Err, new(*client.Error)) {
				t.Errorf("type of Probed.Err: got %T, want *client.Error", p.Err)
			}
			if c.kind == "untrusted" && !p.Certificate.Equal(hub.Certificate()) {
				t.Error("Certificate of an untrusted hub: got another or none, want the hub's")
			}
		})
	}
}
