package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store/sqlledger"
)

// unfinishedName is a file in a folder whose restore has not finished. A hub must not open the folder.
const unfinishedName = "restore-unfinished"

// Restore copies a backup to folder, which must contain no databases. It checks the manifest, each file's SHA-256,
// that no newer hub has migrated them, SQLite's integrity check, and the audit up to the manifest's head. If it fails,
// it removes what it created.
//
// It applies pending migrations and marks every authority as having to send its plans again since the backup: the hub
// had accepted later ones that the backup doesn't contain.
func Restore(ctx context.Context, backup, folder string) (m Manifest, err error) {
	if m, err = readManifest(backup); err != nil {
		return m, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return m, err
	}

	made := []string{unfinishedName, ledgerName, peopleName, ledgerName + "-wal", ledgerName + "-shm", peopleName +
		"-wal", peopleName + "-shm"}
	for _, name := range made {
		if _, err := os.Lstat(filepath.Join(folder, name)); !errors.Is(err, fs.ErrNotExist) {
			return m, errors.Join(fmt.Errorf("%s already has a database (%s): restore into a new folder", folder, name),
				err)
		}
	}

	mark, err := os.OpenFile(filepath.Join(folder, unfinishedName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return m, err
	}
	defer func() {
		if err == nil {
			return
		}
		for i := range made { // in reverse order, so that the unfinished mark goes last
			if e := os.Remove(filepath.Join(folder, made[len(made)-1-i])); e != nil && !errors.Is(e, fs.ErrNotExist) {
				err = errors.Join(err, e)
				return
			}
		}
	}()

	if err := errors.Join(mark.Close(), syncFolder(folder)); err != nil {
		return m, err
	}

	for _, f := range m.Files {
		if err := f.restore(backup, folder); err != nil {
			return m, fmt.Errorf("%s: %w", f.Name, err)
		}
	}

	if err := m.check(ctx, folder); err != nil {
		return m, err
	}
	if err := markResend(ctx, filepath.Join(folder, ledgerName), m.Started); err != nil {
		return m, fmt.Errorf("%s: %w", ledgerName, err)
	}
	if err := syncFolder(folder); err != nil {
		return m, err
	}
	if err := os.Remove(filepath.Join(folder, unfinishedName)); err != nil {
		return m, err
	}

	return m, syncFolder(folder)
}

// markResend marks every authority as having to send its plans again since that time.
func markResend(ctx context.Context, name string, since time.Time) error {
	f, err := openFile(ctx, name, "ledger")
	if err != nil {
		return err
	}
	return errors.Join(sqlledger.Ledger{Engine: f}.MustResend(ctx, since), f.close())
}

// restore copies one file durably and compares it with the manifest.
func (f ManifestFile) restore(backup, folder string) error {
	from, err := os.Open(filepath.Join(backup, f.Name))
	if err != nil {
		return err
	}
	defer from.Close() //nolint:errcheck // the file is only read
	to, err := os.OpenFile(filepath.Join(folder, f.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	got, n, err := sum(from, to)
	if err := errors.Join(err, to.Sync(), to.Close()); err != nil {
		return err
	}
	if n != f.Bytes || got != f.SHA256 {
		return errors.New("it does not match the manifest: the backup was changed or damaged")
	}
	return nil
}

// check checks the contents of the files. Matching checksums don't show that they were intact when the backup was
// made.
func (m Manifest) check(ctx context.Context, folder string) (err error) {
	r, err := openReader(ctx, folder, immutable)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	people, err := openToRead(ctx, filepath.Join(folder, peopleName), "people", immutable)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, people.close()) }()
	if err := (&Store{people: people, ledger: r.store.ledger}).Check(ctx); err != nil {
		return err
	}

	head, err := audit.Verify(ctx, r)
	if err != nil {
		return err
	}
	if head.Records != m.Audit.Records || !bytes.Equal(head.Hash, m.Audit.Hash) {
		return fmt.Errorf("the audit ends with record %d, the manifest names record %d, or their hashes differ",
			head.Records, m.Audit.Records)
	}

	return nil
}

// finished returns an error if a restore into the folder has not finished.
func finished(folder string) error {
	if _, err := os.Lstat(filepath.Join(folder, unfinishedName)); err == nil {
		return fmt.Errorf("%s: a restore into this folder did not finish: remove %s, %s and %s, and restore again",
			folder, ledgerName, peopleName, unfinishedName)
	}
	return nil
}
