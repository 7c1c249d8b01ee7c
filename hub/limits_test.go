package hub_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub"
	"wardlight/hub/identity"
	"wardlight/hub/limit"
	"wardlight/hub/store"
	"wardlight/internal/certtest"
	"wardlight/rbac"
)

const (
	otherUUID = "999000000112"
	otherURID = "999000000223"
)

// limited sets the default limits, as an option.
func limited(_ *fixture, c *hub.Config) {
	standard := limit.Standard()
	c.Limits = &standard
}

// other stores a second person and returns their card.
func (b *fixture) other() *card {
	b.t.Helper()
	must(b.t, b.store.PutPerson(b.t.Context(), store.Person{
		UUID: otherUUID, Given: "Eve", Family: "Sample",
		Roles: []store.Role{{
			RoleProfile: rbac.RoleProfile{
				URID: otherURID, JobRole: "S8000:G8000:R8001", OrgODS: "RX1",
				Activities: roleKinds[nurse],
			},
		}},
	}))
	return b.ca.issue(b.t, certtest.P256(b.t), jose.ES256, otherUUID)
}

func of(uuid string) func(header, claims map[string]any) {
	return func(_, claims map[string]any) { claims["iss"], claims["sub"] = uuid, uuid }
}

// try signs in with a card and returns the answer.
func (x *terminal) try(c *card, change ...func(header, claims map[string]any)) response {
	x.b.t.Helper()
	return x.post(x.assertion(c, change...), x.proof(http.MethodPost, identity.TokenPath))
}

func (x *terminal) search(urid string) response {
	x.b.t.Helper()
	return x.get(urid, patients, url.Values{"family": {"example"}, "birthdate": {"eq2016-03-04"}})
}

func TestAPersonWhoSearchesTooOftenIsAskedToWait(t *testing.T) {
	b := newFixture(t, limited)
	x := b.signIn()
	for i := range 20 {
		if r := x.search(nurse); r.status != 200 {
			t.Fatalf("search %d: got status %d, body %s; want 200", i, r.status, r.body)
		}
	}

	r := x.search(nurse)
	if r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") != "1" ||
		!strings.Contains(r.body, `"TOO_MANY_REQUESTS"`) || !strings.Contains(r.body, `"throttled"`) {
		t.Errorf("search past the limit: got status %d, headers %v, body %s; want 429 throttled with Retry-After 1",
			r.status, r.header, r.body)
	}

	trail := b.trail()
	if last := trail[len(trail)-1]; last.Outcome != "refused" || last.Reason != "TOO_MANY_REQUESTS" ||
		last.Person != nurseUUID || last.URID != nurse || len(last.Patients) != 0 {
		t.Errorf("last audit record: got %+v, want a refusal with TOO_MANY_REQUESTS", last)
	}

	if r := x.search(clerk); r.status != http.StatusTooManyRequests {
		t.Errorf("search in another role: got status %d, want 429", r.status)
	}

	if r := b.signIn().search(nurse); r.status != http.StatusTooManyRequests {
		t.Errorf("search in another session: got status %d, want 429", r.status)
	}

	if r := x.get(nurse, flag, about(tess)); r.status != 200 {
		t.Errorf("lamp after too many searches: got status %d, want 200", r.status)
	}

	y := b.terminal()
	y.begin(y.try(b.other(), of(otherUUID)))
	if r := y.search(otherURID); r.status != 200 {
		t.Errorf("search of another person: got status %d, want 200", r.status)
	}

	b.clock.Add(time.Second)
	if r := x.search(nurse); r.status != 200 {
		t.Errorf("search after the wait: got status %d, want 200", r.status)
	}
}

// begin stores the session of a sign-in's answer in x.
func (x *terminal) begin(r response) {
	x.b.t.Helper()
	var g struct {
		AccessToken string `json:"access_token"`
	}
	r.into(x.b.t, &g)
	if r.status != 200 {
		x.b.t.Fatalf("sign-in: got status %d, body %s; want 200", r.status, r.body)
	}
	x.token = g.AccessToken
}

