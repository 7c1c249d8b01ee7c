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
	"wardlight/internal/certtest"
)

// strange is a certificate's name with a terminal escape sequence and a child's name in it.
const strange = "\x1b]0;Tess Example\a"

// shows fails the test if text contains the name or part of it.
func shows(t *testing.T, where, text string) {
	t.Helper()
	if strings.Contains(text, "Tess") || strings.ContainsAny(text, "\x1b\a") {
		t.Errorf("%s contains the name in an untrusted certificate: %q", where, text)
	}
}

func TestCertificateNames_OfACardThatNobodyTrusts(t *testing.T) {
	b := newFixture(t)
	unknown := newAuthority(t, strange)
	c := unknown.issue(t, certtest.P256(t), jose.ES256, strange)
	x := b.terminal()
	r := x.try(c, inHeader("x5c", []string{inBase64(c.cert), inBase64(unknown.cert)}))
	if _, _, why := reason(t, r); why != "certificate_untrusted" {
		t.Errorf("sign-in with an untrusted certificate: got status %d, body %s; want certificate_untrusted", r.status,
			r.body)
	}
	shows(t, "the answer", r.body)
	// The log must contain the issuer's name with its control characters replaced, and no other name.
	log := b.log.String()
	if strings.ContainsAny(log, "\x1b\a") || strings.Count(log, "Tess") != 1 ||
		!strings.Contains(log, "issuer CN=␛]0\\\\;Tess Example␇,O=nhs") {
		t.Errorf("got log %q, want the issuer's name once and escaped", log)
	}
}

// TestSignIn_WhyACertificateIsNotTrusted checks the reasons in the answer and in the log for invalid certificate
// chains.
func TestSignIn_WhyACertificateIsNotTrusted(t *testing.T) {
	b := newFixture(t)
	x := b.terminal()
	namesake, missing := newAuthority(t, "Sub CA"), newAuthority(t, "Missing CA")
	below := missing.below(t, "Below")
	for name, c := range map[string]struct {
		chain []*x509.Certificate
		key   *card
		fault string
		words string
		log   string
	}{
		"no such CA": {
			key: missing.issue(t, certtest.P256(t), jose.ES256, nurseUUID), fault: "unknown_ca",
			words: "of an unknown authority", log: "issuer CN=Missing CA",
		},
		"a CA came along, and not the one above it": {
			key: below.issue(t, certtest.P256(t), jose.ES256, nurseUUID), chain: []*x509.Certificate{below.cert},
			fault: "unknown_ca", words: "of an unknown authority", log: "a CA that came with it is of CN=Missing CA",
		},
		"a CA of the same name": {
			key: namesake.issue(t, certtest.P256(t), jose.ES256, nurseUUID), fault: "altered",
			words: "signature does not verify", log: "issuer CN=Sub CA",
		},
		"for servers": {key: b.ca.issue(t, certtest.P256(t), jose.ES256, nurseUUID, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}), fault: "other_use", words: "not for this use", log: "issuer CN=Sub CA"},
		"not valid yet": {key: b.ca.issue(t, certtest.P256(t), jose.ES256, nurseUUID, func(c *x509.Certificate) {
			c.NotBefore = start.AddDate(0, 0, 3)
		}), fault: "not_yet", words: "not valid yet, only from", log: "issuer CN=Sub CA"},
	} {
		t.Run(name, func(t *testing.T) {
			x5c := []string{inBase64(c.key.cert)}
			for _, ca := range c.chain {
				x5c = append(x5c, inBase64(ca))
			}
			before := len(b.log.String())
			r := x.try(c.key, inHeader("x5c", x5c))
			var e struct {
				Reason      string `json:"reason"`
				Fault       string `json:"certificate_fault"`
				Description string `json:"error_description"`
			}
			r.into(t, &e)
			if e.Reason != "certificate_untrusted" || e.Fault != c.fault || !strings.Contains(e.Description, c.words) ||
				strings.Contains(e.Description, "CN=") {
				t.Errorf("got answer %+v, want fault %s and %q in the description", e, c.fault, c.words)
			}
			if log := b.log.String()[before:]; !strings.Contains(log, c.words) || !strings.Contains(log, c.log) {
				t.Errorf("got log %q, want %q and %q in it", log, c.words, c.log)
			}
		})
	}
}

func TestCertificateNames_OfAnAuthoritysSystem(t *testing.T) {
	ca := newAuthority(t, "A CA", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	})

	for name, names := range map[string][]string{"another host's": {"tess.Tess-Example.example"}, "nobody's": nil} {
		c := ca.issue(t, certtest.P256(t), jose.ES256, strange, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
			c.DNSNames, c.ExtKeyUsage = names, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		})

		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{Certificates: []tls.Certificate{{
			Certificate: [][]byte{c.cert.Raw},
			PrivateKey:  crypto.PrivateKey(c.key),
		}}}

		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelWarn)
		server.StartTLS()
		t.Cleanup(server.Close)

		w := &notify.Webhook{
			Client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
				RootCAs:    ca.pool,
				MinVersion: tls.VersionTLS12,
			}}},
			Secrets: func(string) [][]byte { return [][]byte{make([]byte, 32)} }, Clock: time.Now,
		}

		_, err := w.Deliver(t.Context(), notify.Message{ID: "1", Endpoint: server.URL, Body: []byte("{}")})
		if err == nil || !strings.Contains(err.Error(), "for another host") {
			t.Errorf("Deliver to %s: got error %v, want another host's certificate", name, err)
			continue
		}

		shows(t, name, err.Error())
	}
}

func TestCertificateNames_OfATerminal(t *testing.T) {
	year := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}

	ca, unknown := newAuthority(t, "Terminals", year), newAuthority(t, strange, year)
	serverCard := ca.issue(t, certtest.P256(t), jose.ES256, "hub", year)
	mine := unknown.issue(t, certtest.P256(t), jose.ES256, strange, year)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	log := &lockedBuffer{}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- hub.Serve(ctx, l, &tls.Config{
			MinVersion: tls.VersionTLS13, ClientCAs: ca.pool, ClientAuth: tls.RequireAndVerifyClientCert,
			Certificates: []tls.Certificate{{
				Certificate: [][]byte{serverCard.cert.Raw},
				PrivateKey:  crypto.PrivateKey(serverCard.key),
			}},
		}, http.NotFoundHandler(), slog.New(slog.NewTextHandler(log, nil)))
	}()

	shown := &tls.Certificate{
		Certificate: [][]byte{mine.cert.Raw, unknown.cert.Raw},
		PrivateKey:  crypto.PrivateKey(mine.key),
	}

	conn, err := (&tls.Dialer{Config: &tls.Config{
		InsecureSkipVerify:   true, //nolint:gosec // the test is about the hub's verification of the client
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return shown, nil },
	}}).DialContext(t.Context(), "tcp", l.Addr().String())
	if err == nil {
		must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
		if _, err = conn.Read(make([]byte, 1)); err == nil {
			t.Error("TLS connection with an untrusted client certificate succeeded, want error")
		}
		_ = conn.Close()
	}

	stop()
	must(t, <-ended)
	if said := log.String(); !strings.Contains(said, "certificate was not accepted") {
		t.Errorf("got log %q, want it to say that the certificate was not accepted", said)
	} else {
		shows(t, "the log", said)
	}
}
