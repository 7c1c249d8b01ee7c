package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"wardlight/hub/store"
	"wardlight/hub/store/migration"
)

//go:embed migrations
var migrations embed.FS

// migrate brings a file up to date with the scripts of one folder, each in a transaction of its own.
func migrate(ctx context.Context, db *sql.DB, files fs.FS, folder string) error {
	scripts, err := migration.Scripts(files, folder)
	if err != nil {
		return err
	}
	const table = `CREATE TABLE IF NOT EXISTS migration (
		ordinal INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT`
	if _, err := db.ExecContext(ctx, table); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	pending, err := pendingOf(ctx, db, scripts, folder)
	if err != nil {
		return err
	}
	for _, s := range pending {
		if err := apply(ctx, db, s); err != nil {
			return fmt.Errorf("migrations: %s: %w", s.Name, err)
		}
	}
	return nil
}

// notNewer refuses a file that a newer hub has written, or one whose scripts are others. One of an older hub may be
// read.
func notNewer(ctx context.Context, db *sql.DB, files fs.FS, folder string) error {
	scripts, err := migration.Scripts(files, folder)
	if err != nil {
		return err
	}
	_, err = pendingOf(ctx, db, scripts, folder)
	return err
}

// current returns store.ErrOlder for a file that lacks some of the scripts. It changes nothing.
func current(ctx context.Context, name, book, more string) (err error) {
	scripts, err := migration.Scripts(migrations, path.Join("migrations", book))
	if err != nil {
		return err
	}
	f, err := openToRead(ctx, name, book, more)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	pending, err := pendingOf(ctx, f.read, scripts, book)
	if err == nil && len(pending) > 0 {
		err = fmt.Errorf("%s: %w", filepath.Base(name), store.ErrOlder)
	}
	return err
}

// pendingOf returns what the file still lacks of the scripts.
func pendingOf(ctx context.Context, db *sql.DB, scripts []migration.Script, folder string) ([]migration.Script, error) {
	applied, err := appliedTo(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return migration.Pending(path.Base(folder), scripts, applied)
}

func appliedTo(ctx context.Context, db *sql.DB) ([]migration.Applied, error) {
	return list(ctx, db, func(r *sql.Rows) (m migration.Applied, err error) {
		return m, r.Scan(&m.Name, &m.Checksum)
	}, `SELECT name, checksum FROM migration ORDER BY ordinal`)
}

func apply(ctx context.Context, db *sql.DB, s migration.Script) error {
	// The statements end with the context. A transaction that did, too, would say at its commit that it is over, and not
	// why.
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, s.Text); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO migration VALUES (?, ?, ?)`, s.Ordinal, s.Name, s.Checksum); err != nil {
		return err
	}
	return tx.Commit()
}
