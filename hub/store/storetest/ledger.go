package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// session returns a session of a certificate.
func session(id string) *store.Session {
	return &store.Session{
		ID: id, TokenHash: []byte("token " + id), Person: "999000000111", KeyThumb: "thumb",
		Certificate: store.Certificate{Fingerprint: "f" + id, Issuer: "CN=CA", Serial: "5" + id}, Started: now,
		Seen: now, Expires: now.Add(time.Hour),
	}
}

func proofsServeOnce(t *testing.T, b *fixture) {
	once := func(s string) *store.Once { return &store.Once{Hash: []byte(s), Expires: now.Add(time.Minute)} }
	must(t, b.commit(&store.Entry{Audit: record("x"), Proof: once("p"), Assertion: once("a")}))
	mustBe(t, b.commit(&store.Entry{Audit: record("x"), Proof: once("p")}), store.ErrProofUsed)
	mustBe(t, b.commit(&store.Entry{Audit: record("x"), Proof: once("q"), Assertion: once("a")}),
		store.ErrAssertionUsed)
	mustBe(t, b.commit(&store.Entry{Audit: record("x"), Proof: once("q"), Assertion: once("q")}),
		store.ErrAssertionUsed)
	must(t, b.commit(&store.Entry{Audit: record("x"), Proof: once("q")})) // the refused entry didn't use it
	refused, err := b.Commit(b.ctx, []*store.Entry{
		{Audit: record("x"), Proof: once("r")},
		{Audit: record("x"), Proof: once("r")},
	})
	must(t, err)
	mustBe(t, refused[0], nil)
	mustBe(t, refused[1], store.ErrProofUsed)
}

func sessionLivesAndEnds(t *testing.T, b *fixture) {
	s := session("a")
	_, err := b.SessionByToken(b.ctx, s.TokenHash)
	mustBe(t, err, store.ErrNotFound)
	mustBe(t, b.commit(&store.Entry{Audit: record("x"), Touch: "a"}), store.ErrSessionEnded)
	must(t, b.commit(&store.Entry{Audit: record("sign in"), Begin: s}))
	got, err := b.SessionByToken(b.ctx, s.TokenHash)
	must(t, err)
	if !reflect.DeepEqual(got, *s) {
		t.Errorf("SessionByToken = %+v, want the stored session", got)
	}

	later := record("x")
	later.At = now.Add(time.Minute)
	must(t, b.commit(&store.Entry{Audit: later, Touch: "a"}))
	must(t, b.commit(&store.Entry{Audit: record("x"), Touch: "a"})) // stored later, but earlier
	if got, err = b.SessionByToken(b.ctx, s.TokenHash); err != nil || !got.Seen.Equal(later.At) {
		t.Errorf("got Seen %v, error %v; want the later request's time", got.Seen, err)
	}

	must(t, b.commit(&store.Entry{Audit: later, End: "a"}))
	must(t, b.commit(&store.Entry{Audit: later, End: "a"}))
	if got, err = b.SessionByToken(b.ctx, s.TokenHash); err != nil || !got.Ended.Equal(later.At) {
		t.Errorf("got Ended %v, error %v; want the later request's time", got.Ended, err)
	}

	mustBe(t, b.commit(&store.Entry{Audit: record("x"), Touch: "a"}), store.ErrSessionEnded)
}

