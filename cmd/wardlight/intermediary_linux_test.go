//go:build linux

package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/lab/people"
)

// An intermediary is a proxy that ends TLS, as a hospital may have one. It reads and changes the hub's answers.
type intermediary struct {
	*httptest.Server
	hub   http.Handler // forwards to the hub
	spoil atomic.Pointer[func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder)]
}

func newIntermediary(t *testing.T) *intermediary {
	t.Helper()
	p := new(intermediary)
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

// to makes the proxy forward to a hub with a certificate of the CA in the file.
func (p *intermediary) to(t *testing.T, address, caFile string) {
	t.Helper()
	pem, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatalf("%s: got no certificate, want one", caFile)
	}
	p.hub = &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "https", Host: address}) },
		Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots}},
	}
}

// ServeHTTP gets the whole answer of the hub, and then spoils it.
func (p *intermediary) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got := httptest.NewRecorder()
	p.hub.ServeHTTP(got, r)
	if spoil := p.spoil.Load(); spoil != nil {
		(*spoil)(w, r, got)
		return
	}
	send(w, got, got.Body.Bytes(), 0)
}

// send answers with the status and the headers of got, and with a body. It says that the body has more bytes.
func send(w http.ResponseWriter, got *httptest.ResponseRecorder, body []byte, more int) {
	for name, values := range got.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+more))
	w.WriteHeader(got.Code)
	_, _ = w.Write(body)
}

// page returns a function that answers with a document of the proxy instead of the hub's answer.
func page(status int) func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
	return func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>Proxy</title><h1>The page cannot be shown</h1>")
	}
}

// TestNetwork_Intermediary spoils the hub's answers in a proxy that ends TLS. The hub has recorded an opening then, so
// that the user must be able to repeat it without a second record.
func TestNetwork_Intermediary(t *testing.T) {
	t.Parallel() // each test starts its own services
	proxy := newIntermediary(t)
	w := newNetworkSite(t, proxy.URL, time.Now)
	proxy.to(t, w.hub.HubAddress(), w.hub.CAFile())
	w.start(30 * time.Second)

	for _, c := range []struct {
		name  string
		spoil func(http.ResponseWriter, *http.Request, *httptest.ResponseRecorder)
		only  []step
		code  string
	}{
		{name: "truncated JSON", spoil: func(w http.ResponseWriter, _ *http.Request, got *httptest.ResponseRecorder) {
			send(w, got, got.Body.Bytes()[:got.Body.Len()/2], 0)
		}, code: "H14-200"},
		{name: "content length too long", spoil: func(w http.ResponseWriter, _ *http.Request,
			got *httptest.ResponseRecorder,
		) {
			send(w, got, got.Body.Bytes(), 100) // the connection is closed before the rest
		}, code: "H14-200"},
		{name: "error page", spoil: page(http.StatusBadGateway), code: "H16-502"},
		{name: "error page of a gateway that waited", spoil: page(http.StatusGatewayTimeout), code: "H12-504"},
		{name: "page with status 200", spoil: page(http.StatusOK), code: "H14-200"},
		{name: "answer twice in one", spoil: func(w http.ResponseWriter, _ *http.Request,
			got *httptest.ResponseRecorder,
		) {
			send(w, got, append(bytes.Clone(got.Body.Bytes()), got.Body.Bytes()...), 0)
		}, code: "H14-200"},
		{name: "two answers", spoil: twice},
		{name: "answer about another patient", spoil: func(w http.ResponseWriter, r *http.Request,
			got *httptest.ResponseRecorder,
		) {
			body := got.Body.Bytes()
			// a record with another number replaces the one asked for
			if !strings.HasPrefix(r.URL.Path, "/personal-demographics/") {
				body = bytes.ReplaceAll(body, []byte(people.OnPlan.Digits()), []byte(people.TwoAuthorities.Digits()))
			}
			send(w, got, body, 0)
		}, only: []step{stepCheck, stepOpening}, code: "H14-200"},
		{name: "answer to another request", spoil: func(w http.ResponseWriter, _ *http.Request,
			got *httptest.ResponseRecorder,
		) {
			got.Header().Set("X-Request-ID", "9c8d0f0e-2f1c-4df6-8a3f-000000000000")
			send(w, got, got.Body.Bytes(), 0)
		}, only: []step{stepCheck, stepOpening, stepSearch, stepList}, code: "H14-200"},
	} {
		ok := t.Run(c.name, func(t *testing.T) {
			w.walk(t, networkFault{
				cause: func() { proxy.spoil.Store(&c.spoil) }, heal: func() { proxy.spoil.Store(nil) },
				only: c.only, code: c.code, recorded: c.code != "",
			})
			if out := w.term.Output(); bytes.Contains(out, []byte("Unsolicited response")) {
				t.Errorf("got net/http's log of an answer on the terminal, want nothing but the screens")
			}
		})
		if !ok {
			return // the terminal shows another screen than the next fault expects
		}
	}
}

// twice writes the answer two times on the connection, and closes it.
func twice(w http.ResponseWriter, r *http.Request, got *httptest.ResponseRecorder) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	for range 2 {
		_ = (&http.Response{
			StatusCode: got.Code, ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: got.Header(),
			Body: io.NopCloser(bytes.NewReader(got.Body.Bytes())), ContentLength: int64(got.Body.Len()),
		}).Write(conn)
	}
}