func TestNobodyAtTheSameAddressCanKeepAnotherOut(t *testing.T) {
	for name, attack := range map[string]func(b *fixture, victim *card) func() response{
		"with a certificate that they made themselves": func(b *fixture, _ *card) func() response {
			fake := newAuthority(b.t, "Sub CA").issue(b.t, certtest.P256(b.t), jose.ES256, nurseUUID)
			x := b.terminal()
			return func() response { return x.try(fake) }
		},
		"with the victim's certificate and a key of their own": func(b *fixture, victim *card) func() response {
			x, fake := b.terminal(), &card{certtest.P256(b.t), jose.ES256, victim.cert}
			return func() response { return x.try(fake) }
		},
		"with a good card and the victim's UUID": func(b *fixture, _ *card) func() response {
			x, own := b.terminal(), b.other()
			return func() response { return x.try(own) } // the assertion names the victim as iss and sub
		},
		"with the victim's whole sign-in again": func(b *fixture, victim *card) func() response {
			x := b.terminal()
			signed, proof := x.assertion(victim), x.proof(http.MethodPost, identity.TokenPath)
			x.post(signed, proof)
			return func() response { return x.post(signed, proof) }
		},
		"with the victim's assertion and a proof of their own": func(b *fixture, victim *card) func() response {
			x, thief := b.terminal(), b.terminal()
			signed := x.assertion(victim)
			return func() response { return thief.post(signed, thief.proof(http.MethodPost, identity.TokenPath)) }
		},
		"with a sign-in of the victim that was refused": func(b *fixture, victim *card) func() response {
			x := b.terminal()
			late := start.Add(-time.Hour).Unix()
			signed, proof := x.assertion(victim, claim("iat", late), claim("exp", late+60)),
				x.proof(http.MethodPost, identity.TokenPath)
			return func() response { return x.post(signed, proof) }
		},
		"with a nonce that was never given": func(b *fixture, victim *card) func() response {
			x := b.terminal()
			signed, proof := x.assertion(victim, claim("nonce", strings.Repeat("A", 43))),
				x.proof(http.MethodPost, identity.TokenPath)
			return func() response { return x.post(signed, proof) }
		},
		"with no proof at all": func(b *fixture, victim *card) func() response {
			x := b.terminal()
			signed := x.assertion(victim)
			return func() response { return x.post(signed, "") }
		},
		"with rubbish": func(b *fixture, _ *card) func() response {
			x := b.terminal()
			return func() response { return x.post("a.b.c", x.proof(http.MethodPost, identity.TokenPath)) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t, limited)
			victim := b.card()
			again := attack(b, victim)
			x := b.terminal()
			x.begin(x.try(victim))
			refused := 0
			for range 40 {
				r := again()
				status, oauth, why := reason(t, r)
				switch {
				case status == http.StatusTooManyRequests:
					refused++
					if oauth != "temporarily_unavailable" || why != "rate_limited" ||
						r.header.Get("Retry-After") != "1" {
						t.Errorf("got status %d, headers %v, body %s; want rate_limited with Retry-After 1",
							r.status, r.header, r.body)
					}
				case status != http.StatusBadRequest:
					t.Fatalf("attacking sign-in: got status %d, body %s; want 400 or 429", status, r.body)
				}
			}

			if refused < 15 {
				t.Errorf("of 40 attempts %d were throttled, want at least 15", refused)
			}

			before := len(b.trail())
			for range 10 {
				again()
			}

			if more := len(b.trail()) - before; more != 0 {
				t.Errorf("attacks past the budget left %d audit records, want none", more)
			}

			for i := range 3 {
				y := b.terminal()
				y.begin(y.try(victim))
				if r := y.search(nurse); r.status != 200 {
					t.Errorf("search after sign-in %d: got status %d, want 200", i, r.status)
				}
			}
		})
	}
}

func TestAFloodOfChallengesKeepsNobodyOutAndIsNotKept(t *testing.T) {
	b := newFixture(t, limited)
	for range 300 {
		b.nonce()
	}

	if n := b.count("used"); n != 0 {
		t.Errorf("got %d rows before a nonce is used, want none", n)
	}

	x, nonce := b.terminal(), b.nonce()
	mine := func(more ...func(header, claims map[string]any)) response {
		return x.try(b.card(), append(more, claim("nonce", nonce))...)
	}

	if r := mine(); r.status != 200 {
		t.Fatalf("sign-in during the attack: got status %d, body %s; want 200", r.status, r.body)
	}

	if _, _, why := reason(t, mine()); why != "nonce_unknown" {
		t.Errorf("sign-in with a used nonce: got %s, want nonce_unknown", why)
	}

	nonce = b.nonce()
	for name, other := range forged(t, nonce) {
		if _, _, why := reason(t, x.try(b.card(), claim("nonce", other), claim("jti", name))); why != "nonce_unknown" {
			t.Errorf("sign-in with a nonce with %s: got %s, want nonce_unknown", name, why)
		}
	}

	b.restart(limited, func(_ *fixture, c *hub.Config) { c.SigningKey = certtest.P256(t) })
	if r := mine(); r.status != 200 {
		t.Errorf("sign-in with a nonce from before a restart: got status %d, body %s; want 200", r.status, r.body)
	}

	if other := newFixture(t); other.nonce() == "" {
		t.Fatal("the other hub returned no nonce")
	} else if _, _, why := reason(t, x.try(b.card(), claim("nonce", other.nonce()))); why != "nonce_unknown" {
		t.Errorf("sign-in with a nonce of another store: got %s, want nonce_unknown", why)
	}

	nonce = b.nonce()
	b.clock.Add(121 * time.Second)
	if _, _, why := reason(t, mine()); why != "nonce_unknown" {
		t.Errorf("sign-in with an expired nonce: got %s, want nonce_unknown", why)
	}
}

