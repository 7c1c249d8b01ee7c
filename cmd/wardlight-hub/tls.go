package main

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"sync"
	"time"
)

// oldest are the values of tls.min_version.
var oldest = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

// tlsConfig returns nil when no certificate is set, which is for this machine alone. Errors are *config.Error.
func tlsConfig(s *settings, log *slog.Logger) (*tls.Config, error) {
	if s.certificate == "" {
		return nil, nil
	}
	r := &renewable{certificate: s.certificate, key: s.key, clock: time.Now, log: log}
	if _, err := r.get(nil); err != nil {
		return nil, s.Refuse("tls.certificate_file", err.Error(), "certificate and key are PEM files, and belong together")
	}
	c := &tls.Config{MinVersion: oldest[s.tlsVersion], CipherSuites: forwardSecret(), GetCertificate: r.get}
	if s.clients != "off" {
		pem, err := s.file("tls.client_ca_file", s.clientCA)
		if err != nil {
			return nil, err
		}
		c.ClientCAs = x509.NewCertPool()
		if !c.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, s.Refuse("tls.client_ca_file", "there is no certificate in "+s.clientCA, "it is a PEM file")
		}
		c.ClientAuth = tls.VerifyClientCertIfGiven
		if s.clients == "required" {
			c.ClientAuth = tls.RequireAndVerifyClientCert
		}
	}
	return c, nil
}

// forwardSecret returns the suites of TLS 1.2 that are spoken: ephemeral keys and authenticated encryption, as TLS 1.3
// always has (NCSC, "Using TLS to protect data": recommended profiles).
func forwardSecret() []uint16 {
	return []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}

// renewable is a certificate that may be renewed on disk while the hub runs.
type renewable struct {
	certificate, key string
	clock            func() time.Time
	log              *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	read   time.Time // modification time of what was loaded
	failed time.Time // when the last alarm of a renewal was given; zero while the files are good
}

// renewalAlarmEvery is how often a renewal that failed is an alarm at most.
const renewalAlarmEvery = time.Minute

// get reads the files again when they have changed. A renewal that does not read leaves the old certificate in use, and
// is an alarm.
func (r *renewable) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	changed, err := os.Stat(r.certificate)
	if err == nil && (r.loaded == nil || !changed.ModTime().Equal(r.read)) {
		var c tls.Certificate
		if c, err = tls.LoadX509KeyPair(r.certificate, r.key); err == nil {
			r.loaded, r.read = &c, changed.ModTime()
		}
	}
	if r.loaded == nil {
		return nil, err
	}
	r.report(err)
	return r.loaded, nil
}

// report logs a renewal that failed, at once and every minute while somebody connects, and once when it is well again.
func (r *renewable) report(err error) {
	now := r.clock()
	switch {
	case err == nil && !r.failed.IsZero():
		r.log.Info("The renewed certificate is in use.", "file", r.certificate)
		r.failed = time.Time{}
	case err != nil && (r.failed.IsZero() || now.Sub(r.failed).Abs() >= renewalAlarmEvery):
		r.log.Error("ALARM: the renewed certificate cannot be used; the one before stays in use until it ends.",
			"file", r.certificate, "ends", r.ends(), "error", err)
		r.failed = now
	}
}

// ends returns when the certificate in use ends; "" where it does not say so.
func (r *renewable) ends() string {
	if r.loaded.Leaf == nil {
		return ""
	}
	return r.loaded.Leaf.NotAfter.UTC().Format(time.RFC3339)
}
