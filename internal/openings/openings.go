// Package openings stores the request IDs of openings that received no answer. A retry, even by another process, uses
// the same ID, so that the hub makes one record and one notification. The IDs are in a sealed file, under keys that
// don't contain the NHS number in clear text.
package openings

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"time"

	"wardlight/internal/sealed"
	"wardlight/internal/session"
)

// Store stores the IDs for one hub. Its methods are safe for concurrent use, and several processes of one user may use
// the same file.
type Store struct {
	file  *sealed.File
	clock func() time.Time
}

var _ session.OpeningStore = (*Store)(nil)

// New returns the store for the hub with the base URL, without accessing the file. keys is the keyring, folder the
// folder of the sealed files.
func New(keys sealed.Keys, folder, hub string, clock func() time.Time) *Store {
	sum := sha256.Sum256([]byte(hub))
	return &Store{file: sealed.Open(keys, folder, "openings-"+hex.EncodeToString(sum[:8])), clock: clock}
}

// opening is an opening that has received no answer.
type opening struct {
	ID string    `json:"id"` // X-Request-ID
	At time.Time `json:"at"` // time of the first try
}

// document is the stored form of the openings, by key.
type document struct {
	Version  int                `json:"version"`
	Openings map[string]opening `json:"openings"`
}

const version = 1

// Find returns the ID stored under the key, or "" if there is none or it is older than session.OpeningTTL. It
// doesn't access the keyring if there is no file. Errors are *sealed.Error.
func (s *Store) Find(ctx context.Context, key string) (string, error) {
	stored, err := s.file.Load(ctx)
	defer clear(stored)
	if err != nil {
		return "", err
	}
	all, err := s.parse(stored)
	return all[key].ID, err
}

// Save stores the ID under the key, replacing another one. If the ID is already stored, the time of its first try is
// preserved. Errors are *sealed.Error.
func (s *Store) Save(ctx context.Context, key, id string) error {
	return s.change(ctx, func(all map[string]opening) {
		if all[key].ID != id {
			all[key] = opening{ID: id, At: s.clock().UTC()}
		}
	})
}

// Delete removes the ID if it is stored under the key. Errors are *sealed.Error.
func (s *Store) Delete(ctx context.Context, key, id string) error {
	return s.change(ctx, func(all map[string]opening) {
		if all[key].ID == id {
			delete(all, key)
		}
	})
}

// change changes the stored openings, and removes the file if none is left. A file that can't be read is renamed.
func (s *Store) change(ctx context.Context, change func(map[string]opening)) error {
	return s.file.ChangeOrReset(ctx, func(stored []byte) ([]byte, error) {
		all, err := s.parse(stored)
		if err != nil {
			return nil, err
		}
		if change(all); len(all) == 0 {
			return nil, nil
		}
		return json.Marshal(document{Version: version, Openings: all})
	})
}

// parse decodes what change wrote, omitting expired openings. The error is a *sealed.Error of kind Damaged.
func (s *Store) parse(stored []byte) (map[string]opening, error) {
	d := document{Openings: make(map[string]opening)}
	if stored == nil {
		return d.Openings, nil
	}
	if err := json.Unmarshal(stored, &d); err != nil || d.Version != version || d.Openings == nil {
		return nil, &sealed.Error{Kind: sealed.Damaged}
	}
	now := s.clock()
	maps.DeleteFunc(d.Openings, func(_ string, o opening) bool { return now.Sub(o.At).Abs() >= session.OpeningTTL })
	return d.Openings, nil
}
