package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"time"
)

// signingKey reads the key that id_tokens are signed with, and makes one where there is none.
func signingKey(name string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return newSigningKey(name)
	}
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("signing key: %s is not PEM", name)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	ec, ok := key.(*ecdsa.PrivateKey)
	if !ok || ec.Curve != elliptic.P256() {
		return nil, fmt.Errorf("signing key: %s is not a key of P-256", name)
	}
	return ec, nil
}

func newSigningKey(name string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return key, nil
}

// tlsConfig is nil when no certificate is given, which is for this machine alone.
func tlsConfig(s settings) (*tls.Config, error) {
	switch {
	case s.certificate == "" && s.key == "":
		host, _, err := net.SplitHostPort(s.listen)
		if err != nil {
			return nil, fmt.Errorf("--listen: %w", err)
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, errors.New("without --tls-cert and --tls-key the hub listens only on a loopback address")
		}
		return nil, nil
	case s.certificate == "" || s.key == "":
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	r := &renewable{certificate: s.certificate, key: s.key}
	if _, err := r.get(nil); err != nil {
		return nil, fmt.Errorf("--tls-cert: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: r.get}, nil
}

// renewable is a certificate that may be renewed on disk while the hub runs.
type renewable struct {
	certificate, key string

	mu     sync.Mutex
	loaded *tls.Certificate
	read   time.Time // modification time of what was loaded
}

// get reads the files again when they have changed. A renewal that does not read leaves the old certificate in use.
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
	return r.loaded, nil
}
