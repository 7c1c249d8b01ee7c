package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/certtest"
)

// files are the files that serve needs.
type files struct{ folder, ca, certificate, key, secrets string }

func newFiles(t *testing.T) files {
	t.Helper()
	folder := t.TempDir()
	f := files{
		folder: folder, ca: filepath.Join(folder, "ca.pem"), certificate: filepath.Join(folder, "tls.pem"),
		key: filepath.Join(folder, "tls.key"), secrets: filepath.Join(folder, "secrets"),
	}
	f.renew(t, 1)
	f.write(t, f.secrets, "V999 whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
	return f
}

func (f files) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// readFile returns the contents of a file.
func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// renew writes a self-signed certificate with that serial number.
func (f files) renew(t *testing.T, serial int64) {
	t.Helper()
	f.renewUntil(t, serial, time.Now().Add(time.Hour))
}

// renewUntil writes such a certificate with the end of its validity.
func (f files) renewUntil(t *testing.T, serial int64, ends time.Time) {
	t.Helper()
	key := certtest.P256(t)
	_, certificate := sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "hub"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: ends, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}, nil, key, key)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, f.key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	f.write(t, f.certificate, certificate)
	f.write(t, f.ca, certificate)
}

// run starts the command, and returns the address it listens on and a function that stops it.
func run(t *testing.T, args ...string) (address string, end func() error) {
	t.Helper()
	return runLogged(t, io.Discard, args...)
}

// runLogged is like run, and writes the log up to the start of listening to log. A *lockedLog also receives what is
// logged later.
func runLogged(t *testing.T, log io.Writer, args ...string) (address string, end func() error) {
	t.Helper()
	read, write := io.Pipe()
	root := newRoot(io.Discard, write)
	root.SetArgs(args)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		err := root.ExecuteContext(ctx)
		_ = write.CloseWithError(err)
		ended <- err
	}()

	lines := bufio.NewScanner(io.TeeReader(read, log))
	for address == "" && lines.Scan() {
		var line struct {
			Address string `json:"address"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil {
			address = line.Address
		}
	}

	after := io.Discard
	if later, is := log.(*lockedLog); is {
		after = later
	}

	go func() { _, _ = io.Copy(after, read) }()
	end = func() error {
		stop()
		return <-ended
	}

	if address == "" {
		t.Fatalf("the hub does not listen: %v", end())
	}

	return address, end
}

func TestServeOverTLSAndRenewTheCertificate(t *testing.T) {
	f := newFiles(t)
	data := filepath.Join(f.folder, "data")
	address, end := run(t, "serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--stop-notice", "0s",
		"--data", data, "--ca", f.ca+"=uuid", "--tls-cert", f.certificate, "--tls-key", f.key, "--webhook-secrets",
		f.secrets)
	serial := func() int64 {
		t.Helper()
		client := http.Client{Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
			DisableKeepAlives: true,
		}} //nolint:gosec // the test checks the certificate itself
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK || resp.TLS.Version != tls.VersionTLS13 {
			t.Errorf("readyz: got status %d, TLS version %x, want 200 and TLS 1.3", resp.StatusCode, resp.TLS.Version)
		}
		return resp.TLS.PeerCertificates[0].SerialNumber.Int64()
	}

	if got := serial(); got != 1 {
		t.Errorf("serial number: got %d, want 1", got)
	}

	f.renew(t, 2)
	future := time.Now().Add(time.Minute) // a file system may store whole seconds only
	if err := os.Chtimes(f.certificate, future, future); err != nil {
		t.Fatal(err)
	}

	if got := serial(); got != 2 {
		t.Errorf("serial number after the renewal: got %d, want 2", got)
	}

	f.write(t, f.certificate, "rubbish")
	if got := serial(); got != 2 {
		t.Errorf("serial number after a malformed renewal: got %d, want 2", got)
	}

	if err := end(); err != nil {
		t.Error(err)
	}

	first, err := os.ReadFile(filepath.Join(data, "signing-key.pem"))
	if err != nil {
		t.Fatal(err)
	}

	if _, end := run(t, "serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--stop-notice", "0s", "--data",
		data, "--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets); end() != nil {
		t.Error("second run: the hub stopped with an error")
	}

	if second, err := os.ReadFile(filepath.Join(data, "signing-key.pem")); err != nil || !bytes.Equal(first, second) {
		t.Errorf("signing key after the second run: changed, or error %v", err)
	}
}

func TestWhatServeRefuses(t *testing.T) {
	f := newFiles(t)
	empty := filepath.Join(f.folder, "empty")
	f.write(t, empty, "")
	given := func(more ...string) []string {
		return append([]string{
			"serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--stop-notice", "0s",
			"--data", filepath.Join(f.folder, "data"),
		}, more...)
	}

	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no CA":                {given("--webhook-secrets", f.secrets), "ca"},
		"a CA file of nothing": {given("--ca", empty+"=uuid", "--webhook-secrets", f.secrets), "no certificate"},
		"a CA without its way": {
			given("--ca", f.ca, "--webhook-secrets", f.secrets),
			"the setting does not say how the certificates of the CAs in",
		},
		"a CA with an unknown way": {
			given("--ca", f.ca+"=uid", "--webhook-secrets", f.secrets),
			`"uid" is not a supported way`,
		},
		"a CA with two ways": {given("--ca", f.ca+"=uuid"+string(filepath.ListSeparator)+f.ca+"=upn",
			"--webhook-secrets", f.secrets), "cannot name a person both by uuid and by upn"},
		"a CA file that is missing": {given("--ca", empty+"x=uuid", "--webhook-secrets", f.secrets), "--ca"},
		"secrets of nothing":        {given("--ca", f.ca+"=uuid", "--webhook-secrets", empty), "none"},
		"a certificate without key": {given("--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets, "--tls-cert",
			f.certificate), "must both be set"},
		"a certificate of nothing": {given("--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets, "--tls-cert", empty,
			"--tls-key", f.key), "--tls-cert"},
		"a public URL that is none": {given("--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets, "--public-url",
			"hub"), "is not a valid URL for the hub"},
		"plain HTTP on a network": {append(given("--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets), "--listen",
			"0.0.0.0:0"), "loopback"},
		"a word too many": {given("now", "--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets), "unknown command"},
	} {
		t.Run(name, func(t *testing.T) {
			root := newRoot(io.Discard, io.Discard)
			root.SetArgs(c.args)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := root.ExecuteContext(ctx); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got error %v, want %q in it", err, c.says)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	for _, arg := range []string{"version", "--version"} {
		var out bytes.Buffer
		root := newRoot(&out, io.Discard)
		root.SetArgs([]string{arg})
		if err := root.ExecuteContext(t.Context()); err != nil || !strings.HasPrefix(out.String(), "wardlight-hub ") {
			t.Errorf("%s: got %q, %v, want the name and version", arg, out.String(), err)
		}
	}
}
