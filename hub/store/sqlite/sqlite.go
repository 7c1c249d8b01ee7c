// Package sqlite stores the hub's data in two SQLite files in one folder: people.db and ledger.db.
//
// There are two because a transaction over attached WAL files is not atomic across a power failure. Everything that
// must be committed together is in the ledger.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"wardlight/hub/store"
	"wardlight/hub/store/scan"
	"wardlight/hub/store/sqlledger"
)

// Store is a [store.Store] in a folder.
type Store struct {
	sqlledger.Ledger // in the file ledger
	people           *file
	ledger           *file
	documents        documents // compresses the documents in people
	scans            *scan.Limit
}

var _ store.Store = (*Store)(nil)

// Open opens the databases in folder and creates missing ones. It returns an error for files of a newer hub.
func Open(ctx context.Context, folder string) (*Store, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := finished(folder); err != nil {
		return nil, err
	}

	documents, err := newDocuments()
	if err != nil {
		return nil, err
	}

	people, err := openFile(ctx, filepath.Join(folder, peopleName), "people")
	if err != nil {
		return nil, err
	}

	ledger, err := openFile(ctx, filepath.Join(folder, ledgerName), "ledger")
	if err != nil {
		return nil, errors.Join(err, people.close())
	}

	s := &Store{sqlledger.Ledger{Engine: ledger}, people, ledger, documents, scan.NewLimit(readers/2, scan.Timeout)}
	if err := ledger.hot(ctx, hotLedger...); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.fillTree(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}

	return s, nil
}

// OpenCurrent opens the databases like [Open], for a program other than the hub: it creates missing databases, but
// doesn't migrate those of an older hub. It returns store.ErrOlder for them.
func OpenCurrent(ctx context.Context, folder string) (*Store, error) {
	for name, book := range map[string]string{peopleName: "people", ledgerName: "ledger"} {
		file := filepath.Join(folder, name)
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := current(ctx, file, book, ""); err != nil {
			return nil, err
		}
	}
	return Open(ctx, folder)
}

// Exists reports whether the ledger is in folder.
func Exists(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, ledgerName))
	return err == nil
}

// Whole reports whether both databases are in folder.
func Whole(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, peopleName))
	return err == nil && Exists(folder)
}

// Ready returns an error unless both databases can be read and the ledger can be written. It writes a row, because a
// transaction can start even on a full disk.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.Readable(ctx); err != nil {
		return err
	}
	if err := s.ledger.writing(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO readiness (id, asked)
			VALUES (1, 1) ON CONFLICT DO UPDATE SET asked = asked + 1`)
		return err
	}); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// Readable returns an error unless both databases can be read.
func (s *Store) Readable(ctx context.Context) error {
	var n int
	if err := s.people.row(ctx, `SELECT count(*) FROM migration`, nil, &n); err != nil {
		return fmt.Errorf("people: %w", err)
	}
	if err := s.ledger.row(ctx, `SELECT count(*) FROM migration`, nil, &n); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// Close closes both files. Committed data is durable without it.
func (s *Store) Close() error {
	return errors.Join(s.ledger.close(), s.people.close())
}

// found replaces sql.ErrNoRows by store.ErrNotFound.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}
