// Package shelf reads worklists from files and keeps one for each organisation, or for each person, encrypted, from one sign-in to
// the next.
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

// Shelf is where lists come from and stand. Its methods may be called from any goroutine.
type Shelf struct {
	cfg Config
	mu  sync.Mutex // one change at a time, so that the latest is the one that stays
}

// New makes a shelf and touches nothing.
func New(c Config) *Shelf { return &Shelf{cfg: c} }

// Read reads a list from a file; "-" is standard input, and "~/" is the user's own folder. The error is a *worklist.ParseError.
func (s *Shelf) Read(ctx context.Context, path string, today nhs.Date) ([]worklist.Patient, error) {
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
			return nil, unreadable(r.err)
		}
		return worklist.Parse(r.b, today)
	case <-ctx.Done():
		return nil, unreadable(ctx.Err())
	}
}

func (s *Shelf) bytes(path string) ([]byte, error) {
	from := s.cfg.Input
	if path != "-" {
		if below, home := strings.CutPrefix(path, "~/"); home {
			folder, err := os.UserHomeDir()
			if err != nil {
				return nil, err
			}
			path = filepath.Join(folder, below)
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

// unreadable is a file that cannot be read. The path stays out of the words: it is the user's own, who has just typed it.
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

// file is the owner's sealed file. Its name says nothing of hub or owner.
func (s *Shelf) file(who worklist.Owner) *sealed.File {
	whose := "organisation " + who.Organisation
	if s.cfg.Own {
		whose = "person " + who.Person
	}
	sum := sha256.Sum256([]byte(s.cfg.Hub + "\n" + whose))
	return sealed.Open(s.cfg.Keys, s.cfg.Folder, "worklist-"+hex.EncodeToString(sum[:8]))
}

// Kept is the list that is kept for the owner; nil when there is none. One that was kept too long is removed. Errors are
// *sealed.Error.
func (s *Shelf) Kept(ctx context.Context, who worklist.Owner, now time.Time) (*worklist.Kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file := s.file(who)
	b, err := file.Load(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	defer clear(b)
	k, err := worklist.Open(b)
	switch {
	case err != nil:
		return nil, &sealed.Error{Kind: sealed.Damaged, Err: err}
	case now.Sub(k.Made) > s.cfg.For:
		return nil, file.Remove()
	}
	return &k, nil
}

// Keep puts the list in the place of the one that was kept, and clears it. A file that cannot be read is set aside, and stays.
// Errors are *sealed.Error: then the list is only in memory.
func (s *Shelf) Keep(ctx context.Context, who worklist.Owner, list []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer clear(list)
	file := s.file(who)
	err := file.Save(ctx, list)
	if !sealed.Unreadable(err) {
		return err
	}
	if _, err := file.SetAside(); err != nil {
		return err
	}
	return file.Save(ctx, list)
}

// Forget removes the list that is kept. Errors are *sealed.Error.
func (s *Shelf) Forget(_ context.Context, who worklist.Owner) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file(who).Remove()
}
