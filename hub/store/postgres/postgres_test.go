package postgres

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/storetest"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
)

// server is used by all tests. It is nil if PostgreSQL isn't installed.
var server *labpg.Server

func TestMain(m *testing.M) {
	if labpg.Missing() == nil {
		var err error
		if server, err = labpg.Start(context.Background(), labpg.Options{}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	code := m.Run()
	if server != nil {
		server.Stop()
	}
	os.Exit(code)
}

// place returns the connection string of a new, empty schema.
func place(t testing.TB) string {
	t.Helper()
	postgrestest.Need(t)
	return postgrestest.Schema(t, server)
}

// database returns the connection string of a new database.
func database(t testing.TB) string {
	t.Helper()
	postgrestest.Need(t)
	return postgrestest.Database(t, server)
}

func open(t testing.TB, dsn string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{DSN: dsn, Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) func() store.Store {
		dsn := place(t)
		return func() store.Store {
			s, err := Open(t.Context(), Config{DSN: dsn, Volatile: true})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	})
}

// anInstant is an arbitrary time with microseconds.
var anInstant = time.Date(2026, 7, 15, 13, 0, 0, 123456000, time.UTC)
