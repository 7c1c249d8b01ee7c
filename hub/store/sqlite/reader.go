package sqlite

import (
	"context"
	"fmt"
	"path/filepath"

	"wardlight/hub/store"
	"wardlight/hub/store/book"
)

// The names of the two files.
const (
	peopleName = "people.db"
	ledgerName = "ledger.db"
)

// Reader reads the ledger of a folder, beside a hub that runs or without one. It makes, migrates and changes nothing.
type Reader struct {
	folder string
	books  Store // its people are not opened
}

// OpenReadOnly opens the ledger that is in folder. It refuses one that a newer hub has written.
func OpenReadOnly(ctx context.Context, folder string) (*Reader, error) {
	return openReader(ctx, folder, "")
}

func openReader(ctx context.Context, folder, more string) (*Reader, error) {
	ledger, err := openToRead(ctx, filepath.Join(folder, ledgerName), "ledger", more)
	if err != nil {
		return nil, fmt.Errorf("books in %s: %w", folder, err)
	}
	return &Reader{folder, Store{Ledger: book.Ledger{Engine: ledger}, ledger: ledger}}, nil
}

// AuditTrail returns the store's.
func (r *Reader) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	return r.books.AuditTrail(ctx, from, visit)
}

// AuditSeals returns the store's.
func (r *Reader) AuditSeals(ctx context.Context) ([]store.AuditSeal, error) {
	return r.books.AuditSeals(ctx)
}

// AuditHead returns the store's. ErrNotFound where there is no record yet.
func (r *Reader) AuditHead(ctx context.Context) (store.AuditRecord, error) {
	return r.books.AuditHead(ctx)
}

// Close closes the file.
func (r *Reader) Close() error { return r.books.ledger.close() }
