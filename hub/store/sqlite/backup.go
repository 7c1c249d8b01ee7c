package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
)

// Backup copies the databases to the new folder dest. A hub may run meanwhile. Until everything is durable the folder
// is named dest.partial; if the backup fails, it is removed.
//
// Each file is a consistent snapshot. The ledger is copied before the people, so that every patient in the ledger is
// also among the copied people.
func (r *Reader) Backup(ctx context.Context, dest, version string, clock func() time.Time) (m Manifest, err error) {
	if _, err := os.Lstat(dest); !errors.Is(err, fs.ErrNotExist) {
		return m, errors.Join(fmt.Errorf("%s already exists", dest), err)
	}

	partial := filepath.Clean(dest) + ".partial"
	err = os.Mkdir(partial, 0o700)
	switch {
	case errors.Is(err, fs.ErrExist):
		return m, fmt.Errorf("%s already exists: another backup to this folder is running, or one was interrupted; "+
			"remove the folder if none is running", partial)
	case errors.Is(err, fs.ErrNotExist):
		return m, fmt.Errorf("the folder %s, in which the backup is made, does not exist: create it first, "+
			"writable by the user that runs the backup", filepath.Dir(partial))
	case err != nil:
		return m, fmt.Errorf("the backup's folder cannot be created: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(partial))
		}
	}()

	m = Manifest{Schema: manifestSchema, Started: clock().UTC(), Version: version}
	people, err := openToRead(ctx, filepath.Join(r.folder, peopleName), "people", "")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, people.close()) }()

	for _, c := range []struct {
		name string
		from *file
	}{{ledgerName, r.store.ledger}, {peopleName, people}} {
		f, err := c.from.copyTo(ctx, partial, c.name)
		if err != nil {
			return m, fmt.Errorf("%s: %w", c.name, err)
		}
		m.Files = append(m.Files, f)
	}

	if m.Audit, err = auditIn(ctx, partial); err != nil {
		return m, err
	}

	m.Ended = clock().UTC()
	if err := m.write(partial); err != nil {
		return m, err
	}
	if err := syncFolder(partial); err != nil {
		return m, err
	}
	if err := os.Rename(partial, dest); err != nil {
		return m, err
	}

	return m, syncFolder(filepath.Dir(filepath.Clean(dest)))
}

// copyTo writes a snapshot of the file to folder, durably, and readable only by its owner.
func (f *file) copyTo(ctx context.Context, folder, name string) (ManifestFile, error) {
	applied, err := appliedTo(ctx, f.read)
	if err != nil {
		return ManifestFile{}, err
	}
	if len(applied) == 0 {
		return ManifestFile{}, errors.New("it has no tables of the hub")
	}

	m := ManifestFile{Name: name, Migration: applied[len(applied)-1].Name}
	path := filepath.Join(folder, name)

	// VACUUM INTO accepts an existing empty file and leaves its mode unchanged.
	made, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return m, err
	}
	defer made.Close() //nolint:errcheck // the file has been synced
	if _, err := f.read.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return m, err
	}
	if err := made.Sync(); err != nil {
		return m, err
	}

	m.SHA256, m.Bytes, err = sum(made, io.Discard)
	return m, err
}

// sum copies from to to and returns the SHA-256 in hexadecimal and the length.
func sum(from io.Reader, to io.Writer) (string, int64, error) {
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(h, to), from)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// immutable is the parameter for files that nobody writes to. SQLite then creates no files beside them.
const immutable = "&immutable=1"

// auditIn returns the end of the audit in a backup's folder.
func auditIn(ctx context.Context, folder string) (ManifestAudit, error) {
	r, err := openReader(ctx, folder, immutable)
	if err != nil {
		return ManifestAudit{}, err
	}
	head, err := r.AuditHead(ctx)
	if errors.Is(err, store.ErrNotFound) {
		head, err = store.AuditRecord{Hash: audit.Genesis()}, nil
	}
	return ManifestAudit{head.Seq, head.Hash}, errors.Join(err, r.Close())
}

// syncFolder makes new directory entries durable.
func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
