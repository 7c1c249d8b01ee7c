// Package postgrestest provides a private PostgreSQL for tests. Only tests import it.
package postgrestest

import (
	"context"
	"strings"
	"testing"

	"wardlight/internal/lab/postgres"
	"wardlight/internal/need"
)

// Need skips the test if PostgreSQL is not installed, with a message that says what to install. With CI=true it fails
// the test.
func Need(tb testing.TB) {
	tb.Helper()
	if missing := postgres.Missing(); missing != nil {
		need.Absent(tb, "install "+strings.Join(missing, ", "))
	}
}

// Start starts a server, and stops it at the end of the test.
func Start(tb testing.TB, o postgres.Options) *postgres.Server {
	tb.Helper()
	Need(tb)
	s, err := postgres.Start(context.Background(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Stop)
	return s
}

// Database creates an empty database on the server and returns its connection string.
func Database(tb testing.TB, s *postgres.Server) string { return made(tb, s.Database) }

// Schema creates an empty schema on the server and returns a connection string for it.
func Schema(tb testing.TB, s *postgres.Server) string { return made(tb, s.Schema) }

func made(tb testing.TB, by func(context.Context) (string, error)) string {
	tb.Helper()
	dsn, err := by(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return dsn
}
