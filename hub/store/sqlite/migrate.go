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

// migrate applies the pending migrations of a folder, each in its own transaction.
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

// notNewer returns an error if a newer hub has migrated the file, or if its migrations differ. A file of an older hub
// is allowed.
func notNewer(ctx context.Context, db *sql.DB, files fs.FS, folder string) error {
	scripts, err := migration.Scripts(files, folder)
	if err != nil {
		return err
	}
	_, err = pendingOf(ctx, db, scripts, folder)
	return err
}

// current returns store.ErrOlder if the file has pending migrations. It changes nothing.
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

// pendingOf returns the migrations that the file lacks.
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
	// The transaction has no cancellation: otherwise Commit would return "transaction has already been committed or
	// rolled back" in place of the statement's error. The statements still end with ctx.
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // does nothing after Commit
	if _, err := tx.ExecContext(ctx, s.Text); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO migration (ordinal, name, checksum)
		VALUES (?, ?, ?)`, s.Ordinal, s.Name, s.Checksum); err != nil {
		return err
	}
	return tx.Commit()
}
