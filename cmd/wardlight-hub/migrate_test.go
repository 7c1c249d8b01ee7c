package main

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

// newestScripts undoes the last migration scripts of this version, which gives a ledger of an older version.
const newestScripts = `CREATE TABLE nonce (hash BLOB); DROP TABLE resend; DROP TABLE sealed; DROP TRIGGER audit_is_not_deleted;
	CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'an audit record is never deleted'); END;
	DROP INDEX notification_body; DROP INDEX upload_answer;
	DROP TABLE certificate_holder; DROP TABLE tree; DROP INDEX audit_organisation; DROP INDEX audit_request;
	DROP INDEX session_provider_sub; DROP INDEX session_provider_sid;
	ALTER TABLE session DROP COLUMN provider_sub; ALTER TABLE session DROP COLUMN provider_sid; ALTER TABLE session DROP COLUMN provider_person;
	DROP TABLE number_check;
	DROP TABLE patient_flag; DROP TABLE summary; DROP TABLE privacy_alert;
	CREATE TABLE certificate (fingerprint TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (uuid) ON DELETE CASCADE) STRICT, WITHOUT ROWID;
	DELETE FROM migration WHERE ordinal >= 11`

// undoneScripts is the number of those scripts.
const undoneScripts = 12

// olderLedger creates a ledger of an older version and returns its folder.
func olderLedger(t *testing.T) string {
	t.Helper()
	folder := emptyLedger(t)
	db, err := sql.Open("sqlite", filepath.Join(folder, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), newestScripts); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestOnlyServeAndMigrateChangeTheBooksOfAnOlderHub runs commands on a ledger without the last migration script.
func TestOnlyServeAndMigrateChangeTheBooksOfAnOlderHub(t *testing.T) {
	folder := olderLedger(t)
	db, err := sql.Open("sqlite", filepath.Join(folder, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the test is over

	applied := func() (n int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM migration`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}

	older := applied()
	file := filepath.Join(t.TempDir(), "empty.ndjson")
	files{}.write(t, file, "")

	for _, args := range [][]string{
		{"import", file},
		{"authority", "list"},
		{"plan", "list", "--authority", "V999"},
		{"outbox", "list"},
		{"staff", "list"},
		{"revoke", "--fingerprint", strings.Repeat("ab", 32)},
	} {
		out, err := command(t, append(args, "--data", folder)...)
		if err == nil || !strings.Contains(err.Error(), "the databases are from an older version of the hub") {
			t.Errorf("%s with an older ledger: got error %v, want that it is older\n%s", args[0], err, out)
		}
		if n := applied(); n != older {
			t.Fatalf("%s with an older ledger: %d migration scripts applied afterwards, want %d", args[0], n, older)
		}
	}

	if out, err := command(t, "migrate", "--data", folder); err != nil || !strings.Contains(out, "up to date") {
		t.Fatalf("migrate: %v\n%s", err, out)
	}

	if n := applied(); n != older+undoneScripts {
		t.Errorf("migration scripts after migrate: got %d, want %d", n, older+undoneScripts)
	}

	if out, err := command(t, "authority", "list", "--data", folder); err != nil {
		t.Errorf("authority list after migrate: %v\n%s", err, out)
	}

	if _, err := command(t, "migrate", "--data", t.TempDir()); err == nil ||
		!strings.Contains(err.Error(), "there is no ledger") {
		t.Errorf("migrate of an empty folder: got error %v, want that there is no ledger", err)
	}
}
