package hub_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
)

// second starts another hub on the same store, with its own connections and its own signing key. It returns a function
// that calls do with the bench's requests going to that hub.
func (b *fixture) second(options ...option) (there func(do func() response) response) {
	b.t.Helper()
	s, err := sqlite.Open(b.t.Context(), b.folder)
	must(b.t, err)
	c := hub.Config{Store: s, CA: b.ca.cas(), Issuer: issuer, Clock: b.clock.Now, Transport: silence{}}
	for _, o := range options {
		o(b, &c)
	}
	h, err := hub.New(c)
	must(b.t, err)
	server := httptest.NewServer(h.Handler())
	b.t.Cleanup(func() { server.Close(); must(b.t, s.Close()) })
	return func(do func() response) response {
		first := b.server
		b.server = server
		defer func() { b.server = first }()
		return do()
	}
}

func TestTwoHubsOnOneStoreTakeEverythingOnce(t *testing.T) {
	b := newFixture(t)
	there := b.second()
	x := b.terminal()
	signed, proof := x.assertion(b.card()), x.proof(http.MethodPost, identity.TokenPath) // the first hub's nonce
	x.begin(there(func() response { return x.post(signed, proof) }))
	if _, _, why := reason(t, x.post(signed, proof)); why != "proof_invalid" {
		t.Errorf("repeated sign-in at the other hub: got %s, want proof_invalid", why)
	}

	if _, _, why := reason(t,
		x.post(signed, (&terminal{b: b, key: x.key}).proof(http.MethodPost,
			identity.TokenPath))); why != "nonce_unknown" {
		t.Errorf("repeated assertion at the other hub: got %s, want nonce_unknown", why)
	}

	once := header("DPoP", x.proof("GET", flag))
	if r := x.get(nurse, flag, about(tess), once); r.status != 200 {
		t.Fatalf("request in the other hub's session: got status %d, body %s; want 200", r.status, r.body)
	}

	if r := there(func() response {
		return x.get(nurse, flag, about(tess), once)
	}); r.status != 401 || !strings.Contains(r.header.Get("WWW-Authenticate"), "used before") {
		t.Errorf("used proof at the other hub: got status %d, headers %v; want 401 \"used before\"", r.status, r.header)
	}

	for _, hub := range []string{"before a restart", "after it"} {
		if r := x.get(nurse, flag, about(tess), once); r.status != 401 {
			t.Errorf("used proof %s: got status %d, want 401", hub, r.status)
		}
		b.restart()
	}

	if r := there(func() response {
		return b.post("/oauth2/revoke", url.Values{"token": {x.token}}, x.proof("POST", "/oauth2/revoke"))
	}); r.status != 200 {
		t.Fatalf("revoke: got status %d, want 200", r.status)
	}

	if !strings.Contains(x.refused(), "was ended") {
		t.Error("a session that was ended at one hub was not refused at the other")
	}
}

func TestANonceServesOnceOnAllHubsOfAStore(t *testing.T) {
	b := newFixture(t, limited)
	there := b.second(limited) // each hub has its own signing key
	for range 200 {
		b.nonce()
	}
	nonce := b.nonce()
	if n := b.count("used"); n != 0 {
		t.Errorf("got %d rows before a nonce is used, want none", n)
	}
	x := b.terminal()
	mine := func() response { return x.try(b.card(), claim("nonce", nonce)) }
	x.begin(there(mine))
	b.clock.Add(time.Minute) // a nonce is valid for two minutes
	if _, _, why := reason(t, (&terminal{b: b, key: x.key}).try(b.card(),
		claim("nonce", nonce))); why != "nonce_unknown" {
		t.Errorf("repeated nonce at the other hub: got %s, want nonce_unknown", why)
	}
}

// endsLate ends the session after the request's authentication and before its commit, as another hub may.
type endsLate struct {
	store.Store
	end bool
}

func (s *endsLate) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	for _, e := range entries {
		if s.end && e.Touch != "" {
			if _, err := s.Store.Commit(ctx, []*store.Entry{{
				Audit: store.AuditRecord{At: start, Action: "sign out"},
				End:   e.Touch,
			}}); err != nil {
				return nil, err
			}
		}
	}
	return s.Store.Commit(ctx, entries)
}

func TestASessionThatEndsDuringARequestGetsNoAnswer(t *testing.T) {
	late := &endsLate{}
	b := newFixture(t, between(late, &late.Store))
	x := b.signIn()
	late.end = true
	if why := x.refused(); !strings.Contains(why, "was ended") {
		t.Errorf("request whose session ends meanwhile: got %q, want \"was ended\"", why)
	}
	late.end = false
	if a, n := b.left(tess); len(a) != 0 || len(n) != 0 {
		t.Errorf("the refused request left %d accesses and %d notifications, want none", len(a), len(n))
	}
}

func TestARoleServesOnlyItsPersonAndOnlyWhileTheyHaveIt(t *testing.T) {
	b := newFixture(t)
	x, y := b.signIn(), b.terminal()
	y.begin(y.try(b.other(), of(otherUUID)))
	if r := x.get(otherURID, flag, about(tess)); r.status != 400 {
		t.Errorf("request in another person's role: got status %d, want 400", r.status)
	}

	if r := y.get(otherURID, flag, about(tess)); r.status != 200 {
		t.Errorf("request in an own role: got status %d, body %s; want 200", r.status, r.body)
	}

	eve, err := b.sqlite.Person(t.Context(), otherUUID)
	must(t, err)
	eve.Roles[0].Activities = roleKinds[clerk]
	must(t, b.sqlite.PutPerson(t.Context(), eve))
	if r := y.get(otherURID, flag, about(tess)); r.status != 403 || !strings.Contains(r.body, "B0107") {
		t.Errorf("request without the activity code: got status %d, body %s; want 403 with B0107", r.status, r.body)
	}

	eve.Roles = nil
	must(t, b.sqlite.PutPerson(t.Context(), eve))
	if r := y.get(otherURID, flag, about(tess)); r.status != 400 {
		t.Errorf("request without the role: got status %d, want 400", r.status)
	}
}
