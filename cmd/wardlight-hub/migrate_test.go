package main

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

// newestScripts undoes the last scripts of this version, so that a ledger is one of an older version.
const newestScripts = `CREATE TABLE nonce (hash BLOB); DROP TABLE resend; DROP TABLE sealed; DROP TRIGGER audit_is_not_deleted;
	CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'an audit record is never deleted'); END;
	DROP INDEX notification_body; DROP INDEX upload_answer;
	DROP TABLE certificate_holder;
	CREATE TABLE certificate (fingerprint TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (uuid) ON DELETE CASCADE) STRICT, WITHOUT ROWID;
	DELETE FROM migration WHERE ordinal >= 11`

// undone is how many scripts that are.
const undone = 5

// olderBooks makes the books of an older version, and returns their folder.
func olderBooks(t *testing.T) string {
	t.Helper()
	folder := emptyBooks(t)
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

// TestOnlyServeAndMigrateChangeTheBooksOfAnOlderHub runs commands on books that lack the last script of this version.
func TestOnlyServeAndMigrateChangeTheBooksOfAnOlderHub(t *testing.T) {
	folder := olderBooks(t)
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
		if err == nil || !strings.Contains(err.Error(), "the books are those of an older hub") {
			t.Errorf("%s: %v\n%s", args[0], err, out)
		}
		if n := applied(); n != older {
			t.Fatalf("%s changed the books: %d scripts, were %d", args[0], n, older)
		}
	}
	if out, err := command(t, "migrate", "--data", folder); err != nil || !strings.Contains(out, "up to date") {
		t.Fatalf("migrate: %v\n%s", err, out)
	}
	if n := applied(); n != older+undone {
		t.Errorf("%d scripts after migrate, want %d", n, older+undone)
	}
	if out, err := command(t, "authority", "list", "--data", folder); err != nil {
		t.Errorf("afterwards: %v\n%s", err, out)
	}
	if _, err := command(t, "migrate", "--data", t.TempDir()); err == nil || !strings.Contains(err.Error(), "there are no books") {
		t.Errorf("a folder without books: %v", err)
	}
}
