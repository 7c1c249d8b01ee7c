package hub_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/hub/identity"
	"wardlight/hub/limit"
	"wardlight/hub/store"

	"wardlight/hub"
)

// recordsOf returns the audit records after that sequence number.
func recordsOf(t *testing.T, s store.Store, after int64) []store.AuditRecord {
	t.Helper()
	var all []store.AuditRecord
	must(t, s.AuditTrail(t.Context(), after+1, func(r store.AuditRecord) error {
		all = append(all, r)
		return nil
	}))
	return all
}

func TestMisuse_StolenToken(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		ledger := open()
		fillStore(t, ledger)
		b := besides(t, ledger, newAuthority(t, "Sub CA"), &clock{now: start}, silence{})
		x := b.signIn()
		thief := b.terminal()
		thief.token = x.token
		before := records(t, ledger)
		for range 20 {
			if why := thief.refused(); !strings.Contains(why, "invalid_dpop_proof") {
				t.Fatalf("request with a stolen token: got %q, want invalid_dpop_proof", why)
			}
		}

		all := recordsOf(t, ledger, before)
		if len(all) != 1 {
			t.Fatalf("twenty attempts within a minute left %d records, want 1", len(all))
		}

		if r := all[0]; r.Action != "use a token" || r.Outcome != "refused" || r.Reason != "invalid_dpop_proof" ||
			r.Person != nurseUUID ||
			r.Session == "" || r.Source != "127.0.0.1" {
			t.Errorf("audit record: got %+v, want a refused use of a token with person, session and source", r)
		}

		log := b.log.String()
		if n := strings.Count(log, "ALARM: a token was used without its key"); n != 1 ||
			!strings.Contains(log, all[0].Session) {
			t.Errorf("got %d alarms, want 1 with the session: %s", n, log)
		}

		if n := strings.Count(log, `"source":"127.0.0.1"`); n < 20 {
			t.Errorf("got %d log lines of refusals with the source, want at least 20", n)
		}

		b.clock.Add(time.Minute)
		thief.refused()
		if all = recordsOf(t, ledger, before); len(all) != 2 {
			t.Errorf("got %d records a minute later, want 2", len(all))
		}

		if r := x.get(nurse, flag, about(tess)); r.status != http.StatusOK {
			t.Errorf("request of the token's owner: got status %d, body %s; want 200", r.status, r.body)
		}

		if all = recordsOf(t, ledger, before); all[2].Source != "127.0.0.1" {
			t.Errorf("audit record of an answer: got %+v, want the source in it", all[2])
		}
	})
}

func TestMisuse_DeadToken(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		ledger := open()
		fillStore(t, ledger)
		b := besides(t, ledger, newAuthority(t, "Sub CA"), &clock{now: start}, silence{})
		x := b.signIn()
		revoke := func() response {
			return b.post("/oauth2/revoke", url.Values{"token": {x.token}}, x.proof(http.MethodPost, "/oauth2/revoke"))
		}

		before := records(t, ledger)
		for range 20 {
			if r := revoke(); r.status != http.StatusOK {
				t.Fatalf("revoke: got status %d, body %s; want 200", r.status, r.body)
			}
			x.refused()
		}

		if all := recordsOf(t, ledger, before); len(all) != 2 || all[0].Action != "sign out" ||
			all[1].Action != "use a token" {
			t.Errorf("use of an ended token: got records %+v, want its end and one use", all)
		}

		if strings.Contains(b.log.String(), "ALARM") {
			t.Error("an ended session was logged as an ALARM")
		}
	})
}

func TestMisuse_ProofSentAgain(t *testing.T) {
	b := newFixture(t)
	x := b.signIn()
	once := header("DPoP", x.proof(http.MethodGet, flag))
	before := len(b.trail())
	for range 10 {
		x.refused(once)
	}
	if all := b.trail()[before:]; len(all) != 2 || all[1].Action != "use a token" || all[1].Session != all[0].Session {
		t.Errorf("repeated proof: got records %+v, want the answer and one use of a token", all)
	}
}

func TestMisuse_RefusedCard(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		ledger := open()
		fillStore(t, ledger)
		b := besides(t, ledger, newAuthority(t, "Sub CA"), &clock{now: start}, silence{}, func(c *hub.Config) {
			standard := limit.Standard()
			c.Limits = &standard
		})
		lost, x := b.card(), b.terminal()
		must(t, ledger.RevokeCertificates(t.Context(),
			[]store.Revocation{{Certificate: identity.CertificateOf(lost.cert), At: start}}))
		for range 30 {
			if _, _, why := reason(t, x.try(lost)); why != "certificate_revoked" {
				t.Fatalf("sign-in with a revoked card: got %s, want certificate_revoked", why)
			}
		}
		all := recordsOf(t, ledger, 0)
		if len(all) != 10 || all[0].Source != "127.0.0.1" {
			t.Errorf("thirty refusals of one card: got %d records, want 10 with the source: %+v", len(all), all[0])
		}
		b.signIn() // another card of the same person
	})
}
