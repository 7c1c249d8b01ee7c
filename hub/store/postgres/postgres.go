// Package postgres stores the hub's data in a PostgreSQL database, which several hubs may share.
//
// It also supports distributed engines that speak PostgreSQL's protocol: it doesn't use sequences, LISTEN or
// extensions, uses row locks and SKIP LOCKED for contended rows, and retries transactions that the engine could not
// serialise.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardlight/hub/store"
	"wardlight/hub/store/migration"
	"wardlight/hub/store/scan"
	"wardlight/hub/store/sqlledger"
)

// Config configures the connection to the database.
type Config struct {
	// DSN is a connection string in libpq's format: a URL or keywords. It contains a password, so read it from a file
	// or the environment, never from a command-line argument. With several hosts and target_session_attrs=read-write,
	// the promoted server is found after a failover.
	DSN string
	// After waits before a retry. The default is time.After.
	After func(time.Duration) <-chan time.Time
	// Volatile allows a server that may lose committed data when its machine fails (fsync = off). It is for tests.
	Volatile bool

	tracer pgx.QueryTracer // traces the statements that are sent; nil for none
}

// Store is a [store.Store] in a database.
type Store struct {
	sqlledger.Ledger // in this database
	pool             *pgxpool.Pool
	after            func(time.Duration) <-chan time.Time
	searches         *Store      // has its own connections, so that searches don't delay commits; nil if unused
	scans            *scan.Limit // limits concurrent searches
	reports          *scan.Limit // limits Scan; nil if searches is nil
}

var _ store.Store = (*Store)(nil)

// Open connects and applies pending migrations. It returns an error for a database that a newer hub has migrated, that
// is read-only, that confirms commits before they are durable, or whose copy is incomplete (ErrCopying).
func Open(ctx context.Context, c Config) (*Store, error) {
	return opened(ctx, c, migrate)
}

// OpenCurrent opens the database like [Open], for a program other than the hub: it creates the tables of an empty
// database, but doesn't migrate a database of an older hub. It returns store.ErrOlder for it.
func OpenCurrent(ctx context.Context, c Config) (*Store, error) { return opened(ctx, c, migrateEmpty) }

// migratingBy applies migrations to a database, or returns an error.
type migratingBy func(ctx context.Context, pool *pgxpool.Pool, files fs.FS, folder string) error

func opened(ctx context.Context, c Config, by migratingBy) (*Store, error) {
	s, err := connect(ctx, c, by)
	if err != nil {
		return nil, err
	}
	if err := s.copied(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), s.Close())
	}
	if err := s.fillTree(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), s.Close())
	}
	return s, nil
}

// connect does what [Open] does, but doesn't check whether a copy is incomplete.
func connect(ctx context.Context, c Config, by migratingBy) (*Store, error) {
	config, err := c.pool()
	if err != nil {
		return nil, err
	}

	searching := config.Copy()
	searching.MaxConns = max(1, config.MaxConns/2)
	searching.MinConns = min(searching.MinConns, searching.MaxConns)
	config.MaxConns = max(1, config.MaxConns-searching.MaxConns)
	config.MinConns = min(config.MinConns, config.MaxConns)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}

	s := newStore(pool, c)
	if pool, err = pgxpool.NewWithConfig(ctx, searching); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), s.Close())
	}

	s.searches = newStore(pool, c)
	s.reports = scan.NewLimit(1, scan.LongTimeout)
	s.searches.scans = scan.NewLimit(int(searching.MaxConns/2), scan.Timeout)
	if err := by(ctx, s.pool, migrations, "migrations"); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), s.Close())
	}
	if err := s.Ready(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}

	return s, nil
}

// OpenReadOnly opens the database for reading, while hubs run and also on a standby. It changes nothing, and returns
// an error for a database that a newer hub has migrated.
func OpenReadOnly(ctx context.Context, c Config) (*Store, error) {
	config, err := c.pool()
	if err != nil {
		return nil, err
	}
	// A read-only connection commits nothing, so durability isn't checked. The setting is made after connecting: if it
	// were in the connection parameters, a DSN with target_session_attrs=read-write would find no server.
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `SET default_transaction_read_only = on`)
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	s := newStore(pool, c) // this store runs no searches
	if err := notNewer(ctx, pool, migrations, "migrations"); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), s.Close())
	}
	return s, nil
}

// Current returns store.ErrOlder if the database has pending migrations.
func (s *Store) Current(ctx context.Context) error {
	scripts, err := migration.Scripts(migrations, "migrations")
	if err != nil {
		return err
	}
	pending, err := due(ctx, s.pool, scripts)
	if err == nil && len(pending) > 0 {
		err = fmt.Errorf("database: %w", store.ErrOlder)
	}
	return err
}

// Durable returns an error unless commits are durable by the settings of the server.
func (s *Store) Durable(ctx context.Context) error {
	return Config{}.durable(ctx, s.pool, s.pool.Config().ConnConfig.User)
}

func newStore(pool *pgxpool.Pool, c Config) *Store {
	s := &Store{pool: pool, after: c.wait()}
	s.Ledger = sqlledger.Ledger{Engine: s}
	return s
}

func (c Config) wait() func(time.Duration) <-chan time.Time {
	if c.After == nil {
		return time.After
	}
	return c.After
}

// Ready returns an error unless the database can be read and written. It writes a row, which fails on a standby, a
// read-only server or a full disk, and waits until the commit is durable.
func (s *Store) Ready(ctx context.Context) error {
	err := s.writing(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT EXISTS (SELECT 1 FROM patient)`)
		b.Queue(`INSERT INTO readiness (id, asked)
			VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET asked = readiness.asked + 1`)
	})
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// Readable returns an error unless the database can be read.
func (s *Store) Readable(ctx context.Context) error {
	var patients, records bool
	err := s.row(ctx, `SELECT EXISTS (SELECT 1 FROM patient), EXISTS (SELECT 1 FROM head)`, nil, &patients, &records)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// Close closes all connections. Committed data is durable without it.
func (s *Store) Close() error {
	if s.searches != nil {
		s.searches.pool.Close()
	}
	s.pool.Close()
	return nil
}

// found replaces pgx.ErrNoRows by store.ErrNotFound.
func found(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}
