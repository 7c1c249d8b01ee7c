package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardlight/hub/store"
	"wardlight/hub/store/migration"
)

//go:embed migrations
var migrations embed.FS

// migrating is the key of the advisory lock of migrations: "wardlite" in ASCII.
const migrating = 0x776172646c697465

// migrate applies pending migrations, each in its own transaction. If there are none, it only reads, so the hub's role
// needs no permission to change tables.
func migrate(ctx context.Context, pool *pgxpool.Pool, files fs.FS, folder string) error {
	scripts, err := migration.Scripts(files, folder)
	if err != nil {
		return err
	}
	for {
		pending, err := due(ctx, pool, scripts)
		if err != nil || len(pending) == 0 {
			return err
		}
		if err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return applyNext(ctx, tx, scripts) }); err != nil {
			return fmt.Errorf("migrations: %s: %w", pending[0].Name, err)
		}
	}
}

// migrateEmpty migrates a database without tables. It returns store.ErrOlder for a database of an older hub.
func migrateEmpty(ctx context.Context, pool *pgxpool.Pool, files fs.FS, folder string) error {
	scripts, err := migration.Scripts(files, folder)
	if err != nil {
		return err
	}
	pending, err := due(ctx, pool, scripts)
	switch {
	case err != nil || len(pending) == 0:
		return err
	case len(pending) < len(scripts):
		return store.ErrOlder
	}
	return migrate(ctx, pool, files, folder)
}

// notNewer returns an error for a database that a newer hub has migrated, whose migrations differ, or that has no
// tables. A database of an older hub is allowed.
func notNewer(ctx context.Context, pool *pgxpool.Pool, files fs.FS, folder string) error {
	scripts, err := migration.Scripts(files, folder)
	if err != nil {
		return err
	}
	pending, err := due(ctx, pool, scripts)
	if err == nil && len(pending) == len(scripts) {
		err = errors.New("the database has no tables of the hub")
	}
	return err
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) pgx.Row
}

// due returns the pending migrations.
func due(ctx context.Context, q querier, scripts []migration.Script) ([]migration.Script, error) {
	var exists bool
	if err := q.QueryRow(ctx, `SELECT to_regclass('migration') IS NOT NULL`).Scan(&exists); err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	if !exists {
		return scripts, nil
	}
	rows, err := q.Query(ctx, `SELECT name, checksum FROM migration ORDER BY ordinal`)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	applied, err := pgx.CollectRows(rows, pgx.RowToStructByPos[migration.Applied])
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return migration.Pending("the database", scripts, applied)
}

// applyNext applies the first pending migration, unless another hub has just applied it.
func applyNext(ctx context.Context, tx pgx.Tx, scripts []migration.Script) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(migrating)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx,
		`CREATE TABLE IF NOT EXISTS migration (ordinal integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL)`); err != nil {
		return err
	}
	pending, err := due(ctx, tx, scripts)
	if err != nil || len(pending) == 0 {
		return err
	}
	next := pending[0]
	if _, err := tx.Conn().PgConn().Exec(ctx, next.Text).ReadAll(); err != nil { // supports several statements
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO migration (ordinal, name, checksum)
		VALUES ($1, $2, $3)`, next.Ordinal, next.Name, next.Checksum)
	return err
}
