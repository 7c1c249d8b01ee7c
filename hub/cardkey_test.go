package hub_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub/identity"
)

// publicOnly is a key of which nobody has the private half: it signs nothing.
type publicOnly struct{ crypto.PublicKey }

func (p publicOnly) Public() crypto.PublicKey { return p.PublicKey }

func (publicOnly) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	panic("it signs nothing")
}

// largeKey returns an RSA key of so many bits that verifies nothing.
func largeKey(t *testing.T, bits int) publicOnly {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits-1)))
	must(t, err)
	n.SetBit(n.SetBit(n, bits-1, 1), 0, 1)
	return publicOnly{&rsa.PublicKey{N: n, E: 65537}}
}

// unverified is a card's assertion for a nonce, with a signature that fits no key.
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
	b := newBench(t)
	x := b.terminal()
	stranger := newAuthority(t, "Sub CA")
	small, large := largeKey(t, 2048), largeKey(t, 32768)
	for _, c := range []struct {
		name      string
		assertion string
		reason    string
		logged    string
	}{
		{
			"a large key", x.unverified(b.nonce(), stranger.issue(t, large, jose.RS256, nurseUUID)),
			"assertion_invalid", "x5c holds an RSA key of more than 4096 bits",
		},
		{
			"a large key of a CA in between", x.unverified(b.nonce(), stranger.issue(t, small, jose.RS256, nurseUUID), stranger.issue(t, large, jose.RS256, "Sub CA")),
			"assertion_invalid", "x5c holds an RSA key of more than 4096 bits",
		},
		{
			"a large key that a trusted CA has signed", x.unverified(b.nonce(), b.ca.issue(t, largeKey(t, 4097), jose.RS256, nurseUUID)),
			"assertion_invalid", "x5c holds an RSA key of more than 4096 bits",
		},
		// Its signature is not looked at: the key is a stranger's.
		{"a key that nobody trusts", x.unverified(b.nonce(), stranger.issue(t, small, jose.RS256, nurseUUID)), "certificate_untrusted", ""},
		{
			"a key that is trusted", x.unverified(b.nonce(), b.ca.issue(t, largeKey(t, 4096), jose.RS256, nurseUUID)),
			"assertion_invalid", "the signature does not verify",
		},
	} {
		before := len(b.log.String())
		status, _, why := reason(t, x.post(c.assertion, x.proof(http.MethodPost, identity.TokenPath)))
		if status != http.StatusBadRequest || why != c.reason {
			t.Errorf("%s: %d %s, want 400 %s", c.name, status, why, c.reason)
		}
		if logged := b.log.String()[before:]; !strings.Contains(logged, c.logged) {
			t.Errorf("%s: the log says %s, want %q", c.name, logged, c.logged)
		}
	}
}

// TestSignIn_NonceBeforeSignatures sends assertions of each of which something else is wrong, too: that a nonce was
// never given is found out before anything is verified with anybody's key.
func TestSignIn_NonceBeforeSignatures(t *testing.T) {
	b := newBench(t)
	x := b.terminal()
	madeUp, proof := strings.Repeat("A", 43), x.proof(http.MethodPost, identity.TokenPath)
	small := largeKey(t, 2048)
	stranger := newAuthority(t, "Sub CA").issue(t, small, jose.RS256, nurseUUID)
	for name, c := range map[string]struct{ assertion, proof string }{
		"a card's signature that does not verify": {x.unverified(madeUp, b.ca.issue(t, small, jose.RS256, nurseUUID)), proof},
		"a certificate that nobody trusts":        {x.unverified(madeUp, stranger), proof},
		"no certificate":                          {x.unverified(madeUp), proof},
		"no proof":                                {x.unverified(madeUp, stranger), ""},
		"a proof that does not verify":            {x.unverified(madeUp, stranger), proof[:len(proof)-8] + "AAAAAAAA"},
	} {
		if status, _, why := reason(t, x.post(c.assertion, c.proof)); status != http.StatusBadRequest || why != "nonce_unknown" {
			t.Errorf("%s: %d %s, want 400 nonce_unknown", name, status, why)
		}
	}
	if n := len(b.trail()); n != 0 {
		t.Errorf("%d records of what is nobody's", n)
	}
}
