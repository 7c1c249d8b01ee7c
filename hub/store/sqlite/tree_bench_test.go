package sqlite

import (
	"os"
	"testing"
	"time"

	"wardlight/hub/store/sqlledger"
	"wardlight/hub/store/storetest"
)

// BenchmarkTree compares commits with and without the audit's tree.
func BenchmarkTree(b *testing.B) {
	filled := func(before ...sqlledger.Statement) *Store {
		s, err := Open(b.Context(), b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		if _, err := s.ledger.Write(b.Context(), append(before, sqlledger.Statement{
			Query: oldRecords, Args: []any{1, storetest.OldRecords},
		})...); err != nil {
			b.Fatal(err)
		}
		if err := s.fillTree(b.Context()); err != nil {
			b.Fatal(err)
		}
		return s
	}

	// The tree of one record must not have two hashes. So it doesn't grow.
	none := filled(sqlledger.Statement{Query: sqlledger.InsertTree, Args: []any{0, 1, 1, make([]byte, 64)}})
	storetest.BenchmarkTree(b, filled(), none, func() time.Duration { return storetest.ProcessorTime(os.Getpid()) })
}
