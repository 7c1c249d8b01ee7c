package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	more   string // parameters of the connection
	books  Store  // its people are not opened
}

// OpenReadOnly opens the ledger that is in folder. It refuses one that a newer hub has written.
func OpenReadOnly(ctx context.Context, folder string) (*Reader, error) {
	return openReader(ctx, folder, "")
}

// OpenUntouched is OpenReadOnly for a short look: where nobody has the ledger open it makes no files beside it
// either. Those would be of whoever looks, and a hub of another user could not open them.
func OpenUntouched(ctx context.Context, folder string) (*Reader, error) {
	more := immutable
	for _, name := range []string{ledgerName, peopleName} {
		if _, err := os.Stat(filepath.Join(folder, name+walSuffix)); !errors.Is(err, fs.ErrNotExist) {
			more = ""
		}
	}
	return openReader(ctx, folder, more)
}

// The files that SQLite makes beside one that is open.
const (
	walSuffix    = "-wal"
	sharedSuffix = "-shm"
)

func openReader(ctx context.Context, folder, more string) (*Reader, error) {
	ledger, err := openToRead(ctx, filepath.Join(folder, ledgerName), "ledger", more)
	if err != nil {
		return nil, fmt.Errorf("books in %s: %w", folder, err)
	}
	return &Reader{folder, more, Store{Ledger: book.Ledger{Engine: ledger}, ledger: ledger}}, nil
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

// Authorities returns the store's.
func (r *Reader) Authorities(ctx context.Context) ([]store.Authority, error) {
	return r.books.Authorities(ctx)
}

// Resends returns the store's.
func (r *Reader) Resends(ctx context.Context) ([]store.Resend, error) { return r.books.Resends(ctx) }

// Backlog returns the store's.
func (r *Reader) Backlog(ctx context.Context) (store.Backlog, error) { return r.books.Backlog(ctx) }

// Current reports whether both books are of this version: store.ErrOlder for those of an older hub.
func (r *Reader) Current(ctx context.Context) error {
	for _, b := range []struct{ name, book string }{{ledgerName, "ledger"}, {peopleName, "people"}} {
		if err := current(ctx, filepath.Join(r.folder, b.name), b.book, r.more); err != nil {
			return err
		}
	}
	return nil
}

// Durable reports whether both files are such that a commit is on the disk, as the hub makes them: with a write-ahead
// log (https://sqlite.org/fileformat2.html, "File format version numbers"). One that is not was changed by another
// program.
func (r *Reader) Durable(context.Context) error {
	const versions, wal = 18, 2
	for _, name := range []string{ledgerName, peopleName} {
		f, err := os.Open(filepath.Join(r.folder, name))
		if err != nil {
			return err
		}
		header := make([]byte, 2)
		_, err = f.ReadAt(header, versions)
		_ = f.Close()
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case header[0] != wal || header[1] != wal:
			return fmt.Errorf("%s has no write-ahead log", name)
		}
	}
	return nil
}

// Files returns the names of the files that a data folder has or may have.
func Files() []string {
	var all []string
	for _, name := range []string{ledgerName, peopleName} {
		all = append(all, name, name+walSuffix, name+sharedSuffix)
	}
	return all
}

// Close closes the file.
func (r *Reader) Close() error { return r.books.ledger.close() }
