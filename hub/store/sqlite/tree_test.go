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

func TestTree_IsAppendOnly(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close() //nolint:errcheck // the test is over
	commit(t, s, "search")
	for _, change := range []string{
		`UPDATE tree SET hashes = x''`, `DELETE FROM tree`,
		`INSERT INTO tree (size, seq, hashes) VALUES (3, 3, x'')`,
		`INSERT OR REPLACE INTO tree (size, seq, hashes) VALUES (1, 1, x'')`,
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
