// Package cards is whose smartcards may sign in: the CAs of the bundle, and the lists of certificates that these revoked. Both are
// files, which may be renewed while the hub runs.
package cards

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// ParseBundle reads CA certificates in PEM. Each is trusted by itself, whether it signed itself or another CA did: an operator may
// name the root, or only the CA below it that cards are of. What stands between the blocks is skipped.
func ParseBundle(text []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("it holds a %s, which is no certificate", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		switch {
		case err != nil:
			return nil, fmt.Errorf("certificate %d does not read: %w", len(all)+1, err)
		case c.BasicConstraintsValid && !c.IsCA:
			return nil, fmt.Errorf("certificate %d, %s, is not a CA's", len(all)+1, c.Subject)
		}
		all = append(all, c)
	}
	switch {
	case len(all) == 0:
		return nil, errors.New("there is no certificate in it")
	case bytes.Contains(text, []byte("-----BEGIN")):
		return nil, errors.New("it ends in the middle of a certificate")
	}
	return all, nil
}

// pool is the certificates as crypto/x509 wants them.
func pool(all []*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range all {
		p.AddCert(c)
	}
	return p
}

// withdrawn are the names of the CAs that were trusted and are no longer.
func withdrawn(before, after []*x509.Certificate) []string {
	stays := make(map[string]bool, len(after))
	for _, c := range after {
		stays[c.Subject.String()] = true
	}
	var gone []string
	for _, c := range before {
		if name := c.Subject.String(); !stays[name] {
			stays[name] = true // once
			gone = append(gone, name)
		}
	}
	return gone
}
