package main

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/certtest"
)

// serveTLS starts a hub with TLS and returns its address.
func serveTLS(t *testing.T, f files, tlsTable string) string {
	t.Helper()
	name := filepath.Join(f.folder, "config.toml")
	f.write(t, name, `
[hub]
listen = "127.0.0.1:0"
data_folder = "data"
stop_notice = "0s"
[operator]
listen = "off"
[cards]
ca_files = ["ca.pem=uuid"]
[tls]
certificate_file = "tls.pem"
key_file = "tls.key"
`+tlsTable)

	address, end := run(t, "serve", "--config", name)
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	})

	return address
}

// getOverTLS requests /readyz over a connection with that configuration.
func getOverTLS(t *testing.T, address string, config *tls.Config) (*tls.ConnectionState, error) {
	t.Helper()
	config.InsecureSkipVerify = true // another test verifies the hub's certificate
	client := http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // the body is read next
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusOK {
		t.Errorf("/readyz: got status %d, want 200", resp.StatusCode)
	}
	return resp.TLS, nil
}

func TestOldTLSIsRefused(t *testing.T) {
	insecure := make([]uint16, 0, len(tls.InsecureCipherSuites()))
	for _, s := range tls.InsecureCipherSuites() {
		insecure = append(insecure, s.ID)
	}

	only := func(version uint16) *tls.Config { return &tls.Config{MinVersion: version, MaxVersion: version} }
	weak := func(suites ...uint16) *tls.Config {
		c := only(tls.VersionTLS12)
		c.CipherSuites = suites
		return c
	}

	fallback, strict := serveTLS(t, newFiles(t), ""), serveTLS(t, newFiles(t), "min_version = \"1.3\"\n")
	for name, c := range map[string]struct {
		address string
		config  *tls.Config
		version uint16 // 0 if the hub rejects the connection
	}{
		"1.0":                        {fallback, only(tls.VersionTLS10), 0},
		"1.1":                        {fallback, only(tls.VersionTLS11), 0},
		"1.2":                        {fallback, only(tls.VersionTLS12), tls.VersionTLS12},
		"1.3":                        {fallback, only(tls.VersionTLS13), tls.VersionTLS13},
		"the newest is preferred":    {fallback, &tls.Config{}, tls.VersionTLS13},
		"1.2 with insecure suites":   {fallback, weak(insecure...), 0},
		"1.2 without forward secret": {fallback, weak(tls.TLS_RSA_WITH_AES_256_GCM_SHA384), 0},
		"1.2 with CBC":               {fallback, weak(tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA), 0},
		"1.2 where 1.3 is the least": {strict, only(tls.VersionTLS12), 0},
		"1.3 where 1.3 is the least": {strict, only(tls.VersionTLS13), tls.VersionTLS13},
	} {
		t.Run(name, func(t *testing.T) {
			state, err := getOverTLS(t, c.address, c.config)
			switch {
			case c.version == 0 && err == nil:
				t.Errorf("connection with %x and %s was accepted, want it rejected",
					state.Version, tls.CipherSuiteName(state.CipherSuite))
			case c.version == 0:
				if !strings.Contains(err.Error(), "tls:") {
					t.Errorf("rejected connection: got error %v, want one of package tls", err)
				}
			case err != nil:
				t.Error(err)
			case state.Version != c.version || c.version == tls.VersionTLS12 &&
				!slices.Contains(cipherSuites(), state.CipherSuite):
				t.Errorf("connection: got version %x and suite %s, want %x",
					state.Version, tls.CipherSuiteName(state.CipherSuite), c.version)
			}
		})
	}
}

