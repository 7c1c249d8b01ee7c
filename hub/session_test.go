package hub_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/internal/certtest"
)

// refused asks for the lamp and returns the WWW-Authenticate header of the refusal, or "" if there was an answer.
func (x *terminal) refused(change ...func(*http.Request)) string {
	x.b.t.Helper()
	r := x.get(nurse, flag, about(tess), change...)
	if r.status == 200 {
		return ""
	}
	if r.status != 401 || !strings.Contains(r.body, `"ACCESS_DENIED"`) ||
		!strings.HasPrefix(r.header.Get("WWW-Authenticate"), "DPoP ") {
		x.b.t.Errorf("got status %d, headers %v, body %s; want 401 ACCESS_DENIED with a DPoP challenge", r.status,
			r.header, r.body)
	}
	return r.header.Get("WWW-Authenticate")
}

func TestATokenIsWorthNothingWithoutItsKey(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	thief := b.terminal()
	thief.token = x.token
	another := b.signIn()
	ath := func(token string) func(h, c map[string]any) {
		y := &terminal{b: b, key: x.key, token: token}
		return func(_, c map[string]any) {
			_, rest, _ := strings.Cut(y.proof("GET", flag), ".")
			payload, _, _ := strings.Cut(rest, ".")
			raw, err := base64.RawURLEncoding.DecodeString(payload)
			must(t, err)
			var theirs map[string]any
			must(t, json.Unmarshal(raw, &theirs))
			c["ath"] = theirs["ath"]
		}
	}

	with := func(change func(h, c map[string]any)) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("DPoP", x.proof("GET", flag, change)) }
	}

	for name, why := range map[string]string{
		"the token with another key":   thief.refused(),
		"no proof":                     x.refused(func(r *http.Request) { r.Header.Del("DPoP") }),
		"two proofs":                   x.refused(func(r *http.Request) { r.Header.Add("DPoP", x.proof("GET", flag)) }),
		"a proof of another token":     x.refused(with(ath(another.token))),
		"a proof of no token":          x.refused(with(func(_, c map[string]any) { delete(c, "ath") })),
		"an old proof":                 x.refused(with(claim("iat", start.Add(-3*time.Minute).Unix()))),
		"a proof for another route":    x.refused(header("DPoP", x.proof("GET", careTeam))),
		"a proof for another method":   x.refused(header("DPoP", x.proof("POST", flag))),
		"a proof that does not verify": x.refused(header("DPoP", x.proof("GET", flag)[:40]+"AAAA")),
	} {
		if !strings.Contains(why, "invalid_dpop_proof") {
			t.Errorf("%s: got %q, want invalid_dpop_proof", name, why)
		}
	}

	proof := x.proof("GET", flag)
	if why := x.refused(header("DPoP", proof)); why != "" {
		t.Fatalf("request with a valid proof was refused: %s", why)
	}

	if why := x.refused(header("DPoP", proof)); !strings.Contains(why, "used before") {
		t.Errorf("request with a used proof: got %q, want \"used before\"", why)
	}
}

func TestWithoutATokenThereIsNoAnswer(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	for name, c := range map[string]struct {
		change      func(*http.Request)
		diagnostics string
	}{
		"no header": {func(r *http.Request) { r.Header.Del("Authorization") }, "Missing Authorization header"},
		"empty":     {header("Authorization", ""), "Empty Authorization header"},
		"no token":  {header("Authorization", "DPoP"), "Missing access token"},
		"bearer":    {header("Authorization", "Bearer "+x.token), "Invalid Access Token"},
		"unknown":   {header("Authorization", "DPoP "+uuid.NewString()), "Invalid Access Token"},
		"two headers": {func(r *http.Request) {
			r.Header.Add("Authorization", "DPoP "+x.token)
		}, "Invalid Access Token"},
		"the nonce": {header("Authorization", "DPoP "+b.nonce()), "Invalid Access Token"},
	} {
		t.Run(name, func(t *testing.T) {
			r := x.get(nurse, patients, url.Values{"family": {"x"}}, c.change)
			if r.status != 401 || !strings.Contains(r.body, c.diagnostics) ||
				!strings.Contains(r.body, "Access Denied - Unauthorised") {
				t.Errorf("search: got status %d, body %s; want 401 with %q", r.status, r.body, c.diagnostics)
			}
		})
	}
}