// aChangedPersonIsNotAnsweredAsBefore commits entries based on an outdated person. Each must be refused by itself,
// whichever hub changed the person.
func aChangedPersonIsNotAnsweredAsBefore(t *testing.T, b *fixture) {
	s, other := session("a"), session("b")
	other.Person = "999000000112"
	touch := func(id string, version int64) *store.Entry {
		return &store.Entry{Audit: record("x"), Touch: id, Version: version, Proof: &store.Once{
			Hash:    []byte("p" + id),
			Expires: now,
		}}
	}

	refused, err := b.Commit(b.ctx, []*store.Entry{{Audit: record("sign in"), Begin: s}, touch("a", 1)})
	must(t, err)
	mustBe(t, refused[0], nil)
	mustBe(t, refused[1], store.ErrPersonChanged) // of an unknown person
	must(t, b.PutPerson(b.ctx, store.Person{UUID: s.Person}))
	must(t, b.PutPerson(b.ctx, store.Person{UUID: other.Person}))
	must(t, b.commit(&store.Entry{Audit: record("sign in"), Begin: other}))
	first, err := b.Person(b.ctx, s.Person)
	must(t, err)
	must(t, b.commit(touch("a", first.Version)))
	beside := b.reopen()
	defer beside.Close() //nolint:errcheck // another hub's store
	must(t, beside.PutPerson(b.ctx, store.Person{UUID: s.Person}))
	next, err := b.Person(b.ctx, s.Person)
	must(t, err)
	unchanged, err := b.Person(b.ctx, other.Person)
	must(t, err)
	again := touch("a", first.Version)
	again.Proof.Hash = []byte("q")
	records := len(b.trail())
	refused, err = b.Commit(b.ctx, []*store.Entry{again, touch("b", unchanged.Version)})
	must(t, err)
	mustBe(t, refused[0], store.ErrPersonChanged)
	mustBe(t, refused[1], nil)
	again.Version = next.Version
	must(t, b.commit(again)) // the refused entry didn't use its proof
	if n := len(b.trail()); n != records+2 {
		t.Errorf("got %d audit records, then %d; want 2 more", records, n)
	}

	must(t, b.commit(&store.Entry{Audit: record("sign out"), End: "a"}))
	mustBe(t, b.commit(&store.Entry{Audit: record("x"), Touch: "a", Version: first.Version}), store.ErrSessionEnded)
}

// opening returns an opening with an access and one notification.
func opening(requestID string) *store.Opening {
	return &store.Opening{
		Person: "s", RequestID: requestID, Digest: "d", Answer: []byte("answer " + requestID),
		Expires: now.Add(time.Hour),
		Access: &store.Access{
			ID: "access-" + requestID, Number: tess, At: now, Session: "s", RequestID: requestID,
			Who: store.Viewer{
				UUID: "1", URID: "2", Name: "Ms Ada Sample", JobRole: "R8001", JobName: "Nurse",
				OrgODS: "RX1", OrgName: "HOSPITAL",
			},
		},
		Notifications: []store.Notification{{
			ID: "n-" + requestID, Authority: "V999", Body: []byte("body"),
			Created: now, NextAttempt: now,
		}},
	}
}

func entryIsWhole(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	must(t, b.commit(&store.Entry{Audit: record("open"), Opening: opening("1")}))
	o := opening("1")
	got, err := b.Opening(b.ctx, "s", "1")
	must(t, err)
	if string(got.Answer) != "answer 1" || got.Digest != "d" || !got.Expires.Equal(o.Expires) {
		t.Errorf("Opening = %+v, want the stored one", got)
	}

	accesses, err := b.Accesses(b.ctx, []nhs.Number{tess}, 25)
	must(t, err)
	if !reflect.DeepEqual(accesses, []store.Access{*o.Access}) {
		t.Errorf("Accesses = %+v, want the opening's", accesses)
	}

	notified, err := b.Notifications(b.ctx, store.NotificationQuery{})
	must(t, err)
	if len(notified) != 1 || notified[0].ID != "n-1" || notified[0].Endpoint != "https://la.example/V999" ||
		string(notified[0].Body) != "body" || !notified[0].Created.Equal(now) {
		t.Errorf("Notifications = %+v, want the opening's", notified)
	}

	trail := b.trail()
	want := audit.Seal(record("open"), 1, audit.Genesis())
	if len(trail) != 1 || !reflect.DeepEqual(trail[0], want) {
		t.Errorf("audit: got %+v, want %+v", trail, want)
	}

	// An entry that is refused because of its last part must not leave its first part.
	mustBe(t, b.commit(&store.Entry{Audit: record("x"), Begin: session("a"), Touch: "nobody"}), store.ErrSessionEnded)
	_, err = b.SessionByToken(b.ctx, session("a").TokenHash)
	mustBe(t, err, store.ErrNotFound)
}

