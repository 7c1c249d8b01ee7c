// Package openings keeps the request ids of openings whose answer never came, so that another try, also by a later
// program, makes one record and one notification with the first. They are in a sealed file, under keys in which no
// patient stands in clear.
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

// Store is the ids of one hub. Its methods may be called from any goroutine, and several programs of one user may use
// the same file.
type Store struct {
	file  *sealed.File
	clock func() time.Time
}

var _ session.Unanswered = (*Store)(nil)

// New returns the store for the hub with the base URL, and touches nothing. keys is the keyring, folder that of the
// sealed files.
func New(keys sealed.Keys, folder, hub string, clock func() time.Time) *Store {
	sum := sha256.Sum256([]byte(hub))
	return &Store{file: sealed.Open(keys, folder, "openings-"+hex.EncodeToString(sum[:8])), clock: clock}
}

// opening is one whose answer has not come.
type opening struct {
	ID string    `json:"id"` // its X-Request-ID
	At time.Time `json:"at"` // of its first try
}

// document is the openings as they are stored, by key.
type document struct {
	Version  int                `json:"version"`
	Openings map[string]opening `json:"openings"`
}

const version = 1

// Find returns the id that is kept under the key; "" for none, and for one that is older than session.UnansweredFor.
// Without a file no keyring is asked. Errors are *sealed.Error.
func (s *Store) Find(ctx context.Context, key string) (string, error) {
	held, err := s.file.Load(ctx)
	defer clear(held)
	if err != nil {
		return "", err
	}
	all, err := s.parse(held)
	return all[key].ID, err
}

// Keep keeps the id under the key, in place of another. The same id again keeps the time of the first try. Errors are
// *sealed.Error.
func (s *Store) Keep(ctx context.Context, key, id string) error {
	return s.change(ctx, func(all map[string]opening) {
		if all[key].ID != id {
			all[key] = opening{ID: id, At: s.clock().UTC()}
		}
	})
}

// Drop removes the id, where it is what is kept under the key. Errors are *sealed.Error.
func (s *Store) Drop(ctx context.Context, key, id string) error {
	return s.change(ctx, func(all map[string]opening) {
		if all[key].ID == id {
			delete(all, key)
		}
	})
}

// change changes what is kept, and removes a file in which nothing is left. One that cannot be read is set aside.
func (s *Store) change(ctx context.Context, change func(map[string]opening)) error {
	return s.file.ChangeAnew(ctx, func(held []byte) ([]byte, error) {
		all, err := s.parse(held)
		if err != nil {
			return nil, err
		}
		if change(all); len(all) == 0 {
			return nil, nil
		}
		return json.Marshal(document{Version: version, Openings: all})
	})
}

// parse reads what change wrote, without what is too old to serve. The error is a *sealed.Error of kind Damaged.
func (s *Store) parse(held []byte) (map[string]opening, error) {
	d := document{Openings: make(map[string]opening)}
	if held == nil {
		return d.Openings, nil
	}
	if err := json.Unmarshal(held, &d); err != nil || d.Version != version || d.Openings == nil {
		return nil, &sealed.Error{Kind: sealed.Damaged}
	}
	now := s.clock()
	maps.DeleteFunc(d.Openings, func(_ string, o opening) bool { return now.Sub(o.At).Abs() >= session.UnansweredFor })
	return d.Openings, nil
}
