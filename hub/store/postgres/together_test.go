package postgres

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/summary"
	"wardlight/internal/nhs"
)

// TestHubsThatStartTogetherBringTheDatabaseUpToDateOnce opens an empty database with many stores at the same time.
func TestHubsThatStartTogetherBringTheDatabaseUpToDateOnce(t *testing.T) {
	dsn := place(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			s, err := Open(t.Context(), Config{DSN: dsn, Volatile: true})
			if err != nil {
				t.Error(err)
				return
			}
			_ = s.Close()
		})
	}
	all.Wait()
}

// TestTwoHubsExtendOneChainAndTakeEachProofOnce commits every proof in both hubs.
func TestTwoHubsExtendOneChainAndTakeEachProofOnce(t *testing.T) {
	dsn := place(t)
	first := open(t, dsn)
	writers := []*audit.Writer{audit.NewWriter(first), audit.NewWriter(open(t, dsn))}
	const clients, each = 8, 25
	var taken, refused atomic.Int64
	var all sync.WaitGroup
	for client := range clients {
		for _, w := range writers {
			all.Go(func() {
				for i := range each {
					e := &store.Entry{
						Audit: store.AuditRecord{At: anInstant, Action: "search"},
						Proof: &store.Once{Hash: fmt.Append(nil, client, " ", i), Expires: anInstant.Add(time.Minute)},
					}
					switch err := w.Write(t.Context(), e); {
					case err == nil:
						taken.Add(1)
					case errors.Is(err, store.ErrProofUsed):
						refused.Add(1)
					default:
						t.Error(err)
					}
				}
			})
		}
	}

	all.Wait()
	if taken.Load() != clients*each || refused.Load() != clients*each {
		t.Errorf("got %d proofs accepted and %d refused, want %d of each", taken.Load(), refused.Load(), clients*each)
	}

	if head, err := audit.Verify(t.Context(), first); err != nil || head.Records != clients*each {
		t.Errorf("Verify: got %d audit records, error %v; want %d", head.Records, err, clients*each)
	}
}

// TestTwoHubsDeliverOneOutbox lets two hubs claim notifications until none is left. No notification may be claimed by
// both, and those of an authority must be claimed in order.
func TestTwoHubsDeliverOneOutbox(t *testing.T) {
	dsn := place(t)
	hubs := []*Store{open(t, dsn), open(t, dsn)}
	const authorities, each = 12, 8
	for a := range authorities {
		if err := hubs[0].PutAuthority(t.Context(), store.Authority{Code: fmt.Sprint("V", a)}); err != nil {
			t.Fatal(err)
		}
	}

	for i := range each {
		o := &store.Opening{RequestID: fmt.Sprint(i), Answer: []byte("{}"), Expires: anInstant}
		for a := range authorities {
			o.Notifications = append(o.Notifications, store.Notification{
				ID:        fmt.Sprint(a, " ", i),
				Authority: fmt.Sprint("V", a), Body: []byte("{}"), Created: anInstant, NextAttempt: anInstant,
			})
		}
		if _, err := hubs[0].Commit(t.Context(),
			[]*store.Entry{{Audit: store.AuditRecord{At: anInstant}, Opening: o}}); err != nil {
			t.Fatal(err)
		}
	}

	var mu sync.Mutex
	told := make(map[string][]int64) // ordinals by authority
	var all sync.WaitGroup
	for _, h := range hubs {
		for range 2 {
			all.Go(func() {
				for {
					claimed, err := h.ClaimNotifications(t.Context(), anInstant, time.Hour, 5)
					if err != nil {
						t.Error(err)
						return
					}

					for _, n := range claimed {
						mu.Lock()
						told[n.Authority] = append(told[n.Authority], n.Ordinal)
						mu.Unlock()
						if err := h.Delivered(t.Context(), n.ID, "", anInstant); err != nil {
							t.Error(err)
						}
					}

					if b, err := h.Backlog(t.Context()); err != nil || b.Waiting == 0 {
						if err != nil {
							t.Error(err)
						}
						return
					}
				}
			})
		}
	}

	all.Wait()
	for a := range authorities {
		got := told[fmt.Sprint("V", a)]
		if len(got) != each || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != each {
			t.Errorf("notifications of V%d: got ordinals %v, want %d different ones in order", a, got, each)
		}
	}
}

// TestClaimAlerts_TwoHubs checks that each alert is claimed by one hub.
func TestClaimAlerts_TwoHubs(t *testing.T) {
	dsn := place(t)
	hubs := []*Store{open(t, dsn), open(t, dsn)}
	const alerts = 60
	for n := range alerts {
		a := summary.Alert{
			ID: fmt.Sprint(n), At: anInstant, Number: digitsOf(9_990_000_018), RequestID: fmt.Sprint(n),
			Sending: summary.Sending{Next: anInstant},
		}
		if _, err := hubs[0].Commit(t.Context(), []*store.Entry{{
			Audit: store.AuditRecord{At: anInstant, Action: "view"}, Change: &store.Change{Alert: &a},
		}}); err != nil {
			t.Fatal(err)
		}
	}

	var mu sync.Mutex
	claims := make(map[string]int)
	var all sync.WaitGroup
	for _, h := range hubs {
		for range 2 {
			all.Go(func() {
				for {
					claimed, err := h.ClaimAlerts(t.Context(), anInstant, anInstant.Add(time.Minute), 3)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, a := range claimed {
						claims[a.ID]++
					}
					total := len(claims)
					mu.Unlock()
					if total == alerts {
						return
					}
				}
			})
		}
	}
	all.Wait()
	for id, n := range claims {
		if n != 1 {
			t.Errorf("alert %s: got %d claims, want one", id, n)
		}
	}
}