func refusedEntrySpoilsNoOther(t *testing.T, b *fixture) {
	refused, err := b.Commit(b.ctx, []*store.Entry{
		{Audit: record("first")}, {Audit: record("second"), Touch: "nobody"}, {Audit: record("third")},
	})
	must(t, err)
	mustBe(t, refused[1], store.ErrSessionEnded)
	var actions []string
	for _, r := range b.trail() {
		actions = append(actions, r.Action)
	}
	if !slices.Equal(actions, []string{"first", "third"}) {
		t.Errorf("actions in the audit: got %v, want first and third", actions)
	}
	_, err = audit.Verify(b.ctx, b)
	must(t, err)
}

func failingEntrySpoilsTheGroup(t *testing.T, b *fixture) {
	broken := opening("1")
	broken.Notifications[0].Authority = "nobody"
	if _, err := b.Commit(b.ctx, []*store.Entry{
		{Audit: record("first")},
		{Audit: record("open"), Opening: broken},
	}); err == nil {
		t.Fatal("Commit of a notification to an unknown authority succeeded, want error")
	}
	accesses, err := b.Accesses(b.ctx, []nhs.Number{tess}, 25)
	must(t, err)
	if len(b.trail()) != 0 || len(accesses) != 0 {
		t.Errorf("the failed Commit left audit records %v and accesses %v, want none", b.trail(), accesses)
	}
	cancelled, cancel := context.WithCancel(b.ctx)
	cancel()
	if _, err := b.Commit(cancelled, []*store.Entry{{Audit: record("x")}}); err == nil {
		t.Error("Commit with a cancelled context succeeded, want error")
	}
	must(t, b.commit(&store.Entry{Audit: record("x")}))
}

func openingIsStoredOnce(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	_, err := b.Opening(b.ctx, "s", "1")
	mustBe(t, err, store.ErrNotFound)
	must(t, b.commit(&store.Entry{Audit: record("open"), Opening: opening("1")}))
	mustBe(t, b.commit(&store.Entry{Audit: record("open"), Opening: opening("1")}), store.ErrOpenedBefore)
	silent := opening("2")
	silent.Access, silent.Notifications = nil, nil
	must(t, b.commit(&store.Entry{Audit: record("open"), Opening: silent}))
	var accesses []store.Access
	must(t, b.EachAccess(b.ctx, func(a store.Access) error {
		accesses = append(accesses, a)
		return nil
	}))
	if !reflect.DeepEqual(accesses, []store.Access{*opening("1").Access}) {
		t.Errorf("EachAccess: got %+v, want the access of the first opening", accesses)
	}
	if notified, err := b.Notifications(b.ctx, store.NotificationQuery{}); err != nil || len(notified) != 1 ||
		len(b.trail()) != 2 {
		t.Errorf("Notifications after an opening without any: got %v, error %v; want only the earlier one", notified,
			err)
	}
}

func auditIsAChain(t *testing.T, b *fixture) {
	_, err := b.AuditHead(b.ctx)
	mustBe(t, err, store.ErrNotFound)
	for i := range 3 {
		must(t, b.commit(&store.Entry{Audit: record(fmt.Sprint("before ", i))}))
	}

	b.restart()
	after := &store.Entry{Audit: record("after")}
	must(t, b.commit(after))
	head, err := audit.Verify(b.ctx, b)
	must(t, err)
	last, err := b.AuditHead(b.ctx)
	must(t, err)
	if after.Stored.Seq != 4 || !slices.Equal(after.Stored.Hash, last.Hash) {
		t.Errorf("Commit: got the position %+v, want that of record 4", after.Stored)
	}
	if head.Records != 4 || last.Seq != 4 || !slices.Equal(last.Hash, head.Hash) || last.Action != "after" {
		t.Errorf("Verify: got %d records, the last %+v; want 4", head.Records, last)
	}

	var from3 []int64
	stop := errors.New("stop")
	mustBe(t, b.AuditTrail(b.ctx, 3, func(r store.AuditRecord) error {
		from3 = append(from3, r.Seq)
		return stop
	}), stop)

	if !slices.Equal(from3, []int64{3}) {
		t.Errorf("AuditTrail from 3 visited %v, want only 3 before the error", from3)
	}
}

