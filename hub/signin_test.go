package hub_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/internal/certtest"
)

func claim(name string, value any) func(header, claims map[string]any) {
	return func(_, claims map[string]any) { claims[name] = value }
}

func inHeader(name string, value any) func(header, claims map[string]any) {
	return func(header, _ map[string]any) { header[name] = value }
}

// reason returns the status, the OAuth error and the reason of a refused sign-in.
func reason(t *testing.T, r response) (status int, oauth, why string) {
	t.Helper()
	var e struct {
		Error  string `json:"error"`
		Reason string `json:"reason"`
	}
	r.into(t, &e)
	return r.status, e.Error, e.Reason
}

func TestEveryReasonForWhichASignInIsRefused(t *testing.T) {
	b := newFixture(t)
	x := b.terminal()
	proof := func(change ...func(header, claims map[string]any)) string {
		return x.proof(http.MethodPost, identity.TokenPath, change...)
	}

	other := newAuthority(t, "Another CA")
	ended := func(c *x509.Certificate) { c.NotAfter = start.Add(-time.Hour) }
	revoked := b.card()
	must(t, b.sqlite.RevokeCertificates(t.Context(),
		[]store.Revocation{{Certificate: identity.CertificateOf(revoked.cert), At: start}}))
	late := start.Add(-3 * time.Minute).Unix()

	for _, c := range []struct {
		name string
		post func() response
		want string // OAuth error and reason
	}{
		{"the assertion is missing", func() response {
			return x.post("", proof())
		}, "invalid_request request_malformed"},
		{"another grant", func() response {
			return b.post(identity.TokenPath, url.Values{"grant_type": {"password"}}, proof())
		}, "unsupported_grant_type grant_unsupported"},
		{"two grants", func() response {
			return b.post(identity.TokenPath, url.Values{"grant_type": {"a", "b"}}, proof())
		}, "invalid_request request_malformed"},

		{"no proof", func() response { return x.post(x.assertion(b.card()), "") }, "invalid_dpop_proof proof_invalid"},
		{"a proof of another type", func() response {
			return x.post(x.assertion(b.card()), proof(inHeader("typ", "JWT")))
		}, "invalid_dpop_proof proof_invalid"},
		{"a proof for another method", func() response {
			return x.post(x.assertion(b.card()), x.proof("GET", identity.TokenPath))
		}, "invalid_dpop_proof proof_invalid"},
		{"a proof for another path", func() response {
			return x.post(x.assertion(b.card()), x.proof("POST", "/oauth2/revoke"))
		}, "invalid_dpop_proof proof_invalid"},
		{"a proof for another host", func() response {
			return x.post(x.assertion(b.card()), proof(claim("htu", "https://evil.example/oauth2/token")))
		}, "invalid_dpop_proof proof_invalid"},
		{"an old proof", func() response {
			return x.post(x.assertion(b.card()), proof(claim("iat", late)))
		}, "invalid_dpop_proof proof_invalid"},
		{"a proof without jti", func() response {
			return x.post(x.assertion(b.card()), proof(claim("jti", "")))
		}, "invalid_dpop_proof proof_invalid"},
		{"a proof that shows its private key", func() response {
			return x.post(x.assertion(b.card()), proof(inHeader("jwk", jose.JSONWebKey{Key: x.key})))
		}, "invalid_dpop_proof proof_invalid"},
		{"a proof with the key of another", func() response {
			return x.post(x.assertion(b.card()),
				proof(inHeader("jwk", jose.JSONWebKey{Key: &certtest.P256(t).PublicKey})))
		}, "invalid_dpop_proof proof_invalid"},

		{"no JWT", func() response { return x.post("rubbish", proof()) }, "invalid_grant assertion_invalid"},
		{"no signature", func() response {
			return x.post(unsigned(t, b, x), proof())
		}, "invalid_grant assertion_invalid"},
		{"another card's signature", func() response {
			mine, theirs := b.card(), b.card()
			return x.post(x.assertion(&card{theirs.key, theirs.alg, mine.cert}), proof())
		}, "invalid_grant assertion_invalid"},
		{"no certificate", func() response {
			return x.post(x.assertion(b.card(), func(h, _ map[string]any) { delete(h, "x5c") }), proof())
		}, "invalid_grant assertion_invalid"},
		{"another audience", func() response {
			return x.post(x.assertion(b.card(), claim("aud", "https://other.example/oauth2/token")), proof())
		}, "invalid_grant assertion_invalid"},
		{"two audiences", func() response {
			return x.post(x.assertion(b.card(), claim("aud", []string{issuer + identity.TokenPath, "x"})), proof())
		}, "invalid_grant assertion_invalid"},
		{"another subject", func() response {
			return x.post(x.assertion(b.card(), claim("sub", "999000000112")), proof())
		}, "invalid_grant assertion_invalid"},
		{"another issuer", func() response {
			return x.post(x.assertion(b.card(), claim("iss", "999000000112")), proof())
		}, "invalid_grant assertion_invalid"},
		{"bound to another key", func() response {
			return x.post(x.assertion(b.card(), claim("cnf", map[string]any{"jkt": b.terminal().thumb()})), proof())
		}, "invalid_grant assertion_invalid"},
		{"bound to no key", func() response {
			return x.post(x.assertion(b.card(), func(_, c map[string]any) { delete(c, "cnf") }), proof())
		}, "invalid_grant assertion_invalid"},
		{"meant to last too long", func() response {
			return x.post(x.assertion(b.card(), claim("exp", start.Add(time.Hour).Unix())), proof())
		}, "invalid_grant assertion_invalid"},

		{"issued by a slow clock", func() response {
			return x.post(x.assertion(b.card(), claim("iat", late), claim("exp", late+60)), proof())
		}, "invalid_grant clock_skew"},
		{"issued by a fast clock", func() response {
			at := start.Add(3 * time.Minute).Unix()
			return x.post(x.assertion(b.card(), claim("iat", at), claim("exp", at+60)), proof())
		}, "invalid_grant clock_skew"},
		{"a slow clock in both", func() response {
			return x.post(x.assertion(b.card(), claim("iat", late), claim("exp", late+60)), proof(claim("iat", late)))
		}, "invalid_grant clock_skew"},

		{"a nonce that was never given", func() response {
			return x.post(x.assertion(b.card(), claim("nonce", strings.Repeat("A", 43))), proof())
		}, "invalid_grant nonce_unknown"},
		{"no nonce", func() response {
			return x.post(x.assertion(b.card(), claim("nonce", "")), proof())
		}, "invalid_grant nonce_unknown"},

		{"a certificate of another CA", func() response {
			return x.post(x.assertion(other.issue(t, certtest.P256(t), jose.ES256, nurseUUID)), proof())
		}, "invalid_grant certificate_untrusted"},
		{"an ended certificate of another CA", func() response {
			return x.post(x.assertion(other.issue(t, certtest.P256(t), jose.ES256, nurseUUID, ended)), proof())
		}, "invalid_grant certificate_untrusted"},
		{"a certificate that has not begun", func() response {
			return x.post(x.assertion(b.ca.issue(t, certtest.P256(t), jose.ES256, nurseUUID, func(c *x509.Certificate) {
				c.NotBefore = start.Add(time.Hour)
			})), proof())
		}, "invalid_grant certificate_untrusted"},
		{"a certificate for servers", func() response {
			return x.post(x.assertion(b.ca.issue(t, certtest.P256(t), jose.ES256, nurseUUID, func(c *x509.Certificate) {
				c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
			})), proof())
		}, "invalid_grant certificate_untrusted"},
		{"a CA's own certificate", func() response {
			return x.post(x.assertion(&card{b.ca.key, jose.ES256, b.ca.cert}), proof())
		}, "invalid_grant certificate_untrusted"},
		{"an ended certificate", func() response {
			return x.post(x.assertion(b.ca.issue(t, certtest.P256(t), jose.ES256, nurseUUID, ended)), proof())
		}, "invalid_grant certificate_ended"},
		{"a revoked certificate", func() response {
			return x.post(x.assertion(revoked), proof())
		}, "invalid_grant certificate_revoked"},
		{"a person whom nobody put", func() response {
			c := b.ca.issue(t, certtest.P256(t), jose.ES256, "999000000112")
			return x.post(x.assertion(c, claim("sub", "999000000112"), claim("iss", "999000000112")), proof())
		}, "invalid_grant person_unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.post()
			status, oauth, why := reason(t, r)
			if status != 400 || oauth+" "+why != c.want {
				t.Errorf("got status %d, body %s; want 400 %s", status, r.body, c.want)
			}
			if r.header.Get("Cache-Control") != "no-store" || r.header.Get("Date") != start.Format(http.TimeFormat) {
				t.Errorf("got headers %v, want no-store and the hub's time", r.header)
			}
		})
	}

	for _, r := range b.trail() {
		if r.Outcome != "refused" || r.Session != "" || r.Action != "sign in" {
			t.Errorf("audit record of a refused sign-in: got %+v, want no session", r)
		}
	}

	if strings.Contains(b.log.String(), x.thumb()) {
		t.Error("the log contains a key's thumbprint")
	}
}

