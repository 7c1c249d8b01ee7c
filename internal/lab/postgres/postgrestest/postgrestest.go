// Package postgrestest gives tests a private PostgreSQL, or says what to install.
package postgrestest

import (
	"context"
	"os"
	"strings"
	"testing"

	"wardlight/internal/lab/postgres"
)

// Need skips the test when a private PostgreSQL cannot run here, and says what to install. Under CI=true, where
// everything is installed, that is a failure.
func Need(tb testing.TB) {
	tb.Helper()
	missing := postgres.Missing()
	if missing == nil {
		return
	}
	why := "install " + strings.Join(missing, ", ")
	if os.Getenv("CI") == "true" {
		tb.Fatal(why)
	}
	tb.Skip(why)
}

// Start runs a server for one test and its subtests, and ends it with the test.
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

// Database makes an empty database on the server and gives its connection string.
func Database(tb testing.TB, s *postgres.Server) string { return made(tb, s.Database) }

// Schema makes an empty schema on the server and gives the connection string that leads to it.
func Schema(tb testing.TB, s *postgres.Server) string { return made(tb, s.Schema) }

func made(tb testing.TB, by func(context.Context) (string, error)) string {
	tb.Helper()
	dsn, err := by(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return dsn
}
