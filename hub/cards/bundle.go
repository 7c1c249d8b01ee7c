// Package cards reads the files that determine which smartcards may sign in: the CA certificates, and the revocation
// lists of these CAs. The files may be replaced while the hub runs.
package cards

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"wardlight/hub/holder"
	"wardlight/internal/text"
)

// ParseBundle parses CA certificates in PEM. Each is trusted by itself, whether self-signed or not: an operator may
// name the root, or only the CA below it that issues cards. Text between the blocks is ignored.
func ParseBundle(file []byte) ([]*x509.Certificate, error) {
	blocks, err := blocksOf(file)
	if err != nil {
		return nil, err
	}

	var all []*x509.Certificate
	for _, block := range blocks {
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("it has a %s block, which is not a certificate", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		switch {
		case err != nil:
			return nil, fmt.Errorf("certificate %d cannot be parsed: %w", len(all)+1, err)
		case c.BasicConstraintsValid && !c.IsCA:
			return nil, fmt.Errorf("certificate %d, %s, is not a CA certificate", len(all)+1, c.Subject)
		}
		all = append(all, c)
	}

	if len(all) == 0 {
		return nil, errors.New("there is no certificate in it")
	}

	return all, nil
}

// Read reads files of CA certificates, for a command other than the hub. The error is a *[FileError].
func Read(bundles []Bundle) (*holder.CAs, error) {
	k := &Keeper{}
	err := k.open(bundles)
	return k.cas, err
}

// removedCAs returns the names of the CAs in before that aren't in after.
func removedCAs(before, after []*x509.Certificate) []string {
	stays := make(map[string]bool, len(after))
	for _, c := range after {
		stays[c.Subject.String()] = true
	}
	var gone []string
	for _, c := range before {
		if name := c.Subject.String(); !stays[name] {
			stays[name] = true // so that each is returned once
			gone = append(gone, name)
		}
	}
	return gone
}

// blocksOf returns the PEM blocks of a file, or none if it isn't PEM. It returns an error for a malformed or
// incomplete block, because [pem.Decode] skips it, and the certificates that it revokes would remain valid.
func blocksOf(file []byte) ([]*pem.Block, error) {
	rest := text.WithoutByteOrderMark(file)
	started := bytes.Count(rest, []byte("-----BEGIN"))
	var all []*pem.Block
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		all = append(all, block)
	}
	if len(all) > 0 && len(all) < started {
		return nil, errors.New("one of its PEM blocks is malformed or incomplete")
	}
	return all, nil
}