// unsigned returns a JWT with alg none.
func unsigned(t *testing.T, b *fixture, x *terminal) string {
	t.Helper()
	_, rest, _ := strings.Cut(x.assertion(b.card()), ".")
	payload, _, _ := strings.Cut(rest, ".")
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + payload + "."
}

func TestNothingServesTwice(t *testing.T) {
	b := newFixture(t)
	x := b.terminal()
	signed, proof := x.assertion(b.card()), x.proof(http.MethodPost, identity.TokenPath)
	if r := x.post(signed, proof); r.status != 200 {
		t.Fatalf("sign-in: got status %d, body %s; want 200", r.status, r.body)
	}

	if _, _, why := reason(t, x.post(signed, proof)); why != "proof_invalid" {
		t.Errorf("repeated sign-in: got %s, want proof_invalid", why)
	}

	if _, _, why := reason(t, x.post(signed, x.proof(http.MethodPost, identity.TokenPath))); why != "nonce_unknown" {
		t.Errorf("repeated assertion: got %s, want nonce_unknown", why)
	}

	nonce := b.nonce()
	for i, want := range []string{"", "nonce_unknown"} {
		r := x.post(x.assertion(b.card(), claim("nonce", nonce)), x.proof(http.MethodPost, identity.TokenPath))
		if _, _, why := reason(t, r); why != want {
			t.Errorf("use %d of a nonce: got %q, want %q", i+1, why, want)
		}
	}

	lapsed := b.nonce()
	b.clock.Add(121 * time.Second)
	r := x.post(x.assertion(b.card(), claim("nonce", lapsed)), x.proof(http.MethodPost, identity.TokenPath))
	if _, _, why := reason(t, r); why != "nonce_unknown" {
		t.Errorf("sign-in with an expired nonce: got %s, want nonce_unknown", why)
	}
}

