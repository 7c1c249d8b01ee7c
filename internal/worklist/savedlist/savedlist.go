// Package savedlist reads worklists from files. It saves one list for each organisation, or for each person,
// encrypted, so that it can be continued after the next sign-in.
package savedlist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"wardlight/internal/nhs"
	"wardlight/internal/sealed"
	"wardlight/internal/worklist"
)

// Config configures a [Store]. All fields except PerPerson and Input are required.
type Config struct {
	Keys   sealed.Keys // the keyring
	Folder string      // folder of the encrypted files
	Hub    string      // the hub's base URL; lists are saved per hub
	// MaxAge is how long a list is saved after it was read. Older lists are removed.
	MaxAge time.Duration
	// PerPerson saves a list for each person instead of one for the organisation.
	PerPerson bool
	Input     io.Reader // what the path "-" reads
}

// Store reads and saves lists. Its methods are safe for concurrent use, and several processes of one user may share
// the folder.
type Store struct {
	cfg Config
	mu  sync.Mutex // held during each change, so that the last one is the one saved
	// seen has, for each file, the time of the list that this process last loaded or saved. Only that list is replaced
	// or removed.
	seen map[string]time.Time
}

// New returns a shelf. It does not access the folder.
func New(c Config) *Store { return &Store{cfg: c, seen: make(map[string]time.Time)} }

// ReadList reads a list from a file. "-" is standard input, and "~/" is the user's home folder. The error is a
// *worklist.ParseError.
func (s *Store) ReadList(ctx context.Context, path string, today nhs.Date) (worklist.List, error) {
	type result struct {
		b   []byte
		err error
	}
	done := make(chan result, 1)
	go func() { // reading a network file or a pipe can block and can't be cancelled
		b, err := s.bytes(path)
		done <- result{b, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return worklist.List{}, unreadable(r.err)
		}
		return worklist.ParseList(r.b, today)
	case <-ctx.Done():
		return worklist.List{}, unreadable(ctx.Err())
	}
}

func (s *Store) bytes(path string) ([]byte, error) {
	from := s.cfg.Input
	if path != "-" {
		path, err := expandHome(path)
		if err != nil {
			return nil, err
		}
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		from = file
	}
	if from == nil {
		return nil, fs.ErrNotExist
	}
	return io.ReadAll(io.LimitReader(from, worklist.MaxBytes+1))
}

// expandHome replaces a leading ~/ by the user's home folder.
func expandHome(path string) (string, error) {
	below, home := strings.CutPrefix(path, "~/")
	if !home {
		return path, nil
	}
	folder, err := os.UserHomeDir()
	return filepath.Join(folder, below), err
}

// WriteTable writes a table to a new file that only the user can read. It does not overwrite files. If writing fails,
// the file is removed. The error is a *worklist.SaveError.
func (s *Store) WriteTable(_ context.Context, path string, table []byte) error {
	path, err := expandHome(path)
	if err != nil {
		return &worklist.SaveError{Err: err}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &worklist.SaveError{Err: err}
	}
	_, err = file.Write(table)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return &worklist.SaveError{Err: errors.Join(err, os.Remove(path))}
	}
	return nil
}

// unreadable converts the error of reading a file. The result does not contain the path, which the user has just
// typed.
func unreadable(err error) error {
	e := &worklist.ParseError{
		Problem: "The file cannot be read.",
		Remedy:  "Check its name, and whether you may read it.",
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Problem, e.Remedy = "There is no such file.", "Check its name and folder."
	case errors.Is(err, fs.ErrPermission):
		e.Problem, e.Remedy = "You may not read this file.", "Ask whoever made it."
	}
	return e
}

// file returns the sealed file of an owner.
func (s *Store) file(who worklist.Owner) *sealed.File {
	return sealed.Open(s.cfg.Keys, s.cfg.Folder, s.name(who))
}

// name returns the name of an owner's file: a hash, which does not reveal hub or owner.
func (s *Store) name(who worklist.Owner) string {
	whose := "organisation " + who.Organisation
	if s.cfg.PerPerson {
		whose = "person " + who.Person
	}
	sum := sha256.Sum256([]byte(s.cfg.Hub + "\n" + whose))
	return "worklist-" + hex.EncodeToString(sum[:8])
}

// LoadSaved returns the saved list of the owner, or nil. A list older than Config.For is removed. Errors are
// *sealed.Error.
func (s *Store) LoadSaved(ctx context.Context, who worklist.Owner, now time.Time) (*worklist.SavedList, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file := s.file(who)
	b, err := file.Load(ctx)
	if b == nil || err != nil {
		delete(s.seen, s.name(who))
		return nil, err
	}
	defer clear(b)
	k, err := worklist.Decode(b)
	switch {
	case err != nil:
		return nil, &sealed.Error{Kind: sealed.Damaged, Err: err}
	case s.tooOld(k, now):
		// another process may have replaced it meanwhile
		return nil, file.Change(ctx, func(stored []byte) ([]byte, error) {
			if k, err := worklist.Decode(stored); stored == nil || err != nil || !s.tooOld(k, now) {
				return stored, nil //nolint:nilerr // an unreadable list is not removed
			}
			return nil, nil
		})
	}

	s.seen[s.name(who)] = k.ReadAt
	return &k, nil
}

func (s *Store) tooOld(k worklist.SavedList, now time.Time) bool {
	return now.Sub(k.ReadAt) > s.cfg.MaxAge
}

// SaveList saves the list in place of the one that this process has loaded or saved, and overwrites list. If another
// process has saved the same list, its newer answers are merged. A file that can't be decrypted is renamed and stays.
//
// Errors are *sealed.Error; the list is then not saved. The kind is Replaced if another process has saved another
// list, and Gone if another process has removed this one.
func (s *Store) SaveList(ctx context.Context, who worklist.Owner, list []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer clear(list)
	ours, err := worklist.Decode(list)
	if err != nil {
		return &sealed.Error{Kind: sealed.Damaged, Err: err}
	}

	seen, was := s.seen[s.name(who)]
	err = s.file(who).ChangeOrReset(ctx, func(stored []byte) ([]byte, error) {
		if stored == nil {
			if was && seen.Equal(ours.ReadAt) {
				return nil, &sealed.Error{Kind: sealed.Removed}
			}
			return list, nil
		}
		theirs, noList := worklist.Decode(stored)
		switch {
		case noList == nil && theirs.ReadAt.Equal(ours.ReadAt) && theirs.Same(ours.Patients()):
			return ours.Merge(theirs).Encode(), nil
		case noList != nil, was && seen.Equal(theirs.ReadAt):
			return list, nil //nolint:nilerr // an unreadable list is replaced
		}
		return nil, &sealed.Error{Kind: sealed.Replaced}
	})
	if err == nil {
		s.seen[s.name(who)] = ours.ReadAt
	}

	return err
}

// RemoveSaved removes the saved list, unless another process has saved another one. Errors are *sealed.Error.
func (s *Store) RemoveSaved(ctx context.Context, who worklist.Owner) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen, was := s.seen[s.name(who)]
	delete(s.seen, s.name(who))
	file := s.file(who)
	err := file.Change(ctx, func(stored []byte) ([]byte, error) {
		k, err := worklist.Decode(stored)
		if stored != nil && err == nil && (!was || !k.ReadAt.Equal(seen)) {
			return stored, nil
		}
		return nil, nil
	})
	if err != nil { // its owner is unknown, so remove it
		return file.Remove()
	}
	return nil
}
