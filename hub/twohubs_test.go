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

// second starts another hub on the same books, with its own connections and its own signing key, and gives the way to
// send the requests of a bench there.
func (b *bench) second(options ...option) (there func(do func() response) response) {
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
	b := newBench(t)
	there := b.second()
	x := b.terminal()
	signed, proof := x.assertion(b.card()), x.proof(http.MethodPost, identity.TokenPath) // the nonce is of the first hub
	x.begin(there(func() response { return x.post(signed, proof) }))
	if _, _, why := reason(t, x.post(signed, proof)); why != "proof_invalid" {
		t.Errorf("the sign-in again at the other hub: %s", why)
	}
	if _, _, why := reason(t, x.post(signed, (&terminal{b: b, key: x.key}).proof(http.MethodPost, identity.TokenPath))); why != "nonce_unknown" {
		t.Errorf("the assertion again at the other hub: %s", why)
	}

	once := header("DPoP", x.proof("GET", flag))
	if r := x.get(nurse, flag, about(tess), once); r.status != 200 {
		t.Fatalf("the session at the other hub: %d %s", r.status, r.body)
	}
	if r := there(func() response { return x.get(nurse, flag, about(tess), once) }); r.status != 401 || !strings.Contains(r.header.Get("WWW-Authenticate"), "used before") {
		t.Errorf("the proof again at the other hub: %d %v", r.status, r.header)
	}
	for _, hub := range []string{"before a restart", "after it"} {
		if r := x.get(nurse, flag, about(tess), once); r.status != 401 {
			t.Errorf("the proof again %s: %d", hub, r.status)
		}
		b.restart()
	}

	if r := there(func() response {
		return b.post("/oauth2/revoke", url.Values{"token": {x.token}}, x.proof("POST", "/oauth2/revoke"))
	}); r.status != 200 {
		t.Fatalf("revoke: %d", r.status)
	}
	if !strings.Contains(x.refused(), "was ended") {
		t.Error("a session that was ended at one hub goes on at the other")
	}
}

func TestANonceServesOnceOnAllHubsOfAStore(t *testing.T) {
	b := newBench(t, limited)
	there := b.second(limited) // it has a signing key of its own
	for range 200 {
		b.nonce()
	}
	nonce := b.nonce()
	if n := b.count("used"); n != 0 {
		t.Errorf("%d rows before a nonce is used, want none", n)
	}
	x := b.terminal()
	mine := func() response { return x.try(b.card(), claim("nonce", nonce)) }
	x.begin(there(mine))
	b.clock.Add(time.Minute) // the nonce serves for two
	if _, _, why := reason(t, (&terminal{b: b, key: x.key}).try(b.card(), claim("nonce", nonce))); why != "nonce_unknown" {
		t.Errorf("again at the other hub: %s", why)
	}
}

// endsLate ends the session between the request's authentication and its commit, as another hub may.
type endsLate struct {
	store.Store
	end bool
}

func (s *endsLate) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	for _, e := range entries {
		if s.end && e.Touch != "" {
			if _, err := s.Store.Commit(ctx, []*store.Entry{{Audit: store.AuditRecord{At: start, Action: "sign out"}, End: e.Touch}}); err != nil {
				return nil, err
			}
		}
	}
	return s.Store.Commit(ctx, entries)
}

func TestASessionThatEndsDuringARequestGetsNoAnswer(t *testing.T) {
	late := &endsLate{}
	b := newBench(t, between(late, &late.Store))
	x := b.signIn()
	late.end = true
	if why := x.refused(); !strings.Contains(why, "was ended") {
		t.Errorf("it was answered: %q", why)
	}
	late.end = false
	if a, n := b.left(tess); len(a) != 0 || len(n) != 0 {
		t.Errorf("it left %d accesses and %d notifications", len(a), len(n))
	}
}

func TestARoleServesOnlyItsPersonAndOnlyWhileTheyHaveIt(t *testing.T) {
	b := newBench(t)
	x, y := b.signIn(), b.terminal()
	y.begin(y.try(b.other(), of(otherUUID)))
	if r := x.get(otherURID, flag, about(tess)); r.status != 400 {
		t.Errorf("in somebody else's role: %d", r.status)
	}
	if r := y.get(otherURID, flag, about(tess)); r.status != 200 {
		t.Errorf("in their own role: %d %s", r.status, r.body)
	}
	eve, err := b.sqlite.Person(t.Context(), otherUUID)
	must(t, err)
	eve.Roles[0].Activities = roleKinds[clerk]
	must(t, b.sqlite.PutPerson(t.Context(), eve))
	if r := y.get(otherURID, flag, about(tess)); r.status != 403 || !strings.Contains(r.body, "B0107") {
		t.Errorf("a code that was taken away: %d %s", r.status, r.body)
	}
	eve.Roles = nil
	must(t, b.sqlite.PutPerson(t.Context(), eve))
	if r := y.get(otherURID, flag, about(tess)); r.status != 400 {
		t.Errorf("a role that was taken away: %d", r.status)
	}
}
