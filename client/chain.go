package client

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
)

// Limits of a hub for a card's certificates (docs/api.md, Sign-in). An assertion that exceeds them is rejected as a
// whole.
const (
	MaxChain      = 5    // certificates, including the card's own
	MaxChainBytes = 8000 // DER size of all; encoded in base64 twice in an assertion of at most 16 KiB
	maxRSABits    = 4096 // of any RSA key
)

// ChainOf returns the certificates to send for a card: its own, followed by the CA certificates in stored that lead up
// from it, within the hub's limits. Roots are left out, because a hub trusts only the roots that it is configured
// with.
func ChainOf(card *x509.Certificate, stored []*x509.Certificate) []*x509.Certificate {
	chain, size := []*x509.Certificate{card}, len(card.Raw)
	for len(chain) < MaxChain {
		issuer := issuerAmong(chain[len(chain)-1], stored)
		if issuer == nil || size+len(issuer.Raw) > MaxChainBytes {
			break
		}
		chain, size = append(chain, issuer), size+len(issuer.Raw)
	}
	return chain
}

// issuerAmong returns the non-root CA in stored that signed c, or nil when there is none.
func issuerAmong(c *x509.Certificate, stored []*x509.Certificate) *x509.Certificate {
	for _, ca := range stored {
		if !bytes.Equal(ca.RawSubject, c.RawIssuer) || bytes.Equal(ca.RawSubject, ca.RawIssuer) {
			continue
		}
		if key, is := ca.PublicKey.(*rsa.PublicKey); is && key.N.BitLen() > maxRSABits {
			continue
		}
		if c.CheckSignatureFrom(ca) == nil {
			return ca
		}
	}
	return nil
}
