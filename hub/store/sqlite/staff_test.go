package sqlite

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wardlight/hub/store"
)

func TestWhatLapsedIsFoundByItsTime(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // nothing was written
	for _, q := range forgetLapsed {
		plan := planOf(t, s.ledger.write, q, 0)
		if len(plan) != 1 || !strings.HasPrefix(plan[0], "SEARCH ") || !strings.HasSuffix(plan[0], "(expires<?)") {
			t.Errorf("%s:\n%s", q, strings.Join(plan, "\n"))
		}
	}
}

func TestWhatWasUsedBeforeTheHubWasUpdatedStaysUsed(t *testing.T) {
	older := fstest.MapFS{}
	for _, name := range []string{"migrations/ledger/0001_ledger.sql", "migrations/ledger/0002_person_version.sql"} {
		text, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		older[name] = &fstest.MapFile{Data: text}
	}
	folder := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(folder, ledgerName))
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), db, older, "migrations/ledger"); err != nil {
		t.Fatal(err)
	}
	proof := &store.Once{Hash: []byte("p"), Expires: time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO used VALUES (?, ?)`, proof.Hash, instant(proof.Expires)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, folder)
	defer s.Close() //nolint:errcheck // the test is over
	if refused, err := s.Commit(t.Context(), []*store.Entry{{Proof: proof}}); err != nil || !errors.Is(refused[0], store.ErrProofUsed) {
		t.Errorf("%v, %v", refused, err)
	}
}
