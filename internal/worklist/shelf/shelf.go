// Package shelf reads worklists from files and keeps one for each organisation, or for each person, encrypted, from
// one sign-in to the next.
package shelf

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

// Config is what a Shelf is made of. All are required but Own and Input.
type Config struct {
	Keys   sealed.Keys // the keyring
	Folder string      // of the encrypted files
	Hub    string      // the hub's base URL: a list and its answers are of one hub
	// For is how long a list is kept after it was read. An older one is removed, unread by anybody.
	For time.Duration
	// Own keeps a list for each person instead of one for the organisation.
	Own   bool
	Input io.Reader // what "-" reads
}

// Shelf is where lists come from and stand. Its methods may be called from any goroutine, and several programs of one
// user may have the same folder.
type Shelf struct {
	cfg Config
	mu  sync.Mutex // one change at a time, so that the latest is the one that stays
	// seen is when the list was read that this program last saw, or put, in each file. Only that one is replaced or
	// removed.
	seen map[string]time.Time
}

// New makes a shelf and touches nothing.
func New(c Config) *Shelf { return &Shelf{cfg: c, seen: make(map[string]time.Time)} }

// ReadList reads a list from a file; "-" is standard input, and "~/" is the user's own folder. The error is a
// *worklist.ParseError.
func (s *Shelf) ReadList(ctx context.Context, path string, today nhs.Date) (worklist.List, error) {
	type result struct {
		b   []byte
		err error
	}
	done := make(chan result, 1)
	go func() { // a file on a network, or a pipe, may hold the reading up, and it cannot be called off
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

func (s *Shelf) bytes(path string) ([]byte, error) {
	from := s.cfg.Input
	if path != "-" {
		path, err := atHome(path)
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
	return io.ReadAll(io.LimitReader(from, worklist.MostBytes+1))
}

// atHome returns a path that begins with ~/ as a whole one.
func atHome(path string) (string, error) {
	below, home := strings.CutPrefix(path, "~/")
	if !home {
		return path, nil
	}
	folder, err := os.UserHomeDir()
	return filepath.Join(folder, below), err
}

// Save writes a table into a new file, which only its owner can read. It replaces nothing, and a table that could not
// be written whole is removed. The error is a *worklist.SaveError.
func (s *Shelf) Save(_ context.Context, path string, table []byte) error {
	path, err := atHome(path)
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

// unreadable returns a file that cannot be read. The path stays out of the words: it is the user's own, who has just
// typed it.
func unreadable(err error) error {
	e := &worklist.ParseError{What: "The file cannot be read.", Do: "Check its name, and whether you may read it."}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.What, e.Do = "There is no such file.", "Check its name and folder."
	case errors.Is(err, fs.ErrPermission):
		e.What, e.Do = "You may not read this file.", "Ask whoever made it."
	}
	return e
}

// file returns the owner's sealed file.
func (s *Shelf) file(who worklist.Owner) *sealed.File {
	return sealed.Open(s.cfg.Keys, s.cfg.Folder, s.name(who))
}

// name returns the name of the owner's file. It says nothing of hub or owner.
func (s *Shelf) name(who worklist.Owner) string {
	whose := "organisation " + who.Organisation
	if s.cfg.Own {
		whose = "person " + who.Person
	}
	sum := sha256.Sum256([]byte(s.cfg.Hub + "\n" + whose))
	return "worklist-" + hex.EncodeToString(sum[:8])
}

// Kept returns the list that is kept for the owner; nil when there is none. One that was kept too long is removed.
// Errors are *sealed.Error.
func (s *Shelf) Kept(ctx context.Context, who worklist.Owner, now time.Time) (*worklist.Kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file := s.file(who)
	b, err := file.Load(ctx)
	if b == nil || err != nil {
		delete(s.seen, s.name(who))
		return nil, err
	}
	defer clear(b)
	k, err := worklist.Open(b)
	switch {
	case err != nil:
		return nil, &sealed.Error{Kind: sealed.Damaged, Err: err}
	case s.tooOld(k, now):
		return nil, file.Change(ctx, func(held []byte) ([]byte, error) { // by now it may be another
			if k, err := worklist.Open(held); held == nil || err != nil || !s.tooOld(k, now) {
				return held, nil //nolint:nilerr // what cannot be read is left as it is
			}
			return nil, nil
		})
	}
	s.seen[s.name(who)] = k.Made
	return &k, nil
}

func (s *Shelf) tooOld(k worklist.Kept, now time.Time) bool { return now.Sub(k.Made) > s.cfg.For }

// Keep puts the list in the place of the one that this program has seen there, and clears it. Answers that another
// program has meanwhile put into the same list stay. A file that cannot be read is set aside, and stays. Errors are
// *sealed.Error, and then the list is only in memory: among them Replaced, when another program keeps another list
// there, and Gone, when another program has removed this one.
func (s *Shelf) Keep(ctx context.Context, who worklist.Owner, list []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer clear(list)
	ours, err := worklist.Open(list)
	if err != nil {
		return &sealed.Error{Kind: sealed.Damaged, Err: err}
	}
	seen, was := s.seen[s.name(who)]
	err = s.file(who).ChangeAnew(ctx, func(held []byte) ([]byte, error) {
		if held == nil {
			if was && seen.Equal(ours.Made) {
				return nil, &sealed.Error{Kind: sealed.Gone}
			}
			return list, nil
		}
		theirs, noList := worklist.Open(held)
		switch {
		case noList == nil && theirs.Made.Equal(ours.Made) && theirs.Same(ours.Patients()):
			return ours.Merge(theirs).Bytes(), nil
		case noList != nil, was && seen.Equal(theirs.Made):
			return list, nil //nolint:nilerr // what is no list is replaced
		}
		return nil, &sealed.Error{Kind: sealed.Replaced}
	})
	if err == nil {
		s.seen[s.name(who)] = ours.Made
	}
	return err
}

// Forget removes the list that is kept, unless another program has put another one in its place. Errors are
// *sealed.Error.
func (s *Shelf) Forget(ctx context.Context, who worklist.Owner) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen, was := s.seen[s.name(who)]
	delete(s.seen, s.name(who))
	file := s.file(who)
	err := file.Change(ctx, func(held []byte) ([]byte, error) {
		k, err := worklist.Open(held)
		if held != nil && err == nil && (!was || !k.Made.Equal(seen)) {
			return held, nil
		}
		return nil, nil
	})
	if err != nil { // whose it is cannot be told, and it is not to stay
		return file.Remove()
	}
	return nil
}
