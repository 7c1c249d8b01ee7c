package postgres

import (
	"os"
	"testing"
	"time"

	"wardlight/hub/store/sqlledger"
	"wardlight/hub/store/storetest"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
)

// BenchmarkTree compares commits with and without the audit's tree, on a server that writes to the disk.
func BenchmarkTree(b *testing.B) {
	server := postgrestest.Start(b, labpg.Options{Durable: true})
	filled := func(before ...sqlledger.Statement) *Store {
		s, err := Open(b.Context(), Config{DSN: postgrestest.Database(b, server)})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		if _, err := s.Write(b.Context(), before...); err != nil {
			b.Fatal(err)
		}
		if err := s.exec(b.Context(), oldRecords, 1, storetest.OldRecords); err != nil {
			b.Fatal(err)
		}
		if err := s.fillTree(b.Context()); err != nil {
			b.Fatal(err)
		}
		return s
	}

	// The tree of one record must not have two hashes. So it doesn't grow.
	none := filled(sqlledger.Statement{Query: sqlledger.InsertTree, Args: []any{0, 1, 1, make([]byte, 64)}})
	tree := filled()
	pids := []int{os.Getpid()}
	for _, s := range []*Store{tree, none} {
		for _, c := range s.pool.AcquireAllIdle(b.Context()) {
			pids = append(pids, int(c.Conn().PgConn().PID()))
			c.Release()
		}
	}
	storetest.BenchmarkTree(b, tree, none, func() time.Duration { return storetest.ProcessorTime(pids...) })
}