func TestWhoseClientCertificatesAreTaken(t *testing.T) {
	const ca = "client_ca_file = \"clients.pem\"\n"
	addresses := map[string]string{}
	ours, strangers := newCardCA(t, "Terminals"), newCardCA(t, "Terminals")
	for mode, table := range map[string]string{
		"off": "", "optional": ca + "client_certificates = \"optional\"\n",
		"required": ca + "client_certificates = \"required\"\n",
	} {
		f := newFiles(t)
		f.write(t, filepath.Join(f.folder, "clients.pem"), ours.pem)
		addresses[mode] = serveTLS(t, f, table)
	}

	good, foreign := ours.client(t, time.Hour), strangers.client(t, time.Hour)
	past := ours.client(t, -time.Minute)
	for name, c := range map[string]struct {
		mode  string
		shown *tls.Certificate
		taken bool
	}{
		"off, none":              {"off", nil, true},
		"off, any":               {"off", foreign, true},
		"optional, none":         {"optional", nil, true},
		"optional, ours":         {"optional", good, true},
		"optional, a stranger's": {"optional", foreign, false},
		"required, none":         {"required", nil, false},
		"required, ours":         {"required", good, true},
		"required, a stranger's": {"required", foreign, false},
		"required, ended":        {"required", past, false},
	} {
		t.Run(name, func(t *testing.T) {
			config := &tls.Config{GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if c.shown == nil {
					return &tls.Certificate{}, nil
				}
				return c.shown, nil // whatever CAs the hub announces
			}}
			if _, err := getOverTLS(t, addresses[c.mode], config); (err == nil) != c.taken {
				t.Errorf("got error %v, want the certificate accepted: %v", err, c.taken)
			}
		})
	}
}

func TestAClientCAOfNothingIsRefused(t *testing.T) {
	f := newFiles(t)
	f.write(t, filepath.Join(f.folder, "clients.pem"), "rubbish")
	name := filepath.Join(f.folder, "config.toml")
	f.write(t, name, "[cards]\nca_files = \"ca.pem=uuid\"\n[tls]\ncertificate_file = \"tls.pem\"\nkey_file = "+
		"\"tls.key\"\nclient_ca_file = \"clients.pem\"\nclient_certificates = \"optional\"\n")
	root := newRoot(io.Discard, io.Discard)
	root.SetArgs([]string{"serve", "--config", name})
	if err := root.ExecuteContext(t.Context()); err == nil ||
		!strings.HasPrefix(err.Error(), name+":6: tls.client_ca_file: there is no certificate") {
		t.Error(err)
	}
}

// client returns a client certificate that expires after that duration.
func (ca *cardCA) client(t *testing.T, ends time.Duration) *tls.Certificate {
	t.Helper()
	key := certtest.P256(t)
	c, _ := sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "terminal-7"},
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().Add(ends), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, ca.cert, key, ca.key)
	return &tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key}
}

// sign returns a certificate for key, signed by parent, or self-signed if parent is nil.
func sign(t *testing.T, template, parent *x509.Certificate, key, by *ecdsa.PrivateKey) (*x509.Certificate, string) {
	t.Helper()
	if parent == nil {
		parent = template
	}
	c := (&certtest.Issuer{Cert: parent, Key: by}).Sign(t, template, key)
	return c, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

func TestTLS_RenewalThatFails(t *testing.T) {
	f := newFiles(t)
	now := time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)
	var log strings.Builder
	certificate := filepath.Join(f.folder, "tls.pem")
	r, err := newCertificateFile(certificate, filepath.Join(f.folder, "tls.key"), func() time.Time {
		return now
	}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}

	first := r.get(t.Context())
	good, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}

	replace := func(text string, at time.Time) {
		t.Helper()
		f.write(t, certificate, text)
		if err := os.Chtimes(certificate, at, at); err != nil {
			t.Fatal(err)
		}
	}

	replace("rubbish", now.Add(time.Hour))
	for range 3 {
		if still := r.get(t.Context()); still != first {
			t.Error("get after a failed renewal: got another certificate, want the previous one")
		}
	}

	now = now.Add(time.Minute)
	r.reloadIfChanged(t.Context())
	if n := strings.Count(log.String(), "ALARM: the renewed certificate cannot be used"); n != 2 {
		t.Errorf("alarms within a minute and after it: got %d, want 2: %s", n, log.String())
	}

	replace(string(good), now.Add(2*time.Hour))
	if r.reloadIfChanged(t.Context()); strings.Count(log.String(), "is in use.") != 1 ||
		strings.Count(log.String(), "can be used again.") != 1 {
		t.Errorf("log after a valid renewal: want one \"is in use\" and one \"can be used again\": %s", log.String())
	}

	if err := os.Remove(filepath.Join(f.folder, "tls.key")); err != nil {
		t.Fatal(err)
	}

	if r.reloadIfChanged(t.Context()); !strings.Contains(log.String(), "the key: no such file or directory") {
		t.Errorf("log after the key was removed: no alarm in %s", log.String())
	}
}
