package audit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"wardlight/hub/store"
)

// partialSuffix is the suffix of a file that is being written.
const partialSuffix = ".partial"

// minSealAge is the minimum age of a sealed record. Checkpoints and other readers have passed it by then.
const minSealAge = 24 * time.Hour

// errEnough stops reading a trail.
var errEnough = errors.New("enough")

// SealLedger is a ledger whose audit can be sealed (store.Store).
type SealLedger interface {
	Log
	Committer
	DeleteSealed(ctx context.Context) error
}

// Segment is a part of the audit that is exported to a file and deleted from the ledger: from the last seal to a time.
// [Segment.Seal] verifies the records, writes and syncs the export, reads it back and compares it with the chain,
// commits the seal with a record of who sealed, and deletes the sealed records. It never seals the last record of the
// audit.
//
// An interrupted Seal can be repeated with the same file and continues.
type Segment struct {
	File   string    // the export's file: a new one, or that of an interrupted Seal
	Before time.Time // only earlier records; at most one day ago
	Source string    // the system's name in the export
	Now    time.Time
	// Signed is the last signed checkpoint, with which the audit must agree. Later records aren't sealed. It is nil if
	// there are no checkpoints.
	Signed *Checkpoint
	// Record is the audit record of the sealing. Seal sets its Reason.
	Record store.AuditRecord
	Reason func(what string) string
}

// Seal seals the segment and returns its seal. If the segment is sealed already, it only deletes the remaining
// records.
func (x Segment) Seal(ctx context.Context, l SealLedger) (store.AuditSeal, error) {
	if x.Before.After(x.Now.Add(-minSealAge)) {
		return store.AuditSeal{}, errors.New("only records that are a day old or older can be sealed")
	}
	if err := l.DeleteSealed(ctx); err != nil { // the rest of an interrupted Seal
		return store.AuditSeal{}, err
	}

	seals, err := l.AuditSeals(ctx)
	if err != nil {
		return store.AuditSeal{}, err
	}

	switch _, err := os.Lstat(x.File); {
	case errors.Is(err, fs.ErrNotExist):
		var signed []Checkpoint
		if x.Signed != nil {
			signed = append(signed, *x.Signed)
		}
		if _, err := (Check{Checkpoints: signed}).Verify(ctx, l); err != nil {
			return store.AuditSeal{}, err
		}
		if err := x.export(ctx, l); err != nil {
			return store.AuditSeal{}, err
		}
	case err != nil:
		return store.AuditSeal{}, err
	default:
		digest, err := DigestOf(x.File)
		if err != nil {
			return store.AuditSeal{}, err
		}
		for _, s := range seals {
			if bytes.Equal(s.Digest, digest) {
				return s, nil
			}
		}
	}

	from, _, err := base(ctx, l)
	if err != nil {
		return store.AuditSeal{}, err
	}

	seal, err := readSegment(x.File, from)
	if err != nil {
		return seal, fmt.Errorf("%s does not hold the records from %d on: %w", x.File, from.Records+1, err)
	}

	seal.At = x.Now
	record := x.Record
	record.Action, record.Outcome, record.At = SealAudit, Granted, x.Now
	record.Reason = x.Reason(fmt.Sprintf("records %d to %d, the last with the hash %s, in %s, SHA-256 %s", seal.First,
		seal.Last,
		base64.StdEncoding.EncodeToString(seal.Hash), seal.File, hex.EncodeToString(seal.Digest)))

	if err := Store(ctx, l, &store.Entry{Audit: record, Change: &store.Change{Seal: &seal}}); err != nil {
		return seal, err
	}

	return seal, l.DeleteSealed(ctx)
}