// TestTwoImportersPutTheSamePatients stores the same patients concurrently in opposite orders.
func TestTwoImportersPutTheSamePatients(t *testing.T) {
	dsn := place(t)
	var patients []store.Patient
	for n := range 200 {
		patients = append(patients, store.Patient{
			Number: digitsOf(9_990_000_000 + int64(n)), Body: []byte("{}"),
			Keys: store.Keys{
				Born:  today,
				Names: []store.NameKey{{Family: "example", Sounds: []store.Sound{{Family: "e251", Given: "t200"}}}},
			},
		})
	}

	backwards := slices.Clone(patients)
	slices.Reverse(backwards)
	var all sync.WaitGroup
	for _, list := range [][]store.Patient{patients, backwards, patients, backwards} {
		s := open(t, dsn)
		all.Go(func() {
			for part := range slices.Chunk(list, 20) {
				if err := s.PutPatients(t.Context(), part); err != nil {
					t.Error(err)
				}
			}
		})
	}

	all.Wait()
	got, err := open(t, dsn).FindPatients(t.Context(), store.PatientQuery{
		Family: "example",
		Born:   store.Span{From: today, To: today}, Today: today, Limit: 1000,
	})
	if err != nil || len(got) != len(patients) {
		t.Errorf("FindPatients returned %d of %d patients, error %v", len(got), len(patients), err)
	}
}

// TestARevocationAndACommitDoNotPass ends a session while requests of it are committed. Once the revocation has
// returned, none may be accepted.
func TestARevocationAndACommitDoNotPass(t *testing.T) {
	dsn := place(t)
	hub, other := open(t, dsn), open(t, dsn)
	session := &store.Session{
		ID: "s", TokenHash: []byte("t"), Started: anInstant, Expires: anInstant.Add(time.Hour),
		Certificate: store.Certificate{Fingerprint: "f"},
	}

	if _, err := hub.Commit(t.Context(),
		[]*store.Entry{{Audit: store.AuditRecord{At: anInstant}, Begin: session}}); err != nil {
		t.Fatal(err)
	}

	var over atomic.Bool
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				before := over.Load()
				refused, err := hub.Commit(t.Context(),
					[]*store.Entry{{
						Audit: store.AuditRecord{At: anInstant, Patients: []nhs.Number{"9990000018"}},
						Touch: "s",
					}})
				if err != nil {
					t.Error(err)
					return
				}
				if before && refused[0] == nil {
					t.Error("Commit of a request in an ended session succeeded, want a refusal")
				}
				if refused[0] != nil {
					return
				}
			}
		})
	}

	if err := other.RevokeCertificates(t.Context(),
		[]store.Revocation{{
			Certificate: store.Certificate{Fingerprint: "f"},
			At:          anInstant.Add(time.Second),
		}}); err != nil {
		t.Error(err)
	}

	over.Store(true)
	all.Wait()
	if _, err := audit.Verify(t.Context(), hub); err != nil {
		t.Error(err)
	}
}

// TestARevocationWaitsForTheCommitUnderWay starts a revocation while the transaction that inserts a session is open.
// The session must be ended afterwards.
func TestARevocationWaitsForTheCommitUnderWay(t *testing.T) {
	s := open(t, place(t))
	tx, err := s.pool.Begin(t.Context())
	must(t, err)
	defer tx.Rollback(t.Context()) //nolint:errcheck // does nothing after Commit
	_, err = tx.Exec(t.Context(), `SELECT FROM head FOR UPDATE`)
	must(t, err)
	_, err = tx.Exec(t.Context(), `INSERT INTO session (id, token_hash, person, key_thumb, cert_fingerprint,
			cert_issuer, cert_serial, begun, seen, expires, ended)
		VALUES ('s', 'token', '999000000111', 'thumb', 'f', 'CN=CA', '5', 1, 1, 1, 0)`)
	must(t, err)
	revoked := make(chan error, 1)
	go func() {
		revoked <- s.RevokeCertificates(t.Context(),
			[]store.Revocation{{Certificate: store.Certificate{Fingerprint: "f"}, At: anInstant}})
	}()

	for waits := false; !waits; {
		select {
		case err := <-revoked:
			t.Fatalf("RevokeCertificates returned %v before the commit, want it to wait", err)
		default:
		}
		must(t, s.pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)`).Scan(&waits))
	}

	must(t, tx.Commit(t.Context()))
	must(t, <-revoked)
	session, err := s.SessionByToken(t.Context(), []byte("token"))
	if err != nil || !session.Ended.Equal(anInstant) {
		t.Errorf("session ended at %v, error %v; want %v", session.Ended, err, anInstant)
	}
}
