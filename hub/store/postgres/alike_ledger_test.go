package postgres

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// draw returns a random entry with few different IDs, so that entries conflict.
func draw(r *rand.Rand, i int, at time.Time) *store.Entry {
	if r.IntN(150) == 0 { // invalid entry: the commit fails
		o := drawOpening(r, i, at)
		o.RequestID, o.Notifications = fmt.Sprint("failing", i),
			[]store.Notification{{ID: fmt.Sprint("n", i), Authority: "nobody", Body: []byte("body")}}
		return &store.Entry{Audit: store.AuditRecord{At: at}, Opening: o}
	}

	id := func(kind string, of int) string { return fmt.Sprint(kind, r.IntN(of)) }
	once := func() *store.Once {
		n := r.IntN(400)
		return &store.Once{
			Hash:    fmt.Append(nil, "once", n/2*2),
			Expires: anInstant.Add(time.Duration(n) * time.Second / 2),
		}
	}

	rarely := func(n int) bool { return r.IntN(n) == 0 }
	e := &store.Entry{Audit: store.AuditRecord{
		At: at, RequestID: fmt.Sprint("request", i), Action: "search", Outcome: "granted",
		Patients: []nhs.Number{"9990000018", "9990000026"}[:r.IntN(3)],
	}}

	if rarely(2) {
		e.Proof = once()
	}

	if rarely(4) {
		e.Assertion = once()
	}

	if i%8 == 0 {
		session := fmt.Sprint("session", i/8)
		e.Begin = &store.Session{
			ID: session, TokenHash: []byte("token " + session), Person: "999000000111", Started: at, Seen: at,
			Expires:     at.Add(8 * time.Hour),
			Certificate: store.Certificate{Fingerprint: "f" + session, Issuer: "CN=CA", Serial: id("serial", 30)},
		}
	}

	if rarely(2) {
		e.Touch = fmt.Sprint("session", max(0, i/8-r.IntN(3)))
		e.Version = max(0, int64(i/300)+1-r.Int64N(3)) // about as often as the person changes
	}

	if rarely(8) {
		e.End = fmt.Sprint("session", max(0, i/8-r.IntN(6)))
	}

	if rarely(3) {
		e.Opening = drawOpening(r, i, at)
	}

	if rarely(8) {
		e.Upload = &store.Upload{
			ID: fmt.Sprint("upload", i), Authority: id("V", 3), File: id("file", 40), Digest: "d",
			At: at, Answer: []byte("answer"),
		}
		for range r.IntN(4) {
			e.Upload.Plans = append(e.Upload.Plans, store.Plan{
				ID: id("plan", 12), Number: "9990000018", Kind: store.ChildProtection, Start: today,
				Authority: e.Upload.Authority, Reference: fmt.Sprint(i),
			})
		}
		for range r.IntN(3) {
			e.Upload.Deleted = append(e.Upload.Deleted, id("plan", 12))
		}
	}

	return e
}

func drawOpening(r *rand.Rand, i int, at time.Time) *store.Opening {
	o := &store.Opening{
		Person: fmt.Sprint("person", r.IntN(5)), RequestID: fmt.Sprint("request", r.IntN(60)),
		Digest: "d", Answer: []byte(fmt.Sprint("answer ", i)), Expires: at.Add(time.Hour),
	}
	if r.IntN(4) == 0 {
		return o
	}
	o.Access = &store.Access{
		ID: fmt.Sprint("access", i), Number: "9990000018", At: at, Session: "s",
		RequestID: o.RequestID, Who: store.Viewer{UUID: "1", Name: "Ms Ada Sample"},
	}
	for n := range r.IntN(3) {
		code := fmt.Sprint("V", r.IntN(3))
		o.Notifications = append(o.Notifications, store.Notification{
			ID: fmt.Sprint("n", i, "-", n), Authority: code,
			Body: []byte("body"), Created: at, NextAttempt: at,
		})
	}
	return o
}

// TestBothStoresKeepTheSameLedger commits the same groups of entries to both stores, including entries that are
// refused or fail, and revokes, prunes and delivers between them. Both must return the same results.
func TestBothStoresKeepTheSameLedger(t *testing.T) {
	b := newBoth(t)
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 3 {
		b.each(t, func(s store.Store) error {
			return s.PutAuthority(t.Context(), store.Authority{
				Code:     fmt.Sprint("V", i),
				Endpoint: "https://la.example",
			})
		})
	}

	b.each(t, func(s store.Store) error { return s.PutPerson(t.Context(), store.Person{UUID: "999000000111"}) })
	stored, refused, failed := 0, make(map[error]int), 0
	at := anInstant
	for i := 0; i < 1200; {
		at = at.Add(time.Second)
		b.between(t, r, at)
		group := make([]*store.Entry, 1+r.IntN(20))
		for j := range group {
			group[j] = draw(r, i, at)
			i++
		}

		want, err := b.sqlite.Commit(t.Context(), group)
		got, err2 := b.postgres.Commit(t.Context(), group)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("Commit: sqlite: %v\npostgres: %v", err, err2)
		}

		if err != nil {
			failed++
			continue
		}

		for j := range group {
			if !errors.Is(got[j], want[j]) {
				t.Fatalf("entry %d of %d, %+v:\nsqlite: %v\npostgres: %v; want the same", j, len(group), group[j],
					want[j], got[j])
			}
			if want[j] != nil {
				refused[want[j]]++
			} else {
				stored++
			}
		}
	}

	if stored < 200 || failed == 0 || len(refused) != 6 {
		t.Errorf("got %d entries stored, %d groups failed, refused %v; want at least 200, some, and 6 reasons", stored,
			failed, refused)
	}

	b.sameLedger(t)
}

