// Package postgres keeps the hub's books in one PostgreSQL database, which several hubs may share.
//
// It is written so that a distributed engine that speaks PostgreSQL serves too: no numbers drawn from sequences, no LISTEN,
// no extension, row locks and SKIP LOCKED for what hubs contend for, and a transaction that the engine could not order among
// others is tried again.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardlight/hub/store"
)

// Config says where the database is.
type Config struct {
	// DSN is a connection string as libpq reads it: a URL or keywords. It holds a password, so it comes from a file or the
	// environment, never from an argument. Several hosts with target_session_attrs=read-write find the one that was promoted.
	DSN string
	// After waits before a transaction is tried again; time.After when nil.
	After func(time.Duration) <-chan time.Time
	// Volatile takes a server that may forget what it was told when its machine fails (fsync = off). It is for tests.
	Volatile bool
}

// Store is a store.Store in a database.
type Store struct {
	pool  *pgxpool.Pool
	after func(time.Duration) <-chan time.Time
}

var _ store.Store = (*Store)(nil)

// Open connects, and brings the database up to date. It refuses one that a newer hub has written, one that takes no writer, and
// one that answers before what it was told is durable.
func Open(ctx context.Context, c Config) (*Store, error) {
	config, err := c.pool()
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	s := &Store{pool: pool, after: c.After}
	if s.after == nil {
		s.after = time.After
	}
	if err := migrate(ctx, pool, migrations, "migrations"); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), s.Close())
	}
	if err := s.Ready(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Ready reports whether both books can be read and the ledger takes a writer: it asks for a lock, which no standby and no
// read-only server gives. It does not wait for the lock, and leaves nothing.
func (s *Store) Ready(ctx context.Context) error {
	return s.reading(ctx, func(ctx context.Context) error {
		var b pgx.Batch
		var people, one bool
		b.Queue(`SELECT EXISTS (SELECT 1 FROM patient)`).QueryRow(func(r pgx.Row) error { return r.Scan(&people) })
		b.Queue(`SELECT one FROM head FOR KEY SHARE SKIP LOCKED`).QueryRow(func(r pgx.Row) error {
			if err := r.Scan(&one); !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			return nil // a hub is committing
		})
		if err := s.pool.SendBatch(ctx, &b).Close(); err != nil {
			return fmt.Errorf("database: %w", err)
		}
		return nil
	})
}

// Close closes all connections. Nothing that was committed is lost without it.
func (s *Store) Close() error {
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
