// Package cards is whose smartcards may sign in: the CAs of the bundle, and the lists of certificates that these
// revoked. Both are files, which may be renewed while the hub runs.
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

// ParseBundle reads CA certificates in PEM. Each is trusted by itself, whether it signed itself or another CA did: an
// operator may name the root, or only the CA below it that cards are of. What stands between the blocks is skipped.
func ParseBundle(file []byte) ([]*x509.Certificate, error) {
	blocks, err := blocksOf(file)
	if err != nil {
		return nil, err
	}
	var all []*x509.Certificate
	for _, block := range blocks {
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
	if len(all) == 0 {
		return nil, errors.New("there is no certificate in it")
	}
	return all, nil
}

// Read reads files of CA certificates, for a command beside the hub. The error is a *FileError.
func Read(bundles []Bundle) (*holder.CAs, error) {
	k := &Keeper{}
	err := k.open(bundles)
	return k.cas, err
}

// withdrawn returns the names of the CAs that were trusted and are no longer.
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

// blocksOf takes PEM apart; none of what is no PEM. The error is a block that does not read or has no end: pem.Decode
// passes over it, and what it revokes would stay in use.
func blocksOf(file []byte) ([]*pem.Block, error) {
	rest := text.WithoutByteOrderMark(file)
	begun := bytes.Count(rest, []byte("-----BEGIN"))
	var all []*pem.Block
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		all = append(all, block)
	}
	if len(all) > 0 && len(all) < begun {
		return nil, errors.New("one of its blocks does not read, or it ends in the middle of one")
	}
	return all, nil
}