func TestEveryKindOfCardSignsIn(t *testing.T) {
	b := newFixture(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)

	for name, c := range map[string]*card{
		"RSA 2048": b.ca.issue(t, rsaKey, jose.RS256, nurseUUID),
		"P-256":    b.card(),
		"P-384":    b.ca.issue(t, p384, jose.ES384, nurseUUID),
	} {
		t.Run(name, func(t *testing.T) {
			x := b.terminal()
			if r := x.post(x.assertion(c), x.proof(http.MethodPost, identity.TokenPath)); r.status != 200 {
				t.Errorf("sign-in: got status %d, body %s; want 200", r.status, r.body)
			}
		})
	}

	if !slices.ContainsFunc(b.trail(), func(r store.AuditRecord) bool {
		return r.Action == "sign in" && r.Outcome == "granted" && r.Person == nurseUUID
	}) {
		t.Error("the audit has no granted sign-in of the nurse")
	}
}

func TestTheIDTokenCarriesTheCIS2Claims(t *testing.T) {
	b := newFixture(t)
	x := b.terminal()
	var g struct {
		IDToken   string `json:"id_token"`
		ExpiresIn int    `json:"expires_in"`
	}

	x.post(x.assertion(b.card()), x.proof(http.MethodPost, identity.TokenPath)).into(t, &g)
	if g.ExpiresIn != 28800 {
		t.Errorf("got expires_in %d, want 28800", g.ExpiresIn)
	}

	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(g.IDToken, ".")[1])
	must(t, err)
	var c map[string]any
	must(t, json.Unmarshal(payload, &c))

	for name, want := range map[string]any{
		"sub": nurseUUID, "nhsid_useruid": nurseUUID, "iss": issuer, "name": "SAMPLE Ada Ms", "title": "Ms",
		"given_name": "Ada", "family_name": "SAMPLE",
	} {
		if c[name] != want {
			t.Errorf("claim %s = %v, want %v", name, c[name], want)
		}
	}

	roles := c["nhsid_nrbac_roles"].([]any)
	first := roles[0].(map[string]any)
	if len(roles) != len(roleKinds) || first["person_roleid"] != nurse || first["org_code"] != "RX1" ||
		first["role_code"] != "S8000:G8000:R8001" ||
		first["role_name"] != `"Nurse Access Role"` || len(first["activity_codes"].([]any)) != 2 {
		t.Errorf("got roles %v, want %d with the nurse's first", roles, len(roleKinds))
	}

	if orgs := c["nhsid_user_orgs"].([]any); len(orgs) != 1 ||
		!maps.Equal(orgs[0].(map[string]any),
			map[string]any{"org_code": "RX1", "org_name": "EXAMPLE GENERAL HOSPITAL"}) {
		t.Errorf("got organisations %v, want RX1 only", orgs)
	}
}

func TestSomebodyWithoutARoleSignsInAndGetsAnEmptyList(t *testing.T) {
	b := newFixture(t)
	must(t, b.sqlite.PutPerson(t.Context(), store.Person{UUID: nurseUUID, Given: "Ada", Family: "Sample"}))
	x := b.terminal()
	var g struct {
		IDToken string `json:"id_token"`
	}
	x.post(x.assertion(b.card()), x.proof(http.MethodPost, identity.TokenPath)).into(t, &g)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(g.IDToken, ".")[1])
	must(t, err)
	if !strings.Contains(string(payload), `"nhsid_nrbac_roles":[]`) {
		t.Errorf("got claims %s, want an empty list of roles", payload)
	}
}
