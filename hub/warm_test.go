package hub_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/identity"
	"wardlight/hub/limit"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
	"wardlight/internal/nhs"
)

// watchedStaff counts the reads of sessions and persons.
type watchedStaff struct {
	store.Store
	reads atomic.Int64
}

// SessionByToken counts the call and forwards it to the store.
func (s *watchedStaff) SessionByToken(ctx context.Context, hash []byte) (store.Session, error) {
	s.reads.Add(1)
	return s.Store.SessionByToken(ctx, hash)
}

// Person counts the call and forwards it to the store.
func (s *watchedStaff) Person(ctx context.Context, uuid string) (store.Person, error) {
	s.reads.Add(1)
	return s.Store.Person(ctx, uuid)
}

// onEachStore runs a test with SQLite and with PostgreSQL. Each call of open opens the same database again, as another
// hub or an operator's command does.
func onEachStore(t *testing.T, test func(t *testing.T, open func() store.Store)) {
	t.Run("SQLite", func(t *testing.T) {
		folder := t.TempDir()
		test(t, func() store.Store {
			s, err := sqlite.Open(t.Context(), folder)
			must(t, err)
			t.Cleanup(func() { must(t, s.Close()) })
			return s
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		dsn := postgrestest.Schema(t, postgrestest.Start(t, labpg.Options{}))
		test(t, func() store.Store { return openPostgres(t, dsn, true) })
	})
}

// records returns the number of audit records.
func records(t *testing.T, s store.Store) int64 {
	t.Helper()
	head, err := s.AuditHead(t.Context())
	must(t, err)
	return head.Seq
}

// at returns a terminal that uses the same session at another hub.
func (x *terminal) at(b *fixture) *terminal {
	y := *x
	y.b = b
	return &y
}

func TestWhatIsTakenAwayElsewhereEndsAtTheNextCallOfAHubThatRemembers(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		here, there := &watchedStaff{Store: open()}, open()
		fillStore(t, there)
		ca, clk := newAuthority(t, "Sub CA"), &clock{now: start}
		b, other := besides(t, here, ca, clk, silence{}), besides(t, there, ca, clk, silence{})
		nurseAsPut, err := there.Person(t.Context(), nurseUUID)
		must(t, err)

		for name, c := range map[string]struct {
			take   func(x *terminal, c *card)
			status int
			says   string
		}{
			"the role": {func(*terminal, *card) {
				must(t, there.PutPerson(t.Context(), store.Person{UUID: nurseUUID, Given: "Ada", Family: "Sample"}))
			}, http.StatusBadRequest, "NHSD-Session-URID"},
			"a code of the role": {func(*terminal, *card) {
				less := nurseAsPut
				less.Roles = append([]store.Role(nil), less.Roles...)
				for i := range less.Roles {
					less.Roles[i].Activities = roleKinds[clerk]
				}
				must(t, there.PutPerson(t.Context(), less))
			}, http.StatusForbidden, "B0107"},
			"the certificate": {func(_ *terminal, c *card) {
				must(t, there.RevokeCertificates(t.Context(),
					[]store.Revocation{{Certificate: identity.CertificateOf(c.cert), At: clk.Now()}}))
			}, http.StatusUnauthorized, "Invalid Access Token"},
			"the CA": {func(_ *terminal, c *card) {
				_, err := there.EndSessions(t.Context(), identity.CertificateOf(c.cert).Issuer, clk.Now())
				must(t, err)
			}, http.StatusUnauthorized, "Invalid Access Token"},
			"the session": {func(x *terminal, _ *card) {
				if r := other.post("/oauth2/revoke", url.Values{"token": {x.token}},
					x.proof("POST", "/oauth2/revoke")); r.status != http.StatusOK {
					t.Errorf("revoke: got status %d, want 200", r.status)
				}
			}, http.StatusUnauthorized, "Invalid Access Token"},
		} {
			must(t, there.PutPerson(t.Context(), nurseAsPut))
			x, c2 := b.terminal(), b.card()
			x.begin(x.try(c2))
			clk.Add(2 * time.Minute) // the cached sign-in is older than any pending change
			for range 2 {
				if why := x.refused(); why != "" {
					t.Fatalf("%s: the first request was refused: %s", name, why)
				}
			}

			reads := here.reads.Load()
			if why := x.refused(); why != "" || here.reads.Load() != reads {
				t.Fatalf("%s: got %q with %d reads; want an answer from the hub's cache, or the test proves nothing",
					name, why, here.reads.Load()-reads)
			}

			c.take(x, c2)
			r := x.get(nurse, careTeam, about(tess))
			if r.status != c.status || !strings.Contains(r.body, c.says) {
				t.Errorf("%s: got status %d, body %s; want %d with %q", name, r.status, r.body, c.status, c.says)
			}

			accesses, err := there.Accesses(t.Context(), []nhs.Number{tess}, 10)
			must(t, err)
			notified, err := there.Notifications(t.Context(), store.NotificationQuery{})
			must(t, err)
			if len(accesses) != 0 || len(notified) != 0 {
				t.Errorf("%s: the refused request left %d accesses and %d notifications, want none", name,
					len(accesses), len(notified))
			}
		}
	})
}

func TestWhoGetsAnotherRoleWorksOnWithoutNoticing(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		ledger := open()
		fillStore(t, ledger)
		b := besides(t, ledger, newAuthority(t, "Sub CA"), &clock{now: start}, silence{}, func(c *hub.Config) {
			c.Limits = &limit.Config{SearchPerson: limit.PerMinute(2)}
		})

		x := b.signIn()
		b.clock.Add(2 * time.Minute)
		search := func() int { return x.search(nurse).status }
		if status := search(); status != http.StatusOK {
			t.Fatal(status)
		}

		for i := range 9 { // the limit is ten searches at once: a refused attempt doesn't count
			p, err := ledger.Person(t.Context(), nurseUUID)
			must(t, err)
			must(t, ledger.PutPerson(t.Context(), p))
			before := records(t, ledger)
			if status := search(); status != http.StatusOK || records(t, ledger) != before+1 {
				t.Errorf("search %d: got status %d and %d audit records, want 200 and 1", i, status,
					records(t, ledger)-before)
			}
		}

		if status := search(); status != http.StatusTooManyRequests {
			t.Errorf("search past the limit: got status %d, want 429", status)
		}
	})
}

func TestASessionUsedAtOneHubIsNotIdleAtAnother(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		ledger := open()
		fillStore(t, ledger)
		short := func(c *hub.Config) { c.SessionIdle = 30 * time.Second }
		ca, clk := newAuthority(t, "Sub CA"), &clock{now: start}
		x := besides(t, ledger, ca, clk, silence{}, short).signIn()
		y := x.at(besides(t, open(), ca, clk, silence{}, short))
		for _, at := range []*terminal{x, y, y, x, x, y} {
			if why := at.refused(); why != "" {
				t.Fatal(why)
			}
			clk.Add(20 * time.Second)
		}
		clk.Add(11 * time.Second)
		for _, at := range []*terminal{x, y} {
			if !strings.Contains(at.refused(), "idle") {
				t.Error("a request after 31 s was answered, want \"idle\"")
			}
		}
	})
}
