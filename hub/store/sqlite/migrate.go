package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
)

//go:embed migrations
var migrations embed.FS

// migrate brings a file up to date: the scripts of one folder, in the order of their names, each once and in a transaction of
// its own. A script that was applied may not change afterwards, and a file written by a newer hub is refused.
func migrate(ctx context.Context, db *sql.DB, scripts fs.FS, folder string) error {
	const table = `CREATE TABLE IF NOT EXISTS migration (
		ordinal INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT`
	if _, err := db.ExecContext(ctx, table); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	wanted, applied, err := compare(ctx, db, scripts, folder)
	if err != nil {
		return err
	}
	for i := len(applied); i < len(wanted); i++ {
		if err := apply(ctx, db, i+1, wanted[i]); err != nil {
			return fmt.Errorf("migrations: %s: %w", wanted[i].name, err)
		}
	}
	return nil
}

// notNewer refuses a file that a newer hub has written, or one whose scripts are others. One of an older hub may be read.
func notNewer(ctx context.Context, db *sql.DB, scripts fs.FS, folder string) error {
	_, _, err := compare(ctx, db, scripts, folder)
	return err
}

// compare gives the scripts that there are and those that were applied, which must be the first of them.
func compare(ctx context.Context, db *sql.DB, scripts fs.FS, folder string) (wanted []script, applied []migration, err error) {
	names, err := fs.Glob(scripts, path.Join(folder, "*.sql"))
	if err != nil {
		return nil, nil, err
	}
	if applied, err = appliedTo(ctx, db); err != nil {
		return nil, nil, err
	}
	if len(applied) > len(names) {
		return nil, nil, fmt.Errorf("migrations: %s was written by a newer hub (%s)", path.Base(folder), applied[len(applied)-1].name)
	}
	for i, name := range names {
		text, err := fs.ReadFile(scripts, name)
		if err != nil {
			return nil, nil, err
		}
		sum := sha256.Sum256(text)
		s := script{migration{path.Base(name), hex.EncodeToString(sum[:])}, string(text)}
		if i < len(applied) && applied[i] != s.migration {
			return nil, nil, fmt.Errorf("migrations: %s is not the script that was applied as %s", s.name, applied[i].name)
		}
		wanted = append(wanted, s)
	}
	return wanted, applied, nil
}

// script is a migration with its statements.
type script struct {
	migration
	text string
}

type migration struct{ name, checksum string }

func appliedTo(ctx context.Context, db *sql.DB) ([]migration, error) {
	return list(ctx, db, func(r *sql.Rows) (m migration, err error) {
		return m, r.Scan(&m.name, &m.checksum)
	}, `SELECT name, checksum FROM migration ORDER BY ordinal`)
}

func apply(ctx context.Context, db *sql.DB, ordinal int, s script) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, s.text); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO migration VALUES (?, ?, ?)`, ordinal, s.name, s.checksum); err != nil {
		return err
	}
	return tx.Commit()
}