func TestASessionEnds(t *testing.T) {
	b := newFixture(t)
	t.Run("when it is revoked", func(t *testing.T) {
		x := b.signIn()
		if r := b.post("/oauth2/revoke", url.Values{"token": {x.token}},
			x.proof("POST", "/oauth2/revoke")); r.status != 200 {
			t.Fatalf("revoke: got status %d, body %s; want 200", r.status, r.body)
		}
		if x.refused() == "" {
			t.Error("a request after the revocation was answered")
		}
		if r := b.post("/oauth2/revoke", url.Values{"token": {"unknown"}}, ""); r.status != 200 {
			t.Errorf("revoking an unknown token: got status %d, want 200", r.status)
		}
	})

	t.Run("when its certificate is revoked", func(t *testing.T) {
		x := b.terminal()
		c := b.card()
		var g struct {
			AccessToken string `json:"access_token"`
		}
		x.post(x.assertion(c), x.proof("POST", identity.TokenPath)).into(t, &g)
		x.token = g.AccessToken
		if x.refused() != "" {
			t.Fatal("the first request was refused")
		}
		named := identity.CertificateOf(c.cert)
		must(t, b.sqlite.RevokeCertificates(t.Context(),
			[]store.Revocation{{
				Certificate: store.Certificate{Serial: named.Serial, Issuer: named.Issuer},
				At:          start,
			}}))
		if x.refused() == "" {
			t.Error("a request after the certificate's revocation was answered")
		}
	})

	t.Run("when it is idle", func(t *testing.T) {
		x := b.signIn()
		for range 4 {
			b.clock.Add(14 * time.Minute)
			if why := x.refused(); why != "" {
				t.Fatalf("a session in use was refused: %s", why)
			}
		}
		b.clock.Add(15*time.Minute + time.Second)
		if !strings.Contains(x.refused(), "idle") {
			t.Error("a request after 15 idle minutes was answered, want \"idle\"")
		}
	})

	t.Run("after eight hours, however busy", func(t *testing.T) {
		x := b.signIn()
		for range 47 {
			b.clock.Add(10 * time.Minute)
			if why := x.refused(); why != "" {
				t.Fatalf("a session in use was refused: %s", why)
			}
		}
		b.clock.Add(10 * time.Minute)
		if !strings.Contains(x.refused(), "the session has expired") {
			t.Error("a request after the maximum age was answered, want \"reached its end\"")
		}
	})

	t.Run("with its certificate", func(t *testing.T) {
		x := b.terminal()
		ends := b.clock.Now().Add(10 * time.Minute)
		c := b.ca.issue(t, certtest.P256(t), jose.ES256, nurseUUID, func(c *x509.Certificate) { c.NotAfter = ends })
		var g struct {
			AccessToken string `json:"access_token"`
			ExpiresIn   int    `json:"expires_in"`
		}
		x.post(x.assertion(c), x.proof("POST", identity.TokenPath)).into(t, &g)
		if g.ExpiresIn != 600 {
			t.Errorf("got expires_in %d, want 600", g.ExpiresIn)
		}
	})
}

func TestARoleIsTakenAwayAtOnce(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	if x.refused() != "" {
		t.Fatal("the first request was refused")
	}
	must(t, b.sqlite.PutPerson(t.Context(), store.Person{UUID: nurseUUID, Given: "Ada", Family: "Sample"}))
	if r := x.get(nurse, flag, about(tess)); r.status != 400 || !strings.Contains(r.body, "NHSD-Session-URID") {
		t.Errorf("lamp without a role: got status %d, body %s; want 400 with NHSD-Session-URID", r.status, r.body)
	}
}
