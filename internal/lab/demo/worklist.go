package demo

import (
	"bytes"
	"context"
	"path/filepath"
	"sync"
	"time"

	"wardlight/internal/keep"
	"wardlight/internal/worklist/shelf"
)

// Shelf keeps the demo's worklist among its files, encrypted to a key that goes with the demo: this computer's
// keyring is not touched.
func (d *Demo) Shelf() *shelf.Shelf {
	return shelf.New(shelf.Config{Keys: &passingKeys{all: make(map[string][]byte)}, Folder: filepath.Join(d.folder.path, "sealed"), Hub: d.url, For: 12 * time.Hour})
}

// passingKeys is a keyring for as long as the demo runs.
type passingKeys struct {
	mu  sync.Mutex
	all map[string][]byte
}

// Get returns a copy, which its caller clears. The error is *keep.Error of kind Nothing.
func (k *passingKeys) Get(_ context.Context, name string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	secret, there := k.all[name]
	if !there {
		return nil, &keep.Error{Kind: keep.Nothing}
	}
	return bytes.Clone(secret), nil
}

// Set stores a copy.
func (k *passingKeys) Set(_ context.Context, name string, secret []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all[name] = bytes.Clone(secret)
	return nil
}
