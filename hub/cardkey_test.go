package hub_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub/identity"
)

// publicOnly is a public key in a [crypto.Signer] that can't sign.
type publicOnly struct{ crypto.PublicKey }

func (p publicOnly) Public() crypto.PublicKey { return p.PublicKey }

func (publicOnly) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	panic("it signs nothing")
}

// largeKey returns an RSA public key of that many bits. No signature verifies with it.
func largeKey(t *testing.T, bits int) publicOnly {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits-1)))
	must(t, err)
	n.SetBit(n.SetBit(n, bits-1, 1), 0, 1)
	return publicOnly{&rsa.PublicKey{N: n, E: 65537}}
}

// unverified returns a card's assertion for a nonce, with a signature that doesn't verify.
func (x *terminal) unverified(nonce string, chain ...*card) string {
	x.b.t.Helper()
	var x5c []string
	for _, c := range chain {
		x5c = append(x5c, inBase64(c.cert))
	}
	head, err := json.Marshal(map[string]any{"typ": "JWT", "alg": "RS256", "x5c": x5c})
	must(x.b.t, err)
	claims, err := json.Marshal(map[string]any{"nonce": nonce})
	must(x.b.t, err)
	part := base64.RawURLEncoding.EncodeToString
	return part(head) + "." + part(claims) + "." + part(make([]byte, 256))
}

func TestSignIn_KeyOfAStranger(t *testing.T) {
	b := newFixture(t)
	x := b.terminal()
	unknown := newAuthority(t, "Sub CA")
	small, large := largeKey(t, 2048), largeKey(t, 32768)
	for _, c := range []struct {
		name      string
		assertion string
		reason    string
		logged    string
	}{
		{
			"a large key", x.unverified(b.nonce(), unknown.issue(t, large, jose.RS256, nurseUUID)),
			"assertion_invalid", "x5c contains an RSA key of more than 4096 bits",
		},
		{
			"a large key of a CA in between", x.unverified(b.nonce(), unknown.issue(t, small, jose.RS256, nurseUUID),
				unknown.issue(t, large, jose.RS256, "Sub CA")),
			"assertion_invalid", "x5c contains an RSA key of more than 4096 bits",
		},
		{
			"a large key that a trusted CA has signed",
			x.unverified(b.nonce(), b.ca.issue(t, largeKey(t, 4097), jose.RS256, nurseUUID)),
			"assertion_invalid", "x5c contains an RSA key of more than 4096 bits",
		},
		// The signature must not be verified, because the key's certificate isn't trusted.
		{
			"a key that nobody trusts", x.unverified(b.nonce(), unknown.issue(t, small, jose.RS256, nurseUUID)),
			"certificate_untrusted", "",
		},
		{
			"a key that is trusted", x.unverified(b.nonce(), b.ca.issue(t, largeKey(t, 4096), jose.RS256, nurseUUID)),
			"assertion_invalid", "the signature does not verify",
		},
	} {
		before := len(b.log.String())
		status, _, why := reason(t, x.post(c.assertion, x.proof(http.MethodPost, identity.TokenPath)))
		if status != http.StatusBadRequest || why != c.reason {
			t.Errorf("%s: got status %d, reason %s; want 400 and %s", c.name, status, why, c.reason)
		}
		if logged := b.log.String()[before:]; !strings.Contains(logged, c.logged) {
			t.Errorf("%s: got log %s, want %q in it", c.name, logged, c.logged)
		}
	}
}

// TestSignIn_WhatComesWithACard signs in with a valid card and too many or too large additional CA certificates. The
// hub must refuse them before it verifies anything.
func TestSignIn_WhatComesWithACard(t *testing.T) {
	b := newFixture(t)
	x := b.terminal()
	below := newAuthority(t, "A stranger's CA").below(t, "Below")
	large := func(size int) *authority {
		return newAuthority(t, "Large", func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: []int{1, 3, 6, 1, 4, 1, 32473, 1}, Value: make([]byte, size)}}
		})
	}

	full, fat := large(7000), large(16<<10)
	for _, c := range []struct {
		name  string
		above []*x509.Certificate
		want  string // text in the answer; "" if the sign-in succeeds
	}{
		{"nothing", nil, ""},
		{"four of no use", slices.Repeat([]*x509.Certificate{below.cert}, 4), ""},
		{"five", slices.Repeat([]*x509.Certificate{below.cert}, 5), "x5c has no certificate, or too many"},
		{"as many bytes as a terminal sends", []*x509.Certificate{full.cert}, ""},
		{"more than 16 KiB", []*x509.Certificate{fat.cert}, "the assertion is missing or too long"},
	} {
		card := b.card()
		x5c := []string{inBase64(card.cert)}
		for _, ca := range c.above {
			x5c = append(x5c, inBase64(ca))
		}
		r := x.try(card, inHeader("x5c", x5c))
		if ok := r.status == http.StatusOK; ok != (c.want == "") || !strings.Contains(r.body, c.want) {
			t.Errorf("%s: got status %d, body %s; want %q in it", c.name, r.status, r.body, c.want)
		}
	}
}

// TestSignIn_NonceBeforeSignatures sends assertions with an unknown nonce and a second error. The nonce must be
// rejected before any signature is verified.
func TestSignIn_NonceBeforeSignatures(t *testing.T) {
	b := newFixture(t)
	x := b.terminal()
	madeUp, proof := strings.Repeat("A", 43), x.proof(http.MethodPost, identity.TokenPath)
	small := largeKey(t, 2048)
	unknown := newAuthority(t, "Sub CA").issue(t, small, jose.RS256, nurseUUID)
	for name, c := range map[string]struct{ assertion, proof string }{
		"a card's signature that does not verify": {
			x.unverified(madeUp, b.ca.issue(t, small, jose.RS256, nurseUUID)),
			proof,
		},
		"a certificate that nobody trusts": {x.unverified(madeUp, unknown), proof},
		"no certificate":                   {x.unverified(madeUp), proof},
		"no proof":                         {x.unverified(madeUp, unknown), ""},
		"a proof that does not verify":     {x.unverified(madeUp, unknown), proof[:len(proof)-8] + "AAAAAAAA"},
	} {
		if status, _, why := reason(t, x.post(c.assertion, c.proof)); status != http.StatusBadRequest ||
			why != "nonce_unknown" {
			t.Errorf("%s: got status %d, reason %s; want 400 nonce_unknown", name, status, why)
		}
	}

	if n := len(b.trail()); n != 0 {
		t.Errorf("unauthenticated sign-ins left %d audit records, want none", n)
	}
}
