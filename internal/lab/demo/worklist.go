package demo

import (
	"bytes"
	"context"
	"path/filepath"
	"sync"
	"time"

	"wardlight/internal/secretstore"
	"wardlight/internal/worklist/savedlist"
)

// WorklistStore returns a store for the demo's worklist in the demo's folder. It is encrypted with a key that exists
// only in memory, so that this computer's keyring isn't used.
func (d *Demo) WorklistStore() *savedlist.Store {
	return savedlist.New(savedlist.Config{
		Keys:   &memoryKeys{all: make(map[string][]byte)},
		Folder: filepath.Join(d.folder.path, "sealed"), Hub: d.url, MaxAge: 12 * time.Hour,
	})
}

// memoryKeys is a keyring in memory.
type memoryKeys struct {
	mu  sync.Mutex
	all map[string][]byte
}

// Get returns a copy of the secret, which the caller clears. The error is a *secretstore.Error of kind Nothing.
func (k *memoryKeys) Get(_ context.Context, name string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	secret, there := k.all[name]
	if !there {
		return nil, &secretstore.Error{Kind: secretstore.NotFound}
	}
	return bytes.Clone(secret), nil
}

// Set stores a copy of the secret.
func (k *memoryKeys) Set(_ context.Context, name string, secret []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all[name] = bytes.Clone(secret)
	return nil
}
