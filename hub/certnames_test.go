package hub_test

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub"
	"wardlight/hub/notify"
)

// strange is a name that somebody chose for a certificate: it would set a terminal's title, and name a child.
const strange = "\x1b]0;Tess Example\a"

// shows fails where text has the name, or part of it, in it.
func shows(t *testing.T, where, text string) {
	t.Helper()
	if strings.Contains(text, "Tess") || strings.ContainsAny(text, "\x1b\a") {
		t.Errorf("%s shows a stranger's name: %q", where, text)
	}
}

func TestCertificateNames_OfACardThatNobodyTrusts(t *testing.T) {
	b := newBench(t)
	stranger := newAuthority(t, strange)
	c := stranger.issue(t, newKey(t), jose.ES256, strange)
	x := b.terminal()
	r := x.try(c, inHeader("x5c", []string{inBase64(c.cert), inBase64(stranger.cert)}))
	if _, _, why := reason(t, r); why != "certificate_untrusted" {
		t.Errorf("%d %s", r.status, r.body)
	}
	shows(t, "the log", b.log.String())
	shows(t, "the answer", r.body)
}

func TestCertificateNames_OfAnAuthoritysSystem(t *testing.T) {
	ca := newAuthority(t, "A CA", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	})
	for name, names := range map[string][]string{"another host's": {"tess.Tess-Example.example"}, "nobody's": nil} {
		c := ca.issue(t, newKey(t), jose.ES256, strange, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
			c.DNSNames, c.ExtKeyUsage = names, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		})
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{c.cert.Raw}, PrivateKey: crypto.PrivateKey(c.key)}}}
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelWarn)
		server.StartTLS()
		t.Cleanup(server.Close)
		w := &notify.Webhook{
			Client:  &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.pool, MinVersion: tls.VersionTLS12}}},
			Secrets: func(string) [][]byte { return [][]byte{make([]byte, 32)} }, Clock: time.Now,
		}
		_, err := w.Deliver(t.Context(), notify.Message{ID: "1", Endpoint: server.URL, Body: []byte("{}")})
		if err == nil || !strings.Contains(err.Error(), "another host's") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		shows(t, name, err.Error())
	}
}

func TestCertificateNames_OfATerminal(t *testing.T) {
	year := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	ca, stranger := newAuthority(t, "Terminals", year), newAuthority(t, strange, year)
	serverCard := ca.issue(t, newKey(t), jose.ES256, "hub", year)
	mine := stranger.issue(t, newKey(t), jose.ES256, strange, year)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	log := &lockedBuffer{}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- hub.Serve(ctx, l, &tls.Config{
			MinVersion: tls.VersionTLS13, ClientCAs: ca.pool, ClientAuth: tls.RequireAndVerifyClientCert,
			Certificates: []tls.Certificate{{Certificate: [][]byte{serverCard.cert.Raw}, PrivateKey: crypto.PrivateKey(serverCard.key)}},
		}, http.NotFoundHandler(), slog.New(slog.NewTextHandler(log, nil)))
	}()
	shown := &tls.Certificate{Certificate: [][]byte{mine.cert.Raw, stranger.cert.Raw}, PrivateKey: crypto.PrivateKey(mine.key)}
	conn, err := (&tls.Dialer{Config: &tls.Config{
		InsecureSkipVerify:   true, //nolint:gosec // the hub is the one that verifies here
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return shown, nil },
	}}).DialContext(t.Context(), "tcp", l.Addr().String())
	if err == nil {
		must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
		if _, err = conn.Read(make([]byte, 1)); err == nil {
			t.Error("a stranger's certificate is accepted")
		}
		_ = conn.Close()
	}
	stop()
	must(t, <-ended)
	if said := log.String(); !strings.Contains(said, "certificate was not accepted") {
		t.Errorf("the log says %q", said)
	} else {
		shows(t, "the log", said)
	}
}
