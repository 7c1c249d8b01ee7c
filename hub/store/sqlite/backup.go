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

// Backup copies the books into the new folder dest while a hub may run. The folder has its name once everything in it
// is durable; until then it is dest.partial, which goes when the backup fails.
//
// Each file is copied as it stood at one instant, the ledger before the people: whoever the ledger names is then
// among the people.
func (r *Reader) Backup(ctx context.Context, dest, version string, clock func() time.Time) (m Manifest, err error) {
	if _, err := os.Lstat(dest); !errors.Is(err, fs.ErrNotExist) {
		return m, errors.Join(fmt.Errorf("%s is there already", dest), err)
	}
	partial := filepath.Clean(dest) + ".partial"
	err = os.Mkdir(partial, 0o700)
	switch {
	case errors.Is(err, fs.ErrExist):
		return m, fmt.Errorf("%s is there already: another backup to this place runs, or one was cut off; remove the folder if none runs", partial)
	case errors.Is(err, fs.ErrNotExist):
		return m, fmt.Errorf("the folder %s, which the backup is to be in, is not there: make it first, for the user that runs the backup", filepath.Dir(partial))
	case err != nil:
		return m, fmt.Errorf("the backup's folder cannot be made: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(partial))
		}
	}()
	m = Manifest{Schema: manifestSchema, Begun: clock().UTC(), Version: version}
	people, err := openToRead(ctx, filepath.Join(r.folder, peopleName), "people", "")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, people.close()) }()
	for _, c := range []struct {
		name string
		from *file
	}{{ledgerName, r.books.ledger}, {peopleName, people}} {
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

// copyTo copies the file as it stands now into folder, durably, and readable for its owner alone.
func (f *file) copyTo(ctx context.Context, folder, name string) (ManifestFile, error) {
	applied, err := appliedTo(ctx, f.read)
	if err != nil {
		return ManifestFile{}, err
	}
	if len(applied) == 0 {
		return ManifestFile{}, errors.New("no hub has made it")
	}
	m := ManifestFile{Name: name, Migration: applied[len(applied)-1].Name}
	path := filepath.Join(folder, name)
	// VACUUM INTO takes an empty file, and leaves it the mode that it has.
	made, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return m, err
	}
	defer made.Close() //nolint:errcheck // it was synced
	if _, err := f.read.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return m, err
	}
	if err := made.Sync(); err != nil {
		return m, err
	}
	m.SHA256, m.Bytes, err = sum(made, io.Discard)
	return m, err
}

// sum copies from to to, and gives the SHA-256 and the length.
func sum(from io.Reader, to io.Writer) (string, int64, error) {
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(h, to), from)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// immutable is for files that nobody writes: no file is made beside them.
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

// syncFolder makes new names in a folder durable.
func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
