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
	names, err := fs.Glob(scripts, path.Join(folder, "*.sql"))
	if err != nil {
		return err
	}
	const table = `CREATE TABLE IF NOT EXISTS migration (
		ordinal INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT`
	if _, err := db.ExecContext(ctx, table); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	applied, err := appliedTo(ctx, db)
	if err != nil {
		return err
	}
	if len(applied) > len(names) {
		return fmt.Errorf("migrations: %s was written by a newer hub (%s)", path.Base(folder), applied[len(applied)-1].name)
	}
	for i, name := range names {
		script, err := fs.ReadFile(scripts, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(script)
		m := migration{path.Base(name), hex.EncodeToString(sum[:])}
		if i < len(applied) {
			if applied[i] != m {
				return fmt.Errorf("migrations: %s is not the script that was applied as %s", m.name, applied[i].name)
			}
			continue
		}
		if err := apply(ctx, db, i+1, m, string(script)); err != nil {
			return fmt.Errorf("migrations: %s: %w", m.name, err)
		}
	}
	return nil
}

type migration struct{ name, checksum string }

func appliedTo(ctx context.Context, db *sql.DB) ([]migration, error) {
	return list(ctx, db, func(r *sql.Rows) (m migration, err error) {
		return m, r.Scan(&m.name, &m.checksum)
	}, `SELECT name, checksum FROM migration ORDER BY ordinal`)
}

func apply(ctx context.Context, db *sql.DB, ordinal int, m migration, script string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, script); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO migration VALUES (?, ?, ?)`, ordinal, m.name, m.checksum); err != nil {
		return err
	}
	return tx.Commit()
}
