package sqlite

import (
	"testing"

	"wardlight/hub/store"
	"wardlight/hub/store/storetest"
)

// oldRecords inserts audit records with numbers in a range, as a hub without trees does.
const oldRecords = `INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason,
		patients, prev, hash)
	WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
	SELECT i, 1, '', '', '', '', '', 'search', 'granted', '', '', x'', CAST('hash ' || i AS BLOB) FROM n`

// TestTree_OfAnOlderLedger migrates a ledger with more records than a page of the tree's filling.
func TestTree_OfAnOlderLedger(t *testing.T) {
	s := updated(t, before(t, "0016_tree.sql"), func(exec func(string, ...any)) { exec(oldRecords, 1, 9001) })
	if n := rowsOfTree(t, s); n != 36 {
		t.Errorf("rows of 9001 old records: got %d, want 36: of 256 records, or of the last of a page", n)
	}
	storetest.OldTree(t, s, 9001)

	// A hub without trees writes meanwhile.
	if _, err := s.ledger.write.ExecContext(t.Context(), oldRecords, 9005, 9010); err != nil {
		t.Fatal(err)
	}
	commit(t, s, "search")
	if n := storetest.TreeFits(t, s, 0); n != 9011 {
		t.Errorf("after records of a hub without trees: got %d leaves, want 9011", n)
	}
}

// TestTree_OfASealedLedger migrates a ledger whose first records were deleted.
func TestTree_OfASealedLedger(t *testing.T) {
	s := updated(t, before(t, "0016_tree.sql"), func(exec func(string, ...any)) {
		exec(oldRecords, 1, 7)
		exec(`INSERT INTO sealed (last, first, hash, file, digest, at) VALUES (5, 1, x'', 'f', x'', 1)`)
		exec(`DELETE FROM audit WHERE seq <= 5`)
	})
	commit(t, s, "search")
	if n := storetest.TreeFits(t, s, 5); n != 3 {
		t.Errorf("got %d leaves, want 3", n)
	}
}

// TestTree_OneRowForEachCommit commits groups of records.
func TestTree_OneRowForEachCommit(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	for i, n := range []int{1, 256, 23} {
		if _, err := s.Commit(t.Context(), storetest.Records(n)); err != nil {
			t.Fatal(err)
		}
		if rows := rowsOfTree(t, s); rows != i+1 {
			t.Errorf("rows after commit %d, of %d records: got %d, want one each", i+1, n, rows)
		}
	}
	storetest.TreeFits(t, s, 0)
}

// TestTree_AuditCutOff deletes and rewrites the end of the audit. Commits continue, and the tree keeps the records.
func TestTree_AuditCutOff(t *testing.T) {
	for name, change := range map[string]string{
		"the last record": `DELETE FROM audit WHERE seq = 3`,
		"all records":     `DELETE FROM audit`,
		"rewritten":       `UPDATE audit SET hash = x'00' WHERE seq = 3`,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir())
			defer s.Close() //nolint:errcheck // the test is over
			for range 3 {
				commit(t, s, "search")
			}

			if _, err := s.ledger.write.ExecContext(t.Context(),
				`DROP TRIGGER audit_is_not_deleted; DROP TRIGGER audit_is_not_changed; `+change); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				commit(t, s, "another")
			}
			if tree, err := s.AuditTree(t.Context()); err != nil || tree != (store.AuditTree{Size: 3, Seq: 3}) {
				t.Errorf("AuditTree: got %+v, error %v; want the 3 records before", tree, err)
			}
		})
	}
}

// TestTree_Damaged changes rows of the tree that the next commit needs. Commits continue, and the tree stays as it is.
func TestTree_Damaged(t *testing.T) {
	for name, change := range map[string]string{
		"a row is missing":     `DELETE FROM tree WHERE first = 1`,
		"a row is cut":         `UPDATE tree SET hashes = substr(hashes, 1, 32) WHERE first = 1`,
		"the last row is cut":  `UPDATE tree SET hashes = x'' WHERE first = 3`,
		"a long gap":           `UPDATE tree SET first = 1000000000000, size = 600000000000 WHERE first = 3`,
		"the size is another":  `UPDATE tree SET size = 4 WHERE first = 3`,
		"the number's another": `UPDATE tree SET seq = 2 WHERE first = 3`,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir())
			defer s.Close() //nolint:errcheck // the test is over
			for range 3 {
				commit(t, s, "search")
			}

			if _, err := s.ledger.write.ExecContext(t.Context(),
				`DROP TRIGGER tree_is_not_deleted; DROP TRIGGER tree_is_not_changed; `+change); err != nil {
				t.Fatal(err)
			}
			before := rowsOfTree(t, s)
			for range 3 {
				commit(t, s, "another")
			}
			if n := rowsOfTree(t, s); n != before {
				t.Errorf("rows of the tree after 3 commits: got %d, want the %d before", n, before)
			}
		})
	}
}

// rowsOfTree returns the number of rows of the tree.
func rowsOfTree(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.ledger.row(t.Context(), `SELECT count(*) FROM tree`, nil, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTree_IsAppendOnly(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	commit(t, s, "search")
	for _, change := range []string{
		`UPDATE tree SET hashes = x''`, `DELETE FROM tree`,
		`INSERT INTO tree (first, size, seq, hashes) VALUES (4, 3, 3, zeroblob(32))`,
		`INSERT INTO tree (first, size, seq, hashes) VALUES (1, 2, 2, zeroblob(33))`,
		`INSERT OR REPLACE INTO tree (first, size, seq, hashes) VALUES (0, 1, 1, zeroblob(32))`,
	} {
		if _, err := s.ledger.write.ExecContext(t.Context(), change); err == nil {
			t.Errorf("%s: got no error, want one", change)
		}
	}
}

// commit commits an audit record with that action.
func commit(t *testing.T, s *Store, action string) {
	t.Helper()
	refused, err := s.Commit(t.Context(), []*store.Entry{{
		Audit: store.AuditRecord{At: anInstant, Action: action, Outcome: "granted"},
	}})
	if err != nil || refused[0] != nil {
		t.Fatal(refused, err)
	}
}
