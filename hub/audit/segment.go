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

// partialSuffix ends the name of a file that is being written.
const partialSuffix = ".partial"

// minSealAge is how old a record is at least when it is sealed: signed checkpoints and other readers have long passed
// it.
const minSealAge = 24 * time.Hour

// errEnough ends the reading of a trail.
var errEnough = errors.New("enough")

// SealLedger is a ledger whose audit can be sealed (store.Store).
type SealLedger interface {
	Log
	Committer
	DeleteSealed(ctx context.Context) error
}

// Segment is a part of the audit that is exported to a file and deleted from the ledger: from where it was sealed last
// up to a time. It is done by Seal, in this order: what is not sealed yet is verified; the export is written and synced, read back and compared with the
// chain; the seal is committed, with a record of who sealed; the sealed records are deleted. The last record of the
// audit is never sealed.
//
// A Seal that was cut short is done again with the same file, and goes on where it was.
type Segment struct {
	File   string    // where the export goes; a new file, or that of a Seal that was cut short
	Before time.Time // only records before this; a day ago at the latest
	Source string    // the system that recorded, as the export names it
	Now    time.Time
	// Signed is the last signed checkpoint, with which the audit has to agree, and beyond which nothing is sealed; nil
	// where none are made.
	Signed *Checkpoint
	// Record is what the audit says of the sealing; Reason is given what was sealed.
	Record store.AuditRecord
	Reason func(what string) string
}

// Seal seals the segment, and returns its seal. Where it is sealed already, it only deletes what is left of it.
func (x Segment) Seal(ctx context.Context, l SealLedger) (store.AuditSeal, error) {
	if x.Before.After(x.Now.Add(-minSealAge)) {
		return store.AuditSeal{}, errors.New("only records that are a day old or older can be sealed")
	}
	if err := l.DeleteSealed(ctx); err != nil { // what one that was cut short left
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
	record.Reason = x.Reason(fmt.Sprintf("records %d to %d, the last with the hash %s, in %s, SHA-256 %s", seal.First, seal.Last,
		base64.StdEncoding.EncodeToString(seal.Hash), seal.File, hex.EncodeToString(seal.Digest)))
	if err := Store(ctx, l, &store.Entry{Audit: record, Change: &store.Change{Seal: &seal}}); err != nil {
		return seal, err
	}
	return seal, l.DeleteSealed(ctx)
}

// export writes the file, durably: under another name until all of it is on the disk.
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
		err = fmt.Errorf("no record that is not sealed is from before %s", stamp(x.Before))
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
	defer f.Close() //nolint:errcheck // it was only read
	h := sha256.New()
	_, err = io.Copy(h, f)
	return h.Sum(nil), err
}

// readSegment reads an export whole and returns the seal of it. *BrokenError where it does not continue from.
func readSegment(file string, from Head) (store.AuditSeal, error) {
	s := store.AuditSeal{First: from.Records + 1, File: filepath.Base(file)}
	f, err := os.Open(file)
	if err != nil {
		return s, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	h := sha256.New()
	if err := ReadExport(io.TeeReader(f, h), func(r store.AuditRecord) (err error) {
		from, err = from.follow(r)
		return err
	}); err != nil {
		return s, err
	}
	if s.Last, s.Hash, s.Digest = from.Records, from.Hash, h.Sum(nil); s.Last < s.First {
		return s, errors.New("it holds no record")
	}
	return s, nil
}

// Unsealed is a trail with the records that were sealed, read from their files: the whole of it.
type Unsealed struct {
	Trail
	files []string // of the seals, in order
	last  int64    // record in them
}

// MissingFileError says that no file with what was sealed was given.
type MissingFileError struct{ Seal store.AuditSeal }

// Error names the file and its records.
func (e *MissingFileError) Error() string {
	return fmt.Sprintf("records %d to %d are sealed in %s, and no file with its SHA-256 (%s) was given", e.Seal.First, e.Seal.Last, e.Seal.File,
		hex.EncodeToString(e.Seal.Digest))
}

// Unseal returns the whole of a trail. Each seal needs the file that it was made of, wherever that is now:
// *MissingFileError; *BrokenError for a file of that name that was changed.
func Unseal(ctx context.Context, t Trail, files []string) (*Unsealed, error) {
	u := &Unsealed{Trail: t}
	seals, err := t.AuditSeals(ctx)
	if err != nil {
		return nil, err
	}
	is := make(map[string]string, len(files)) // by digest
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
					return nil, &BrokenError{s.First, "is sealed in " + given + ", which was changed since"}
				}
			}
			return nil, &MissingFileError{s}
		}
		u.files, u.last = append(u.files, name), s.Last
	}
	return u, nil
}

// AuditSeals returns none: nothing is left out.
func (u *Unsealed) AuditSeals(context.Context) ([]store.AuditSeal, error) { return nil, nil }

// AuditTrail visits the records from seq on.
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
	defer f.Close() //nolint:errcheck // it was only read
	return ReadExport(f, visit)
}
