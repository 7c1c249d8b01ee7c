package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgxpool"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/storetest"
)

// updated creates a database with only the known migrations, calls fill, and opens it with this version of the store.
func updated(t *testing.T, known []string, fill func(exec func(query string, args ...any))) *Store {
	t.Helper()
	return open(t, older(t, known, fill))
}

// older creates a database with only the known migrations and calls fill.
func older(t *testing.T, known []string, fill func(exec func(query string, args ...any))) (dsn string) {
	t.Helper()
	scripts := fstest.MapFS{}
	for _, name := range known {
		text, err := migrations.ReadFile("migrations/" + name)
		must(t, err)
		scripts["migrations/"+name] = &fstest.MapFile{Data: text}
	}

	dsn = place(t)
	config, err := Config{DSN: dsn, Volatile: true}.pool()
	must(t, err)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	must(t, err)
	defer pool.Close()
	must(t, migrate(t.Context(), pool, scripts, "migrations"))
	fill(func(query string, args ...any) {
		t.Helper()
		_, err := pool.Exec(context.WithoutCancel(t.Context()), query, args...)
		must(t, err)
	})

	return dsn
}

// A database with patients that no search would find must be refused, because the searches would be incomplete.
func TestPatientsOfAnEarlierBuildAreRefusedUntilTheyAreTakenOut(t *testing.T) {
	known := []string{
		"0001_ledger.sql", "0002_people.sql", "0003_person_version.sql", "0004_lapsed.sql",
		"0005_opening_person.sql",
	}

	dsn := older(t, known, func(exec func(string, ...any)) {
		exec(`INSERT INTO patient (number, confidential, invalidated, superseded_by, body)
			VALUES (9990000018, false, false, NULL, '{}')`)
		exec(`INSERT INTO name_key (number, ordinal, family, first_given, given, gender, born, died, ends,
				confidential, spelt)
			VALUES (9990000018, 0, 'example', 'tess', ' tess ', 'female', 20160304, 0, 99991231, false, 'example tess')`)
	})

	if s, err := Open(t.Context(), Config{DSN: dsn, Volatile: true}); err == nil ||
		!strings.Contains(err.Error(), "TRUNCATE patient CASCADE") {
		if err == nil {
			_ = s.Close()
		}
		t.Fatalf("Open with patients of an earlier version: got error %v, want a refusal", err)
	}

	config, err := Config{DSN: dsn, Volatile: true}.pool()
	must(t, err)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	must(t, err)
	_, err = pool.Exec(t.Context(), `TRUNCATE patient CASCADE`)
	pool.Close()
	must(t, err)
	s := open(t, dsn)
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhatWasUsedBeforeTheHubWasUpdatedStaysUsed(t *testing.T) {
	e := entry()
	e.Proof = &store.Once{Hash: []byte("p"), Expires: anInstant}
	s := updated(t, []string{"0001_ledger.sql", "0002_people.sql", "0003_person_version.sql"},
		func(exec func(string, ...any)) {
			exec(`INSERT INTO used (hash, expires) VALUES ($1, $2)`, e.Proof.Hash, instant(e.Proof.Expires))
		})
	if refused, err := s.Commit(t.Context(), []*store.Entry{e}); err != nil ||
		!errors.Is(refused[0], store.ErrProofUsed) {
		t.Errorf("Commit of a used proof: got %v, %v; want ErrProofUsed", refused, err)
	}
}

func TestWhatWasOpenedBeforeTheHubWasUpdatedIsThatPersonsInEachSession(t *testing.T) {
	known := []string{"0001_ledger.sql", "0002_people.sql", "0003_person_version.sql", "0004_lapsed.sql"}
	s := updated(t, known, func(exec func(string, ...any)) {
		for i, session := range []string{"s1", "s2"} {
			exec(`INSERT INTO session (id, token_hash, person, key_thumb, cert_fingerprint, cert_issuer, cert_serial,
					begun, seen, expires, ended)
				VALUES ($1, $2, '999000000111', '', '', '', '', 0, 0, 0, 0)`, session, []byte(session))
			exec(`INSERT INTO opening (session, request_id, digest, answer, expires)
				VALUES ($1, 'both', 'd', 'answer', $2)`, session, instant(anInstant)+int64(i))
			exec(`INSERT INTO opening (session, request_id, digest, answer, expires)
				VALUES ($1, $2, 'd', 'answer', 1)`, session, "of "+session)
		}
	})
	for _, request := range []string{"both", "of s1", "of s2"} {
		if o, err := s.Opening(t.Context(), "999000000111", request); err != nil || o.Digest != "d" {
			t.Errorf("opening %s: got %+v, %v; want digest \"d\"", request, o, err)
		}
	}
}

func TestWhatWasDeliveredBeforeTheHubWasUpdatedIsDelivered(t *testing.T) {
	known := []string{
		"0001_ledger.sql", "0002_people.sql", "0003_person_version.sql", "0004_lapsed.sql",
		"0005_opening_person.sql",
	}
	s := updated(t, known, func(exec func(string, ...any)) {
		exec(`INSERT INTO authority (code, name, office_phone, duty_phone, endpoint) VALUES ('V1', 'X', '', '', '')`)
		exec(`INSERT INTO notification (ordinal, id, authority, body, created, attempts, next_attempt, held_until,
				delivered, buried, last_error)
			VALUES (7, $1, 'V1', '', 1, 1, 1, 0, $2, 0, '')`, "n", instant(anInstant))
	})
	n, err := s.Notification(t.Context(), "n")
	if err != nil || n.State() != store.Delivered || n.Receipt != "" || !n.Delivered.Equal(anInstant) {
		t.Errorf("Notification = %+v, %v; want one delivered then", n, err)
	}
}

// Plans and uploads from the previous version have no time of creation, so any file may change them.
func TestPlansOfALedgerOfAnEarlierBuild(t *testing.T) {
	known := []string{
		"0001_ledger.sql", "0002_people.sql", "0003_person_version.sql", "0004_lapsed.sql", "0005_opening_person.sql",
		"0006_sought.sql",
		"0007_access_person.sql", "0008_undelivered.sql",
	}
	storetest.OldPlans(t, updated(t, known, func(exec func(string, ...any)) {
		for _, q := range storetest.OldLedger(`''`) {
			exec(q)
		}
	}))
}

// TestOpenCurrent opens an older database, which must not change, and an empty one, which must get tables.
func TestOpenCurrent(t *testing.T) {
	known := []string{"0001_ledger.sql", "0002_people.sql"}
	dsn := older(t, known, func(func(string, ...any)) {})
	for range 2 {
		if s, err := OpenCurrent(t.Context(), Config{DSN: dsn, Volatile: true}); !errors.Is(err, store.ErrOlder) {
			if err == nil {
				_ = s.Close()
			}
			t.Fatalf("OpenCurrent of an older database: got error %v, want ErrOlder", err)
		}
		if to, err := OpenTarget(t.Context(), Config{DSN: dsn, Volatile: true}); !errors.Is(err, store.ErrOlder) {
			if err == nil {
				_ = to.Close()
			}
			t.Fatalf("OpenTarget of an older database: got error %v, want ErrOlder", err)
		}
	}

	open(t, dsn)

	for name, dsn := range map[string]string{"one that was brought up to date": dsn, "an empty one": place(t)} {
		s, err := OpenCurrent(t.Context(), Config{DSN: dsn, Volatile: true})
		if err != nil {
			t.Fatalf("OpenCurrent of %s: %v", name, err)
		}
		must(t, s.Close())
	}
}

// TestTheChainGoesOnAfterTheHubWasUpdated continues the audit and the ordinals of an older hub, which stored their
// ends in the row that it locked.
func TestTheChainGoesOnAfterTheHubWasUpdated(t *testing.T) {
	first := audit.Seal(store.AuditRecord{At: anInstant, Action: "search"}, 1, audit.Genesis())
	known := []string{
		"0001_ledger.sql", "0002_people.sql", "0003_person_version.sql", "0004_lapsed.sql", "0005_opening_person.sql",
		"0006_sought.sql",
		"0007_access_person.sql", "0008_undelivered.sql",
	}

	s := updated(t, known, func(exec func(string, ...any)) {
		exec(`INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason,
				patients, prev, hash)
			VALUES (1, $1, '', '', '', '', '', 'search', '', '', '', $2, $3)`, instant(first.At), first.Prev, first.Hash)
		exec(`INSERT INTO authority (code, name, office_phone, duty_phone, endpoint) VALUES ('V1', 'X', '', '', '')`)
		exec(`INSERT INTO notification (ordinal, id, authority, body, created, next_attempt)
			VALUES (7, 'n', 'V1', '', 1, 1)`)
		exec(`UPDATE head SET seq = 1, hash = $1, notified = 7`, first.Hash)
	})

	for i := range 2 {
		e := entry()
		e.Opening = &store.Opening{
			RequestID: fmt.Sprint(i), Answer: []byte("{}"),
			Notifications: []store.Notification{{
				ID: fmt.Sprint("m", i), Authority: "V1", Body: []byte("b"),
				Created: anInstant,
			}},
		}

		if refused, err := s.Commit(t.Context(), []*store.Entry{e}); err != nil || refused[0] != nil {
			t.Fatal(refused, err)
		}

		n, err := s.Notification(t.Context(), fmt.Sprint("m", i))
		if want := int64(8 + i); err != nil || n.Ordinal != want {
			t.Errorf("notification: got ordinal %d, error %v; want %d", n.Ordinal, err, want)
		}
	}

	if head, err := audit.Verify(t.Context(), s); err != nil || head.Records != 3 {
		t.Errorf("Verify: got %d audit records, error %v; want 3", head.Records, err)
	}
}

func TestAuditOfAnOlderHubVerifies(t *testing.T) {
	known := []string{
		"0001_ledger.sql", "0002_people.sql", "0003_person_version.sql", "0004_lapsed.sql", "0005_opening_person.sql",
		"0006_sought.sql",
		"0007_access_person.sql", "0008_undelivered.sql",
	}

	first := audit.Seal(store.AuditRecord{At: anInstant, Action: "search", Outcome: "granted"}, 1, audit.Genesis())
	s := updated(t, known, func(exec func(string, ...any)) {
		exec(`INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason,
				patients, prev, hash)
			VALUES (1, $1, '', '', '', '', '', 'search', 'granted', '', '', $2, $3)`, instant(anInstant), first.Prev, first.Hash)
		exec(`UPDATE head SET seq = 1, hash = $1`, first.Hash)
	})

	next := &store.Entry{Audit: store.AuditRecord{
		At: anInstant, Action: "search", Outcome: "granted",
		Source: "203.0.113.5",
	}}

	refused, err := s.Commit(t.Context(), []*store.Entry{next})
	if err != nil || refused[0] != nil {
		t.Fatal(refused, err)
	}

	if head, err := audit.Verify(t.Context(), s); err != nil || head.Records != 2 {
		t.Errorf("Verify: got %d audit records, error %v; want 2", head.Records, err)
	}

	if last, err := s.AuditHead(t.Context()); err != nil || last.Source != "203.0.113.5" {
		t.Errorf("AuditHead = %+v, %v; want source 203.0.113.5", last, err)
	}

	storetest.OldAudit(t, s)
}

func TestAuditRecordsAreDeletedOnlyOnceTheyAreSealed(t *testing.T) {
	s := open(t, place(t))
	for range 3 {
		refused, err := s.Commit(t.Context(), []*store.Entry{entry()})
		must(t, errors.Join(append(refused, err)...))
	}

	exec := func(query string) error {
		_, err := s.pool.Exec(t.Context(), query)
		return err
	}

	must(t, exec(`INSERT INTO sealed (last, first, hash, file, digest, at) VALUES (1, 1, '', 'f', '', 1)`))

	for query, want := range map[string]string{
		`DELETE FROM audit WHERE seq = 2`:             "never deleted before it is sealed",
		`DELETE FROM audit`:                           "never deleted before it is sealed",
		`TRUNCATE audit`:                              "never changed or deleted",
		`UPDATE audit SET person = 'x' WHERE seq = 1`: "never changed or deleted",
		`DELETE FROM sealed`:                          "never changed or deleted",
		`TRUNCATE sealed`:                             "never changed or deleted",
		`UPDATE sealed SET last = 2`:                  "never changed or deleted",
	} {
		if err := exec(query); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q in it", query, err, want)
		}
	}

	must(t, exec(`DELETE FROM audit WHERE seq = 1`))
}

func TestCertificatesThatWereEnrolledBeforeTheHubWasUpdatedStayEnrolled(t *testing.T) {
	s := updated(t, before(t, "0020_certificate_holder.sql"), func(exec func(string, ...any)) {
		exec(`INSERT INTO person (uuid, title, given, family) VALUES ('999000000111', '', '', 'Sample')`)
		exec(`INSERT INTO certificate (fingerprint, person) VALUES ('f1', '999000000111')`)
	})
	if got, err := s.PersonOfCertificate(t.Context(), store.BySHA256("f1")); err != nil || got != "999000000111" {
		t.Errorf("PersonOfCertificate = %s, %v; want 999000000111", got, err)
	}
}

// before returns the names of the migrations before that one.
func before(t *testing.T, name string) (known []string) {
	t.Helper()
	all, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if path.Base(p) < name {
			known = append(known, path.Base(p))
		}
	}
	return known
}
