// Package sqlite keeps the hub's books in two SQLite files of one folder: people.db and ledger.db.
//
// They are two because a transaction over attached WAL files is not atomic when the power fails: everything that must
// stand or fall together is in the ledger.
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
	"wardlight/hub/store/book"
	"wardlight/hub/store/scan"
)

// Store is a store.Store in a folder.
type Store struct {
	book.Ledger // of the file ledger
	people      *file
	ledger      *file
	documents   documents // how people holds them
	scans       *scan.Limit
}

var _ store.Store = (*Store)(nil)

// Open opens the books in folder, and makes what is missing. It refuses files that a newer hub has written.
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
	s := &Store{book.Ledger{Engine: ledger}, people, ledger, documents, scan.NewLimit(readers/2, scan.Timeout)}
	if err := ledger.hot(ctx, hotLedger...); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// OpenCurrent is Open for a program beside the hub: it makes books that are missing, and changes none that an older hub
// made. store.ErrOlder.
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

// Exists reports whether there are books in folder.
func Exists(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, ledgerName))
	return err == nil
}

// Whole reports whether all books are in folder.
func Whole(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, peopleName))
	return err == nil && Exists(folder)
}

// Ready reports whether both books can be read and the ledger written: it writes, because a full disk still begins a
// transaction.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.Readable(ctx); err != nil {
		return err
	}
	if err := s.ledger.writing(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO readiness VALUES (1, 1) ON CONFLICT DO UPDATE SET asked = asked + 1`)
		return err
	}); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// Readable reports whether both books can be read.
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

// Close closes both files. Nothing that was committed is lost without it.
func (s *Store) Close() error {
	return errors.Join(s.ledger.close(), s.people.close())
}

// found turns the driver's absence into the store's.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}
