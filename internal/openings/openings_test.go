package openings_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wardlight/internal/openings"
	"wardlight/internal/sealed"
	"wardlight/internal/secretstore/secretstoretest"
)

const (
	hub  = "https://hub.example"
	key  = "0123456789abcdef"
	id   = "5b0c6a3e-9d1f-4f0e-8a55-0e0c2f6f1c11"
	next = "9c8d0f0e-2f1c-4df6-8a3f-000000000000"
)

// fixture is a folder, a keyring and a clock that tests can set.
type fixture struct {
	t      *testing.T
	folder string
	keys   sealed.Keys
	now    time.Time
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	secrets, _ := secretstoretest.Keyring()
	return &fixture{
		t: t, folder: filepath.Join(t.TempDir(), "state"), keys: secrets,
		now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
	}
}

// store returns a new store, like that of another process.
func (b *fixture) store() *openings.Store {
	return openings.New(b.keys, b.folder, hub, func() time.Time { return b.now })
}

func (b *fixture) finds(s *openings.Store, key, want string) {
	b.t.Helper()
	if got, err := s.Find(b.t.Context(), key); got != want || err != nil {
		b.t.Errorf("Find(%q) = %q, %v, want %q", key, got, err, want)
	}
}

func (b *fixture) save(key, id string) {
	b.t.Helper()
	if err := b.store().Save(b.t.Context(), key, id); err != nil {
		b.t.Fatal(err)
	}
}

func (b *fixture) files() []string {
	b.t.Helper()
	all, err := filepath.Glob(filepath.Join(b.folder, "openings-*"))
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

func TestAnIDIsThereForTheNextProgramForADay(t *testing.T) {
	b := setUp(t)
	b.finds(b.store(), key, "")
	b.save(key, id)
	b.finds(b.store(), key, id)
	b.finds(b.store(), "another key", "")
	b.finds(openings.New(b.keys, b.folder, "https://other.example", func() time.Time { return b.now }), key, "")

	b.now = b.now.Add(23 * time.Hour)
	b.save(key, id) // a retry: the time of the first try is preserved
	b.finds(b.store(), key, id)
	b.now = b.now.Add(2 * time.Hour)
	b.finds(b.store(), key, "")
	b.save("another key", next)
	b.now = b.now.Add(-2 * time.Hour) // expired entries were removed by the change
	b.finds(b.store(), key, "")
}

func TestAnIDThatIsDroppedIsGone(t *testing.T) {
	b := setUp(t)
	b.save(key, id)
	if err := b.store().Delete(t.Context(), key, next); err != nil {
		t.Fatal(err)
	}
	b.finds(b.store(), key, id)
	if err := b.store().Delete(t.Context(), key, id); err != nil {
		t.Fatal(err)
	}
	b.finds(b.store(), key, "")
	if files := b.files(); len(files) != 0 {
		t.Errorf("files = %v, want none", files)
	}
}

func TestNothingIsInClearAndADamagedFileIsSetAside(t *testing.T) {
	b := setUp(t)
	b.save(key, id)
	files := b.files()
	if len(files) != 1 {
		t.Fatalf("files = %v, want one", files)
	}

	if stored, err := os.ReadFile(files[0]); err != nil || bytes.Contains(stored, []byte(id)) ||
		bytes.Contains(stored, []byte(key)) {
		t.Errorf("the file contains the ID or the key in clear text: %q, %v", stored, err)
	}

	if err := os.WriteFile(files[0], []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}

	if got, err := b.store().Find(t.Context(), key); got != "" || !sealed.Unreadable(err) {
		t.Errorf("Find in a damaged file = %q, %v, want an unreadable file", got, err)
	}

	b.save(key, next)
	b.finds(b.store(), key, next)
	if files := b.files(); len(files) != 2 {
		t.Errorf("files = %v, want the new file and the renamed one", files)
	}
}

func TestSeveralProgramsKeepAtTheSameTime(t *testing.T) {
	b := setUp(t)
	var all sync.WaitGroup
	keys := []string{"a", "b", "c", "d", "e", "f"}
	for _, k := range keys {
		s := b.store()
		all.Go(func() {
			if err := s.Save(t.Context(), k, id+k); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, k := range keys {
		b.finds(b.store(), k, id+k)
	}
}
