package client_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/client/hubtest"
)

// behind probes the hub through a proxy.
func behind(t *testing.T, hub *hubtest.Hub, proxy string) client.ProbeResult {
	t.Helper()
	address, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	h := dial(t, hub, func(c *client.Config) {
		c.HTTP.Transport.(*http.Transport).Proxy = http.ProxyURL(address)
		c.Timeout = 20 * time.Second
	})
	return h.Probe(t.Context())
}

// tunnel starts a proxy that makes the requested connections.
func tunnel(t *testing.T) *httptest.Server {
	t.Helper()
	var carrying sync.WaitGroup
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
		for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
			carrying.Go(func() { _, _ = io.Copy(way[0], way[1]); _ = way[0].Close() })
		}
	}))
	t.Cleanup(func() { s.Close(); carrying.Wait() })
	return s
}

func TestAProbeTellsTheProxyFromTheHub(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	gone := "http://" + closed.Addr().String()
	_ = closed.Close()
	for name, c := range map[string]struct {
		proxy string
		kind  client.Kind
		says  string
	}{
		"refuses":       {answering(t, http.StatusForbidden), client.Intercepted, "status 403"},
		"wants to know": {answering(t, http.StatusProxyAuthRequired), client.Intercepted, "status 407"},
		"is not there":  {gone, client.Unreachable, ""},
		"has no number": {"http://proxy.invalid:3128", client.Unreachable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := behind(t, hub, c.proxy)
			if client.KindOf(p.Err) != c.kind || !strings.Contains(p.Err.Error(), c.says) || p.Connected ||
				p.HandshakeDone || p.Answered || p.Certificate != nil || p.Addresses != nil {
				t.Errorf("Probe = %+v, want kind %v with %q", p, c.kind, c.says)
			}
			if p.ProxyUnreachable != (c.kind == client.Unreachable) || "http://"+p.Proxy != c.proxy {
				t.Errorf("Probe: got ProxyLost %t, Proxy %q, want %t, %q",
					p.ProxyUnreachable, p.Proxy, c.kind == client.Unreachable, c.proxy)
			}
		})
	}

	through := tunnel(t)
	if p := behind(t, hub, through.URL); p.Err != nil || !p.Connected || !p.HandshakeDone || !p.Answered ||
		!p.Certificate.Equal(hub.Certificate()) || p.ProxyUnreachable {
		t.Errorf("Probe through a proxy = %+v, want no error", p)
	}

	hub.Stop()
	if p := behind(t, hub, through.URL); client.KindOf(p.Err) != client.Intercepted || p.Connected ||
		p.ProxyUnreachable {
		t.Errorf("Probe of a stopped hub through a proxy = %+v, want kind Intercepted", p)
	}
}

// answering starts a proxy that answers every CONNECT with the status, and returns its address.
func answering(t *testing.T, status int) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(s.Close)
	return s.URL
}

func TestAHubThatWantsACertificateOfThisComputerIsToldApart(t *testing.T) {
	for version, name := range map[uint16]string{tls.VersionTLS12: "TLS 1.2", tls.VersionTLS13: "TLS 1.3"} {
		for _, http2 := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", HTTP/2 ", http2), func(t *testing.T) {
				s := httptest.NewUnstartedServer(http.NotFoundHandler())
				s.TLS = &tls.Config{
					ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: version,
					MaxVersion: version,
				}

				s.EnableHTTP2 = http2
				s.Config.ErrorLog = log.New(io.Discard, "", 0)
				s.StartTLS()
				t.Cleanup(s.Close)
				hub := hubtest.New(t, at(noon))
				hub.Roots.AddCert(s.Certificate())
				transport := client.NewHTTP(hub.Roots)
				transport.Transport.(*http.Transport).Proxy = nil
				h, err := client.New(client.Config{
					BaseURL: s.URL, HTTP: transport, Clock: at(noon),
					NewID: uuid.NewString, Timeout: 20 * time.Second,
				})
				if err != nil {
					t.Fatal(err)
				}

				p := h.Probe(t.Context())
				var e *client.Error
				if !errors.As(p.Err, &e) || e.Kind != client.ClientCertificateRequired || e.Code() != "H18" ||
					!p.Connected {
					t.Errorf("Probe without a client certificate = %+v: %v, want kind CertificateWanted",
						p, errors.Unwrap(p.Err))
				}
			})
		}
	}
}
