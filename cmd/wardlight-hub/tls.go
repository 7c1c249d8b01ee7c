package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"wardlight/internal/reread"
)

// minTLSVersions maps the values of tls.min_version to versions.
var minTLSVersions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

// tlsConfig returns nil if no certificate is configured, which is allowed on loopback only. Errors are *config.Error.
func tlsConfig(s *settings, u *monitor) (*tls.Config, error) {
	if s.certificate == "" {
		return nil, nil
	}

	const certificateKey, clientsKey = "tls.certificate_file", "tls.client_ca_file"
	r, err := newCertificateFile(s.certificate, s.key, u.clock, u.log)
	if err != nil {
		return nil, s.Reject(certificateKey, err.Error(),
			"both must be PEM files, and the key must match the certificate")
	}

	u.renew(certificateKey, r)
	c := &tls.Config{MinVersion: minTLSVersions[s.tlsVersion], CipherSuites: cipherSuites()}
	c.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) { return r.get(hello.Context()), nil }
	if s.clients != "off" {
		if c.ClientCAs, err = s.pool(clientsKey, s.clientCA, u); err != nil {
			return nil, err
		}
		c.ClientAuth = tls.VerifyClientCertIfGiven
		if s.clients == "required" {
			c.ClientAuth = tls.RequireAndVerifyClientCert
		}
	}

	return c, nil
}

// pool returns the CA certificates in the file that a setting names. Errors are *config.Error.
func (s *settings) pool(key, name string, u *monitor) (*x509.CertPool, error) {
	text, err := s.file(key, name)
	if err != nil {
		return nil, err
	}
	all := x509.NewCertPool()
	if !all.AppendCertsFromPEM(text) {
		return nil, s.Reject(key, "there is no certificate in "+name, "it is a PEM file")
	}
	u.watch(key, certificatesIn(text))
	return all, nil
}

// certificatesIn returns the valid certificates in a PEM text and ignores everything else.
func certificatesIn(text []byte) []*x509.Certificate {
	var all []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			all = append(all, c)
		}
	}
	return all
}

// cipherSuites returns the cipher suites for TLS 1.2: those with ephemeral keys and authenticated encryption, as all
// of TLS 1.3 have (NCSC, "Using TLS to protect data": recommended profiles).
func cipherSuites() []uint16 {
	return []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}

// certificateFile is a certificate that is reloaded when its files are renewed.
type certificateFile struct {
	mu               sync.Mutex
	certificate, key reread.File
	alarms           reread.Alarms
	loaded           *tls.Certificate
}

// newCertificateFile reads the certificate and key from two files. The error is that they cannot be used.
func newCertificateFile(certificate, key string, clock func() time.Time, log *slog.Logger) (*certificateFile, error) {
	r := &certificateFile{
		certificate: reread.File{Name: certificate}, key: reread.File{Name: key},
		alarms: reread.Alarms{Log: log, Clock: clock},
	}
	if err := r.read(); err != nil {
		return nil, err
	}
	return r, nil
}

// get returns the current certificate, after reloading the files if they have changed.
func (r *certificateFile) get(ctx context.Context) *tls.Certificate {
	r.reloadIfChanged(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.loaded
}

// reloadIfChanged reloads the files if they have changed. If the renewed certificate cannot be used, an alarm is
// logged, even when nobody connects, and the previous certificate stays in use.
func (r *certificateFile) reloadIfChanged(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.loaded
	err := r.read()
	r.alarms.Report(ctx, r.certificate.Name, err,
		"the renewed certificate cannot be used; the previous one stays in use until it expires.",
		"key", r.key.Name, "ends", before.Leaf.NotAfter.UTC().Format(time.RFC3339))
	if r.loaded != before {
		r.alarms.Log.InfoContext(ctx, "The renewed certificate is in use.", "file", r.certificate.Name,
			"ends", r.loaded.Leaf.NotAfter.UTC().Format(time.RFC3339))
	}
}

// read reads the files if one of them has changed.
func (r *certificateFile) read() error {
	certificate, err := r.certificate.Changed()
	key, keyErr := r.key.Changed()
	switch {
	case err != nil:
		return err
	case keyErr != nil:
		return fmt.Errorf("the key: %s", reread.WithoutPath(keyErr)) //nolint:errorlint // the log record has the path
	case certificate == nil && key == nil:
		return nil
	}
	pair, err := tls.LoadX509KeyPair(r.certificate.Name, r.key.Name)
	if err != nil {
		r.certificate.Forget() // the next call reads and reports both again
		r.key.Forget()
		return err
	}
	r.loaded = &pair
	return nil
}

// chain returns the certificates in use, the hub's own first.
func (r *certificateFile) chain() []*x509.Certificate {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []*x509.Certificate
	for _, der := range r.loaded.Certificate {
		if c, err := x509.ParseCertificate(der); err == nil {
			all = append(all, c)
		}
	}
	return all
}