// forged returns variants of a nonce that the hub hasn't issued, by what differs.
func forged(t *testing.T, nonce string) map[string]string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(nonce)
	must(t, err)
	nonces := map[string]string{
		"a line end inside":            nonce[:20] + "\n" + nonce[20:],
		"idle bits of the last letter": nonce[:len(nonce)-1] + string(nonce[len(nonce)-1]+1), // unused bits
		"padding":                      nonce + "=",
	}
	for name, i := range map[string]int{"another time": 0, "another chance": 10, "another MAC": len(raw) - 1} {
		other := bytes.Clone(raw)
		other[i] ^= 1
		nonces[name] = base64.RawURLEncoding.EncodeToString(other)
	}
	return nonces
}

// count returns the number of rows in a table of the ledger.
func (b *fixture) count(table string) (n int) {
	b.t.Helper()
	db := b.database()
	defer db.Close() //nolint:errcheck // the database is only read
	must(b.t, db.QueryRowContext(b.t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}

func TestAPersonSignsInOnlySoOften(t *testing.T) {
	b := newFixture(t, limited)
	for range 10 {
		b.signIn()
	}

	x := b.terminal()
	signed, proof := x.assertion(b.card()), x.proof(http.MethodPost, identity.TokenPath)
	r := x.post(signed, proof)
	if status, oauth, why := reason(t, r); status != 429 || oauth != "temporarily_unavailable" ||
		why != "rate_limited" || r.header.Get("Retry-After") != "3" {
		t.Errorf("throttled sign-in: got status %d, headers %v, body %s; want 429 rate_limited with Retry-After",
			r.status, r.header, r.body)
	}

	trail := b.trail()
	if last := trail[len(trail)-1]; last.Outcome != "refused" || last.Reason != "rate_limited" ||
		last.Person != nurseUUID || last.Session != "" {
		t.Errorf("last audit record: got %+v, want a refused sign-in of the nurse", last)
	}

	if _, _, why := reason(t, x.post(signed, proof)); why != "proof_invalid" {
		t.Errorf("repeated request: got %s, want proof_invalid", why)
	}

	y := b.terminal()
	y.begin(y.try(b.other(), of(otherUUID)))
	b.clock.Add(3 * time.Second)
	b.signIn()
}

func TestRequestsWithoutASessionAreSlowedAndSessionsAreNot(t *testing.T) {
	b := newFixture(t, limited)
	x, ended := b.signIn(), b.signIn()
	if r := b.post("/oauth2/revoke", url.Values{"token": {ended.token}},
		ended.proof("POST", "/oauth2/revoke")); r.status != 200 {
		t.Fatalf("revoke: got status %d, want 200", r.status)
	}

	unknown := b.terminal()
	unknown.token = "nobody-gave-this"
	var last response
	for range 50 {
		last = unknown.get(nurse, flag, about(tess))
	}

	if last.status != 429 || !strings.Contains(last.body, "TOO_MANY_REQUESTS") ||
		last.header.Get("Retry-After") != "1" {
		t.Errorf("request 50 without a session: got status %d, body %s; want 429 with Retry-After 1", last.status,
			last.body)
	}

	if r := x.get(nurse, flag, about(tess)); r.status != 200 {
		t.Errorf("request with a session from the same address: got status %d, body %s; want 200", r.status, r.body)
	}

	if !strings.Contains(ended.refused(), "was ended") {
		t.Error("request in an ended session: the answer lacks \"was ended\"")
	}
}

func TestOnlyATrustedProxySaysWhereARequestComesFrom(t *testing.T) {
	for name, c := range map[string]struct {
		proxies []netip.Prefix
		apart   bool
	}{
		"trusted":     {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, true},
		"not trusted": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t, limited, func(_ *fixture, h *hub.Config) { h.Proxies = c.proxies })
			x := b.terminal()
			from := func(address string) int {
				b.by = func(r *http.Request) { r.Header.Set("X-Forwarded-For", address) }
				return x.post("a.b.c", x.proof(http.MethodPost, identity.TokenPath)).status
			}
			for range 30 {
				from("203.0.113.5")
			}
			if got := from("203.0.113.5"); got != 429 {
				t.Errorf("second request of the first source: got status %d, want 429", got)
			}
			if got := from("203.0.113.6"); (got == 400) != c.apart {
				t.Errorf("request of another source: got status %d; throttled separately: want %v", got, c.apart)
			}
		})
	}
}
