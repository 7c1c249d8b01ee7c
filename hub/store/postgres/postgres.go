// Package postgres keeps the hub's books in one PostgreSQL database, which several hubs may share.
//
// It is written so that a distributed engine that speaks PostgreSQL serves too: no numbers drawn from sequences, no
// LISTEN, no extension, row locks and SKIP LOCKED for what hubs contend for, and a transaction that the engine could
// not order among others is tried again.
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
	"wardlight/hub/store/book"
	"wardlight/hub/store/migration"
	"wardlight/hub/store/scan"
)

// Config says where the database is.
type Config struct {
	// DSN is a connection string as libpq reads it: a URL or keywords. It holds a password, so it comes from a file or
	// the environment, never from an argument. Several hosts with target_session_attrs=read-write find the one that was
	// promoted.
	DSN string
	// After waits before a transaction is tried again; time.After when nil.
	After func(time.Duration) <-chan time.Time
	// Volatile takes a server that may forget what it was told when its machine fails (fsync = off). It is for tests.
	Volatile bool

	tracer pgx.QueryTracer // of the statements that are sent; nil for none
}

// Store is a store.Store in a database.
type Store struct {
	book.Ledger // of this database
	pool        *pgxpool.Pool
	after       func(time.Duration) <-chan time.Time
	searches    *Store      // with connections of its own, so that no search holds up a commit; nil of books that are not searched
	scans       *scan.Limit // of searches alone
}

var _ store.Store = (*Store)(nil)

// Open connects, and brings the database up to date. It refuses one that a newer hub has written, one that takes no
// writer, one that answers before what it was told is durable, and one that only a part of other books was copied to
// (ErrCopying).
func Open(ctx context.Context, c Config) (*Store, error) {
	return opened(ctx, c, migrate)
}

// OpenCurrent is Open for a program beside hubs: it makes the tables of an empty database, and changes none that an
// older hub made. store.ErrOlder.
func OpenCurrent(ctx context.Context, c Config) (*Store, error) { return opened(ctx, c, migrateEmpty) }

// migratingBy brings a database up to date, or refuses it.
type migratingBy func(ctx context.Context, pool *pgxpool.Pool, files fs.FS, folder string) error

func opened(ctx context.Context, c Config, by migratingBy) (*Store, error) {
	s, err := connect(ctx, c, by)
	if err != nil {
		return nil, err
	}
	if err := s.copied(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), s.Close())
	}
	return s, nil
}

// connect opens a database also where a part of other books was copied to it.
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
	s.searches.scans = scan.NewLimit(int(searching.MaxConns/2), scan.Timeout)
	if err := by(ctx, s.pool, migrations, "migrations"); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), s.Close())
	}
	if err := s.Ready(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// OpenReadOnly opens the books to be read, also beside hubs that run, and on a standby. It makes and changes nothing,
// and refuses a database that a newer hub has written.
func OpenReadOnly(ctx context.Context, c Config) (*Store, error) {
	config, err := c.pool()
	if err != nil {
		return nil, err
	}
	// Nothing is committed that could be forgotten. The setting comes after connecting: a connection that was read-only
	// from its beginning would be none where the DSN looks for the server that takes writers.
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `SET default_transaction_read_only = on`)
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	s := newStore(pool, c) // it does not search
	if err := notNewer(ctx, pool, migrations, "migrations"); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), s.Close())
	}
	return s, nil
}

// Current reports whether the books are of this version: store.ErrOlder for those of an older hub.
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

// Durable reports whether what is committed is safe by the settings of the server.
func (s *Store) Durable(ctx context.Context) error {
	return Config{}.durable(ctx, s.pool, s.pool.Config().ConnConfig.User)
}

func newStore(pool *pgxpool.Pool, c Config) *Store {
	s := &Store{pool: pool, after: c.wait()}
	s.Ledger = book.Ledger{Engine: s}
	return s
}

func (c Config) wait() func(time.Duration) <-chan time.Time {
	if c.After == nil {
		return time.After
	}
	return c.After
}

// Ready reports whether both books can be read and the ledger written: it writes, which no standby, no read-only
// server and no full disk lets it do, and waits until that is as safe as an answer's record has to be.
func (s *Store) Ready(ctx context.Context) error {
	err := s.writing(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT EXISTS (SELECT 1 FROM patient)`)
		b.Queue(`INSERT INTO readiness VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET asked = readiness.asked + 1`)
	})
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// Readable reports whether both books can be read.
func (s *Store) Readable(ctx context.Context) error {
	var patients, records bool
	err := s.row(ctx, `SELECT EXISTS (SELECT 1 FROM patient), EXISTS (SELECT 1 FROM head)`, nil, &patients, &records)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// Close closes all connections. Nothing that was committed is lost without it.
func (s *Store) Close() error {
	if s.searches != nil {
		s.searches.pool.Close()
	}
	s.pool.Close()
	return nil
}

// found turns the driver's absence into the store's.
func found(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}