// between does what other parts of a hub do between commits.
func (b both) between(t *testing.T, r *rand.Rand, at time.Time) {
	t.Helper()

	switch r.IntN(6) {
	case 5:
		if r.IntN(4) == 0 {
			b.each(t, func(s store.Store) error { return s.PutPerson(t.Context(), store.Person{UUID: "999000000111"}) })
		}
	case 1:
		lists := []store.Revocation{
			{Certificate: store.Certificate{
				Serial: fmt.Sprint("serial", r.IntN(30)),
				Issuer: []string{"", "CN=CA", "CN=Another"}[r.IntN(3)],
			}, At: at},
			{Certificate: store.Certificate{Fingerprint: fmt.Sprint("fsession", r.IntN(150))}, At: at},
		}
		b.each(t, func(s store.Store) error { return s.RevokeCertificates(t.Context(), lists) })
	case 2:
		if r.IntN(5) == 0 {
			b.each(t, func(s store.Store) error {
				return s.Prune(t.Context(), at.Add(-30*time.Second), store.Retention{})
			})
		}
	case 3:
		claimed := alike(t, b, "claims", func(s store.Store) ([]store.Notification, error) {
			return s.ClaimNotifications(t.Context(), at, time.Second, 2)
		})

		for _, n := range claimed {
			end := r.IntN(4)
			b.each(t, func(s store.Store) error {
				switch end {
				case 0:
					return s.Delivered(t.Context(), n.ID, "", at)
				case 3:
					return errors.Join(s.Delivered(t.Context(), n.ID, "receipt", at),
						s.Undelivered(t.Context(), n.ID, "receipt", at, "not collected"))
				case 1:
					return s.Failed(t.Context(), n.ID, at.Add(time.Second), "down")
				default:
					return s.Bury(t.Context(), n.ID, at, "gone")
				}
			})
		}

		alike(t, b, "next due", func(s store.Store) (time.Time, error) {
			due, _, err := s.NextDue(t.Context())
			return due, err
		})

		alike(t, b, "backlog", func(s store.Store) (store.Backlog, error) { return s.Backlog(t.Context()) })
	}
}

func (b both) sameLedger(t *testing.T) {
	t.Helper()
	if _, err := audit.Verify(t.Context(), b.postgres); err != nil {
		t.Error(err)
	}

	alike(t, b, "audit", func(s store.Store) (all []store.AuditRecord, err error) {
		err = s.AuditTrail(t.Context(), 1, func(r store.AuditRecord) error { all = append(all, r); return nil })
		return all, err
	})

	alike(t, b, "notifications", func(s store.Store) ([]store.Notification, error) {
		return s.Notifications(t.Context(), store.NotificationQuery{})
	})

	alike(t, b, "accesses", func(s store.Store) ([]store.Access, error) {
		return s.Accesses(t.Context(), []nhs.Number{"9990000018"}, 10_000)
	})

	alike(t, b, "first accesses", func(s store.Store) ([]store.Access, error) {
		return s.FirstAccesses(t.Context(), []nhs.Number{"9990000018"}, time.Minute, 10_000)
	})

	alike(t, b, "plans", func(s store.Store) (map[string]store.PlanWithAuthority, error) {
		plans, err := s.Plans(t.Context(), []nhs.Number{"9990000018"})
		byID := make(map[string]store.PlanWithAuthority)
		for _, p := range plans {
			byID[p.ID] = p
		}
		return byID, err
	})

	alike(t, b, "sessions", func(s store.Store) (int, error) { return s.CountSessions(t.Context(), anInstant) })
	for i := range 160 {
		alike(t, b, i, func(s store.Store) (store.Session, error) {
			x, err := s.SessionByToken(t.Context(), fmt.Append(nil, "token session", i))
			return x, unlessNotFound(err)
		})
	}

	for person := range 5 {
		for request := range 60 {
			alike(t, b, request, func(s store.Store) (store.Opening, error) {
				o, err := s.Opening(t.Context(), fmt.Sprint("person", person), fmt.Sprint("request", request))
				return o, unlessNotFound(err)
			})
		}
	}
}

func unlessNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
