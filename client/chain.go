package client

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
)

// What a hub takes of a card at most (docs/api.md, Sign-in): an assertion with more is refused as a whole.
const (
	MaxChain      = 5    // certificates, the card's own among them
	MaxChainBytes = 8000 // of all in DER, which are twice in base64 in an assertion of 16 KiB
	maxRSABits    = 4096 // of any key
)

// ChainOf returns what is sent of a card: its certificate, then the CAs above it as far as the card holds them and a hub
// takes them. A root is left out, as no hub trusts one for being sent.
func ChainOf(card *x509.Certificate, held []*x509.Certificate) []*x509.Certificate {
	chain, size := []*x509.Certificate{card}, len(card.Raw)
	for len(chain) < MaxChain {
		issuer := issuerAmong(chain[len(chain)-1], held)
		if issuer == nil || size+len(issuer.Raw) > MaxChainBytes {
			break
		}
		chain, size = append(chain, issuer), size+len(issuer.Raw)
	}
	return chain
}

// issuerAmong returns the CA that has signed c and that is worth sending; nil when there is none.
func issuerAmong(c *x509.Certificate, held []*x509.Certificate) *x509.Certificate {
	for _, ca := range held {
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
