package postgres_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
)

// leavesNothing checks that a server's process and folder no longer exist.
func leavesNothing(t *testing.T, s *postgres.Server) {
	t.Helper()
	if _, err := os.Stat(s.Socket()); !os.IsNotExist(err) {
		t.Errorf("Stat of the folder after Stop = %v, want not exist", err)
	}
	if _, err := os.Stat(filepath.Join("/proc", strconv.Itoa(s.PID()))); !os.IsNotExist(err) {
		t.Errorf("Stat of the process after Stop = %v, want not exist", err)
	}
}

func TestAPrivateServerServesAndLeavesNothing(t *testing.T) {
	s := postgrestest.Start(t, postgres.Options{Settings: []string{"work_mem=1234kB"}})
	conn, err := pgx.Connect(t.Context(), postgrestest.Database(t, s))
	if err != nil {
		t.Fatal(err)
	}
	var memory, listens, fsync string
	if err := conn.QueryRow(t.Context(),
		`SELECT current_setting('work_mem'), current_setting('listen_addresses'), current_setting('fsync')`).
		Scan(&memory, &listens, &fsync); err != nil || memory != "1234kB" || listens != "" || fsync != "off" {
		t.Errorf("work_mem %s, listen_addresses %q, fsync %s, error %v, want 1234kB, none, off",
			memory, listens, fsync, err)
	}
	s.Stop()
	leavesNothing(t, s)
}

func TestAKilledServerLeavesNothing(t *testing.T) {
	s := postgrestest.Start(t, postgres.Options{})
	if _, err := pgx.Connect(t.Context(), s.DSN("postgres")); err != nil { // a client is connected
		t.Fatal(err)
	}
	s.Kill()
	s.Stop()
	leavesNothing(t, s)
}

func TestAStandbyFollowsAndIsPromoted(t *testing.T) {
	primary := postgrestest.Start(t, postgres.Options{Durable: true})
	standby, err := primary.Standby(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(standby.Stop)
	if err := primary.Synchronous(t.Context()); err != nil {
		t.Fatal(err)
	}

	if err := primary.Exec(t.Context(), "postgres",
		"CREATE TABLE told (x integer); INSERT INTO told (x) VALUES (1)"); err != nil {
		t.Fatal(err)
	}

	if standby.Exec(t.Context(), "postgres", "INSERT INTO told (x) VALUES (2)") == nil {
		t.Error("INSERT on a standby succeeded, want error")
	}

	primary.Kill()
	if err := standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}

	if err := standby.Exec(t.Context(), "postgres", "INSERT INTO told (x) VALUES (3)"); err != nil {
		t.Errorf("INSERT after Promote, into a table that was committed before: %v", err)
	}
}