// export writes the file durably. The file has another name until it is complete.
func (x Segment) export(ctx context.Context, l SealLedger) (err error) {
	newest, err := l.AuditHead(ctx)
	if err != nil {
		return err
	}

	partial := x.File + partialSuffix
	f, err := os.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(partial))
		}
	}()

	w := bufio.NewWriter(f)
	n, err := Export{Source: x.Source, until: func(r store.AuditRecord) bool {
		return r.Seq == newest.Seq || !r.At.Before(x.Before) || x.Signed != nil && r.Seq > x.Signed.Records
	}}.Write(ctx, l, w)
	if err == nil && n == 0 {
		err = fmt.Errorf("no unsealed record is older than %s", stamp(x.Before))
	}

	if err := errors.Join(err, w.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(partial, x.File); err != nil {
		return err
	}

	return syncFolder(filepath.Dir(x.File))
}

// DigestOf returns the SHA-256 of a file.
func DigestOf(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // the file is only read
	h := sha256.New()
	_, err = io.Copy(h, f)
	return h.Sum(nil), err
}

// readSegment reads an export completely and returns its seal. It returns a *BrokenError if the export doesn't
// continue from.
func readSegment(file string, from Head) (store.AuditSeal, error) {
	s := store.AuditSeal{First: from.Records + 1, File: filepath.Base(file)}
	f, err := os.Open(file)
	if err != nil {
		return s, err
	}
	defer f.Close() //nolint:errcheck // the file is only read
	h := sha256.New()
	if err := ReadExport(io.TeeReader(f, h), func(r store.AuditRecord) (err error) {
		from, err = from.follow(r)
		return err
	}); err != nil {
		return s, err
	}
	if s.Last, s.Hash, s.Digest = from.Records, from.Hash, h.Sum(nil); s.Last < s.First {
		return s, errors.New("it has no records")
	}
	return s, nil
}

// Unsealed is a complete trail, with the sealed records read from their files.
type Unsealed struct {
	Trail
	files []string // in the order of the seals
	last  int64    // the last record in them
}

// MissingFileError means that the file of a seal was not given.
type MissingFileError struct{ Seal store.AuditSeal }

// Error returns the file's name and its records.
func (e *MissingFileError) Error() string {
	return fmt.Sprintf("records %d to %d are sealed in %s, but no file with its SHA-256 (%s) was given", e.Seal.First,
		e.Seal.Last, e.Seal.File,
		hex.EncodeToString(e.Seal.Digest))
}

// Unseal returns the complete trail. It needs the file of each seal, which may have been renamed. It returns a
// *[MissingFileError], or a *[BrokenError] for a file with the seal's name and other contents.
func Unseal(ctx context.Context, t Trail, files []string) (*Unsealed, error) {
	u := &Unsealed{Trail: t}
	seals, err := t.AuditSeals(ctx)
	if err != nil {
		return nil, err
	}

	is := make(map[string]string, len(files)) // file by digest
	for _, name := range files {
		digest, err := DigestOf(name)
		if err != nil {
			return nil, err
		}
		is[string(digest)] = name
	}

	for _, s := range seals {
		name, ok := is[string(s.Digest)]
		if !ok {
			for _, given := range files {
				if filepath.Base(given) == s.File {
					return nil, &BrokenError{s.First, "is sealed in " + given + ", which has been changed since"}
				}
			}
			return nil, &MissingFileError{s}
		}
		u.files, u.last = append(u.files, name), s.Last
	}

	return u, nil
}

// AuditSeals returns nil, because no records are missing.
func (u *Unsealed) AuditSeals(context.Context) ([]store.AuditSeal, error) { return nil, nil }

// AuditTrail calls visit for the records from that number on.
func (u *Unsealed) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	for _, name := range u.files {
		if err := readFile(name, func(r store.AuditRecord) error {
			if err := ctx.Err(); err != nil || r.Seq < from {
				return err
			}
			return visit(r)
		}); err != nil {
			return err
		}
	}
	return u.Trail.AuditTrail(ctx, max(from, u.last+1), visit)
}

func readFile(name string, visit func(store.AuditRecord) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // the file is only read
	return ReadExport(f, visit)
}
