package sqlite

import (
	"database/sql"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/storetest"
)

// anInstant is an arbitrary time.
var anInstant = time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)

// updated creates a ledger with only the known migrations, calls fill, and opens it with this version of the store.
func updated(t *testing.T, known []string, fill func(exec func(query string, args ...any))) *Store {
	t.Helper()
	older := fstest.MapFS{}
	for _, name := range known {
		text, err := migrations.ReadFile("migrations/ledger/" + name)
		if err != nil {
			t.Fatal(err)
		}
		older["migrations/ledger/"+name] = &fstest.MapFile{Data: text}
	}

	folder := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(folder, ledgerName))
	if err != nil {
		t.Fatal(err)
	}

	if err := migrate(t.Context(), db, older, "migrations/ledger"); err != nil {
		t.Fatal(err)
	}

	fill(func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	})

	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s := open(t, folder)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestWhatWasUsedBeforeTheHubWasUpdatedStaysUsed(t *testing.T) {
	proof := &store.Once{Hash: []byte("p"), Expires: anInstant}
	s := updated(t, []string{"0001_ledger.sql", "0002_person_version.sql"}, func(exec func(string, ...any)) {
		exec(`INSERT INTO used (hash, expires) VALUES (?, ?)`, proof.Hash, instant(proof.Expires))
	})
	if refused, err := s.Commit(t.Context(), []*store.Entry{{Proof: proof}}); err != nil ||
		!errors.Is(refused[0], store.ErrProofUsed) {
		t.Errorf("Commit of a used proof: got %v, %v; want ErrProofUsed", refused, err)
	}
}

func TestWhatWasOpenedBeforeTheHubWasUpdatedIsThatPersonsInEachSession(t *testing.T) {
	s := updated(t, []string{"0001_ledger.sql", "0002_person_version.sql", "0003_lapsed.sql"},
		func(exec func(string, ...any)) {
			for i, session := range []string{"s1", "s2"} {
				exec(
					`INSERT INTO session (id, token_hash, person, key_thumb, cert_fingerprint, cert_issuer, cert_serial,
					begun, seen, expires, ended)
				VALUES (?, ?, '999000000111', '', '', '', '', 0, 0, 0, 0)`, session, []byte(session))
				exec(`INSERT INTO opening (session, request_id, digest, answer, expires)
				VALUES (?, 'both', 'd', x'00', ?)`, session, instant(anInstant)+int64(i))
				exec(`INSERT INTO opening (session, request_id, digest, answer, expires)
				VALUES (?, ?, 'd', x'00', 1)`, session, "of "+session)
			}
		})
	for _, request := range []string{"both", "of s1", "of s2"} {
		if o, err := s.Opening(t.Context(), "999000000111", request); err != nil || o.Digest != "d" {
			t.Errorf("opening %s: got %+v, %v; want digest \"d\"", request, o, err)
		}
	}
}

func TestWhatWasDeliveredBeforeTheHubWasUpdatedIsDelivered(t *testing.T) {
	known := []string{"0001_ledger.sql", "0002_person_version.sql", "0003_lapsed.sql", "0004_opening_person.sql"}
	s := updated(t, known, func(exec func(string, ...any)) {
		exec(`INSERT INTO authority (code, name, office_phone, duty_phone, endpoint) VALUES ('V1', 'X', '', '', '')`)
		exec(`INSERT INTO notification (ordinal, id, authority, body, created, attempts, next_attempt, held_until,
				delivered, buried, last_error)
			VALUES (7, ?, 'V1', x'00', 1, 1, 1, 0, ?, 0, '')`, "n", instant(anInstant))
	})
	n, err := s.Notification(t.Context(), "n")
	if err != nil || n.State() != store.Delivered || n.Receipt != "" || !n.Delivered.Equal(anInstant) {
		t.Errorf("Notification = %+v, %v; want one delivered then", n, err)
	}
}

// Plans and uploads from the previous version have no time of creation, so any file may change them.
func TestPlansOfALedgerOfAnEarlierBuild(t *testing.T) {
	known := []string{
		"0001_ledger.sql", "0002_person_version.sql", "0003_lapsed.sql", "0004_opening_person.sql",
		"0005_access_person.sql", "0006_undelivered.sql",
	}
	storetest.OldPlans(t, updated(t, known, func(exec func(string, ...any)) {
		for _, q := range storetest.OldLedger(`x''`) {
			exec(q)
		}
	}))
}

