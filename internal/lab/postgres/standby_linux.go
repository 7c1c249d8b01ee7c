package postgres

import (
	"context"
	"errors"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// Standby creates a copy of the server and runs it as a hot standby that receives its changes.
func (s *Server) Standby(ctx context.Context) (*Server, error) {
	standby, err := newServer(s.options)
	if err != nil {
		return nil, err
	}
	err = standby.owner.run(standby.folder, "pg_basebackup", "--pgdata", standby.data(), "--host", s.folder,
		"--username", role,
		"--wal-method", "stream", "--checkpoint", "fast", "--no-sync", "--write-recovery-conf")
	return standby.begin(ctx, err)
}

// Synchronous makes every later commit wait until a standby has flushed it to disk. It returns when a standby is
// connected.
func (s *Server) Synchronous(ctx context.Context) error {
	for _, query := range []string{"ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"} {
		if err := s.Exec(ctx, "postgres", query); err != nil {
			return err
		}
	}

	return s.until(ctx, func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, s.DSN("postgres"))
		if err != nil {
			return err
		}
		defer conn.Close(ctx) //nolint:errcheck // read-only
		var follows bool
		err = conn.QueryRow(ctx,
			`SELECT EXISTS (SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync')`).
			Scan(&follows)
		if err == nil && !follows {
			err = errors.New("no standby replicates synchronously")
		}
		return err
	})
}

// Cut permanently stops the replication to standbys by suspending the sending processes. The standbys receive no
// further data.
func (s *Server) Cut(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // read-only
	rows, err := conn.Query(ctx, `SELECT pid FROM pg_stat_replication`)
	if err != nil {
		return err
	}

	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return err
	}

	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			return err
		}
		s.stopped = append(s.stopped, pid)
	}

	return nil
}

// Waiting returns the number of commits that are waiting for a standby.
func (s *Server) Waiting(ctx context.Context) (int, error) {
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // read-only
	var n int
	err = conn.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`).Scan(&n)
	return n, err
}

// Promote turns a standby into a primary.
func (s *Server) Promote(ctx context.Context) error {
	return s.Exec(ctx, "postgres", "SELECT pg_promote(true, 60)")
}
