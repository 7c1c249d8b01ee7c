package postgres

import (
	"testing"

	"wardlight/hub/store"
	"wardlight/hub/store/storetest"
)

// oldRecords inserts audit records with numbers in a range, as a hub without trees does.
const oldRecords = `INSERT INTO audit (seq, at, request_id, session, person, urid, org_ods, action, outcome, reason,
		patients, prev, hash)
	SELECT i, 1, '', '', '', '', '', 'search', 'granted', '', '', '', convert_to('hash ' || i, 'UTF8')
	FROM generate_series($1::bigint, $2) AS i`

// TestTree_OfAnOlderLedger migrates a ledger with more records than a page of the tree's filling.
func TestTree_OfAnOlderLedger(t *testing.T) {
	s := updated(t, before(t, "0021_tree.sql"), func(exec func(string, ...any)) { exec(oldRecords, 1, 9001) })
	if n := rowsOfTree(t, s); n != 36 {
		t.Errorf("rows of 9001 old records: got %d, want 36: of 256 records, or of the last of a page", n)
	}
	storetest.OldTree(t, s, 9001)

	// A hub without trees writes meanwhile.
	must(t, s.exec(t.Context(), oldRecords, 9005, 9010))
	commit(t, s, "search")
	if n := storetest.TreeFits(t, s, 0); n != 9011 {
		t.Errorf("after records of a hub without trees: got %d leaves, want 9011", n)
	}
}

// TestTree_OfASealedLedger migrates a ledger whose first records were deleted.
func TestTree_OfASealedLedger(t *testing.T) {
	s := updated(t, before(t, "0021_tree.sql"), func(exec func(string, ...any)) {
		exec(oldRecords, 1, 7)
		exec(`INSERT INTO sealed (last, first, hash, file, digest, at) VALUES (5, 1, '', 'f', '', 1)`)
		exec(`DELETE FROM audit WHERE seq <= 5`)
	})
	commit(t, s, "search")
	if n := storetest.TreeFits(t, s, 5); n != 3 {
		t.Errorf("got %d leaves, want 3", n)
	}
}

// TestTree_OneRowForEachCommit commits groups of records.
func TestTree_OneRowForEachCommit(t *testing.T) {
	s := open(t, place(t))
	for i, n := range []int{1, 256, 23} {
		_, err := s.Commit(t.Context(), storetest.Records(n))
		must(t, err)
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
		"rewritten":       `UPDATE audit SET hash = decode('00', 'hex') WHERE seq = 3`,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, place(t))
			for range 3 {
				commit(t, s, "search")
			}

			must(t, s.exec(t.Context(), `DROP TRIGGER audit_is_not_deleted ON audit`))
			must(t, s.exec(t.Context(), `DROP TRIGGER audit_is_not_changed ON audit`))
			must(t, s.exec(t.Context(), change))
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
		"the last row is cut":  `UPDATE tree SET hashes = '' WHERE first = 3`,
		"a long gap":           `UPDATE tree SET first = 1000000000000, size = 600000000000 WHERE first = 3`,
		"the size is another":  `UPDATE tree SET size = 4 WHERE first = 3`,
		"the number's another": `UPDATE tree SET seq = 2 WHERE first = 3`,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, place(t))
			for range 3 {
				commit(t, s, "search")
			}

			must(t, s.exec(t.Context(), `DROP TRIGGER tree_is_kept ON tree`))
			must(t, s.exec(t.Context(), change))
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
	must(t, s.row(t.Context(), `SELECT count(*) FROM tree`, nil, &n))
	return n
}

func TestTree_IsAppendOnly(t *testing.T) {
	s := open(t, place(t))
	commit(t, s, "search")
	for _, change := range []string{`UPDATE tree SET hashes = ''`, `DELETE FROM tree`, `TRUNCATE tree`} {
		if err := s.exec(t.Context(), change); err == nil {
			t.Errorf("%s: got no error, want one", change)
		}
	}
}

// commit commits an audit record with that action.
func commit(t *testing.T, s *Store, action string) {
	t.Helper()
	e := entry()
	e.Audit.Action = action
	refused, err := s.Commit(t.Context(), []*store.Entry{e})
	must(t, err)
	must(t, refused[0])
}