func TestAuditOfAnOlderHubVerifies(t *testing.T) {
	known := []string{
		"0001_ledger.sql", "0002_person_version.sql", "0003_lapsed.sql", "0004_opening_person.sql",
		"0005_access_person.sql", "0006_undelivered.sql",
	}

	first := audit.Seal(store.AuditRecord{At: anInstant, Action: "search", Outcome: "granted"}, 1, audit.Genesis())
	s := updated(t, known, func(exec func(string, ...any)) {
		exec(`INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason,
				patients, prev, hash)
			VALUES (1, ?, '', '', '', '', '', 'search', 'granted', '', '', ?, ?)`, instant(anInstant), first.Prev, first.Hash)
	})

	next := &store.Entry{Audit: store.AuditRecord{
		At: anInstant, Action: "search", Outcome: "granted",
		Source: "203.0.113.5",
	}}

	if refused, err := s.Commit(t.Context(), []*store.Entry{next}); err != nil || refused[0] != nil {
		t.Fatal(refused, err)
	}

	if head, err := audit.Verify(t.Context(), s); err != nil || head.Records != 2 {
		t.Errorf("Verify: got %d records, error %v; want 2", head.Records, err)
	}

	if last, err := s.AuditHead(t.Context()); err != nil || last.Source != "203.0.113.5" {
		t.Errorf("AuditHead = %+v, %v; want source 203.0.113.5", last, err)
	}

	storetest.OldAudit(t, s)
}

// The audit of a ledger with pending migrations can be read and backed up without applying them. Only a hub applies
// them.
func TestAuditOfAnOlderHubIsRead(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	if refused, err := s.Commit(t.Context(), []*store.Entry{{Audit: store.AuditRecord{At: anInstant}}}); err != nil ||
		refused[0] != nil {
		t.Fatal(refused, err)
	}

	if _, err := s.ledger.write.ExecContext(t.Context(), `DROP TRIGGER audit_is_not_deleted; DROP TABLE sealed;
		ALTER TABLE audit DROP COLUMN source; DELETE FROM migration WHERE name >= '0009'`); err != nil {
		t.Fatal(err)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	r, err := OpenReadOnly(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // it was only read
	if head, err := audit.Verify(t.Context(), r); err != nil || head.Records != 1 {
		t.Errorf("Verify of an older ledger = %+v, %v; want 1 record", head, err)
	}

	if m, err := r.Backup(t.Context(), filepath.Join(t.TempDir(), "b"), "", time.Now); err != nil ||
		m.Audit.Records != 1 {
		t.Errorf("Backup of an older ledger = %+v, %v; want 1 record", m, err)
	}
}

func TestAuditRecordsAreDeletedOnlyOnceTheyAreSealed(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	for range 3 {
		if refused, err := s.Commit(t.Context(),
			[]*store.Entry{{Audit: store.AuditRecord{At: anInstant}}}); err != nil || refused[0] != nil {
			t.Fatal(refused, err)
		}
	}

	exec := func(query string) error {
		_, err := s.ledger.write.ExecContext(t.Context(), query)
		return err
	}

	if err := exec(`INSERT INTO sealed (last, first, hash, file, digest, at)
		VALUES (1, 1, x'00', 'f', x'00', 1)`); err != nil {
		t.Fatal(err)
	}

	for query, want := range map[string]string{
		`DELETE FROM audit WHERE seq = 2`:             "never deleted before it is sealed",
		`DELETE FROM audit`:                           "never deleted before it is sealed",
		`UPDATE audit SET person = 'x' WHERE seq = 1`: "never changed",
		`INSERT INTO sealed (last, first, hash, file, digest, at)
			VALUES (3, 3, x'', 'f', x'', 1)`: "begins where the one before it ends",
		`INSERT OR REPLACE INTO sealed (last, first, hash, file, digest, at)
			VALUES (1, 1, x'', '', x'', 1)`: "begins where the one before it ends",
		`DELETE FROM sealed`:         "never deleted",
		`UPDATE sealed SET last = 2`: "never changed",
	} {
		if err := exec(query); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q in it", query, err, want)
		}
	}

	if err := exec(`DELETE FROM audit WHERE seq = 1`); err != nil {
		t.Error(err)
	}
}

func TestCertificatesThatWereEnrolledBeforeTheHubWasUpdatedStayEnrolled(t *testing.T) {
	s := updated(t, before(t, "0015_certificate_holder.sql"), func(exec func(string, ...any)) {
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
	all, err := fs.Glob(migrations, "migrations/ledger/*.sql")
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