func auditUnderManyWriters(t *testing.T, b *fixture) {
	const writers, each = 8, 20
	w := audit.NewWriter(b)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for j := range each {
				if err := w.Write(b.ctx, &store.Entry{Audit: record(fmt.Sprint(i, " ", j))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	head, err := audit.Verify(b.ctx, b)
	must(t, err)
	if head.Records != writers*each {
		t.Errorf("Verify: got %d records, want %d", head.Records, writers*each)
	}
}

func expiredIsDeleted(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	once := &store.Once{Hash: []byte("p"), Expires: now.Add(time.Second)}
	must(t, b.commit(&store.Entry{Audit: record("open"), Opening: opening("1"), Proof: once}))
	must(t, b.Prune(b.ctx, now.Add(time.Second), store.Retention{}))
	mustBe(t, b.commit(&store.Entry{Audit: record("x"), Proof: once}), store.ErrProofUsed)
	must(t, b.Prune(b.ctx, now.Add(2*time.Hour), store.Retention{}))
	must(t, b.commit(&store.Entry{Audit: record("x"), Proof: once}))
	_, err := b.Opening(b.ctx, "s", "1")
	mustBe(t, err, store.ErrNotFound)
	accesses, err := b.Accesses(b.ctx, []nhs.Number{tess}, 25)
	must(t, err)
	if notified, err := b.Notifications(b.ctx, store.NotificationQuery{}); err != nil || len(notified) != 1 ||
		len(accesses) != 1 || len(b.trail()) != 2 {
		t.Errorf("Prune deleted data without an expiry: left notifications %v, accesses %v, error %v", notified,
			accesses,
			err)
	}
}

func everythingSurvives(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	must(t, b.PutPatients(b.ctx, []store.Patient{person(tess, "example")}))
	must(t, b.PutPlan(b.ctx, store.Plan{
		ID: "p", Number: tess, Kind: store.ChildProtection, Start: day(2026, 1, 1),
		Authority: "V999",
	}))

	must(t, b.commit(&store.Entry{Audit: record("open"), Begin: session("a"), Opening: opening("1")}))
	b.restart()
	_, err := b.Patient(b.ctx, tess)
	must(t, err)
	_, err = b.SessionByToken(b.ctx, session("a").TokenHash)
	must(t, err)
	_, err = b.Opening(b.ctx, "s", "1")
	must(t, err)
	plans, err := b.Plans(b.ctx, []nhs.Number{tess})
	must(t, err)
	if due, waits, err := b.NextDue(b.ctx); err != nil || !waits || !due.Equal(now) || len(plans) != 1 {
		t.Errorf("after a restart: got next due %v, %v, error %v and %d plans; want now and one plan", due, waits, err,
			len(plans))
	}
}

// oldSessionsAreDeleted prunes more sessions than one transaction deletes, ended and expired ones, and one that is
// younger.
func oldSessionsAreDeleted(t *testing.T, b *fixture) {
	const old = 2500
	retention := store.Retention{Sessions: 24 * time.Hour}
	var entries []*store.Entry
	for i := range old + 1 {
		s := session(fmt.Sprint(i))
		s.Expires = now
		if i == old {
			s.Expires = now.Add(time.Second)
		}
		entries = append(entries, &store.Entry{Audit: record("sign in"), Begin: s})
	}

	_, err := b.Commit(b.ctx, entries)
	must(t, err)
	must(t, b.commit(&store.Entry{Audit: record("sign out"), End: session("1").ID}))

	for _, c := range []struct {
		after time.Duration
		gone  bool
	}{{24 * time.Hour, false}, {24*time.Hour + 1*time.Microsecond, true}} {
		must(t, b.Prune(b.ctx, now.Add(c.after), retention))
		for _, i := range []int{0, 1, old - 1} {
			if _, err := b.SessionByToken(b.ctx, session(fmt.Sprint(i)).TokenHash); errors.Is(err,
				store.ErrNotFound) != c.gone {
				t.Errorf("session %d, %s after it expired: got error %v, want deleted: %v", i, c.after, err, c.gone)
			}
		}
	}

	_, err = b.SessionByToken(b.ctx, session(fmt.Sprint(old)).TokenHash)
	must(t, err)
	must(t, b.Prune(b.ctx, now.Add(1000*time.Hour), store.Retention{})) // without a limit for sessions
	_, err = b.SessionByToken(b.ctx, session(fmt.Sprint(old)).TokenHash)
	must(t, err)
}
