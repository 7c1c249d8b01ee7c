package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlledger"
)

// Names of the two files.
const (
	peopleName = "people.db"
	ledgerName = "ledger.db"
)

// Reader reads the ledger of a folder. A hub may have it open. It creates, migrates and changes nothing.
type Reader struct {
	folder string
	more   string // additional connection parameters
	store  Store  // without the file of people
}

// OpenReadOnly opens the existing ledger in folder. It returns an error if a newer hub has migrated it.
func OpenReadOnly(ctx context.Context, folder string) (*Reader, error) {
	return openReader(ctx, folder, "")
}

// OpenUntouched opens the ledger like [OpenReadOnly], but creates no -wal and -shm files if no other process has the
// ledger open. Their owner would be the current user, and a hub that runs as another user couldn't open them.
func OpenUntouched(ctx context.Context, folder string) (*Reader, error) {
	more := immutable
	for _, name := range []string{ledgerName, peopleName} {
		if _, err := os.Stat(filepath.Join(folder, name+walSuffix)); !errors.Is(err, fs.ErrNotExist) {
			more = ""
		}
	}
	return openReader(ctx, folder, more)
}

// Suffixes of the files that SQLite creates beside an open database.
const (
	walSuffix    = "-wal"
	sharedSuffix = "-shm"
)

func openReader(ctx context.Context, folder, more string) (*Reader, error) {
	ledger, err := openToRead(ctx, filepath.Join(folder, ledgerName), "ledger", more)
	if err != nil {
		return nil, fmt.Errorf("databases in %s: %w", folder, err)
	}
	return &Reader{folder, more, Store{Ledger: sqlledger.Ledger{Engine: ledger}, ledger: ledger}}, nil
}

// AuditTrail calls visit for each audit record from that number on.
func (r *Reader) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	return r.store.AuditTrail(ctx, from, visit)
}

// AuditSeals returns the seals of exported parts of the audit.
func (r *Reader) AuditSeals(ctx context.Context) ([]store.AuditSeal, error) {
	return r.store.AuditSeals(ctx)
}

// AuditHead returns the last audit record, or ErrNotFound if there is none.
func (r *Reader) AuditHead(ctx context.Context) (store.AuditRecord, error) {
	return r.store.AuditHead(ctx)
}

// EachAccess calls visit for every access.
func (r *Reader) EachAccess(ctx context.Context, visit func(store.Access) error) error {
	return r.store.EachAccess(ctx, visit)
}

// AuditTree returns the end of the Merkle tree over the audit.
func (r *Reader) AuditTree(ctx context.Context) (store.AuditTree, error) {
	return r.store.AuditTree(ctx)
}

// TreeHashes returns the tree's hashes with these indexes.
func (r *Reader) TreeHashes(ctx context.Context, indexes []int64) ([]tlog.Hash, error) {
	return r.store.TreeHashes(ctx, indexes)
}

// Authorities returns all authorities.
func (r *Reader) Authorities(ctx context.Context) ([]store.Authority, error) {
	return r.store.Authorities(ctx)
}

// Resends returns the authorities that have to send their plans again.
func (r *Reader) Resends(ctx context.Context) ([]store.Resend, error) { return r.store.Resends(ctx) }

// Backlog returns the summary of undelivered notifications.
func (r *Reader) Backlog(ctx context.Context) (store.Backlog, error) { return r.store.Backlog(ctx) }

// AlertBacklog returns the summary of the privacy alerts that the national service does not have.
func (r *Reader) AlertBacklog(ctx context.Context) (store.Backlog, error) {
	return r.store.AlertBacklog(ctx)
}

// Current returns store.ErrOlder if one of the files has pending migrations.
func (r *Reader) Current(ctx context.Context) error {
	for _, b := range []struct{ name, ledger string }{{ledgerName, "ledger"}, {peopleName, "people"}} {
		if err := current(ctx, filepath.Join(r.folder, b.name), b.ledger, r.more); err != nil {
			return err
		}
	}
	return nil
}

// Durable returns an error unless both files use a write-ahead log, as the hub sets it, so that a commit is durable
// (https://sqlite.org/fileformat2.html, "File format version numbers"). Another program may have changed it.
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

// Files returns the names of the files that a data folder may contain.
func Files() []string {
	var all []string
	for _, name := range []string{ledgerName, peopleName} {
		all = append(all, name, name+walSuffix, name+sharedSuffix)
	}
	return all
}

// Close closes the file.
func (r *Reader) Close() error { return r.store.ledger.close() }
