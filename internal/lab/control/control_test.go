package control_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"wardlight/internal/lab/control"
)

// fixture is a demo with one card.
type fixture struct {
	mu      sync.Mutex
	card    string
	hubRuns bool
}

func (b *fixture) Insert(name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if name != "nurse" {
		return errors.New("there is no card \"" + name + "\"; the cards are nurse")
	}
	b.card = name
	return nil
}

func (b *fixture) Eject() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.card = ""
}

func (b *fixture) StopHub() error { return b.hub(false) }

func (b *fixture) StartHub(context.Context) error { return b.hub(true) }

func (b *fixture) hub(runs bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hubRuns = runs
	return nil
}

func (b *fixture) Status() control.Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return control.Status{Card: b.card, HubRuns: b.hubRuns, PID: 42}
}

func listen(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s")
	s, err := control.Listen(t.Context(), path, &fixture{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Error("the socket exists after Close, want it removed")
		}
	})
	return path
}

func TestAnotherTerminalChangesTheCard(t *testing.T) {
	path := listen(t)
	if got, err := control.Insert(t.Context(), path, "nurse"); err != nil || got.Card != "nurse" {
		t.Fatalf("Insert = %+v, %v, want card nurse", got, err)
	}
	if got, err := control.GetStatus(t.Context(), path); err != nil || got.Card != "nurse" || got.PID != 42 {
		t.Fatalf("Ask = %+v, %v, want card nurse and PID 42", got, err)
	}
	if got, err := control.Eject(t.Context(), path); err != nil || got.Card != "" {
		t.Fatalf("Eject = %+v, %v, want no card", got, err)
	}
}

func TestAnotherTerminalStopsAndStartsTheHub(t *testing.T) {
	path := listen(t)
	for _, runs := range []bool{true, false, true} {
		if got, err := control.Hub(t.Context(), path, runs); err != nil || got.HubRuns != runs {
			t.Fatalf("Hub(%v) = %+v, %v", runs, got, err)
		}
	}
}

func TestAnUnknownCardIsAnsweredWithThoseThereAre(t *testing.T) {
	path := listen(t)
	if _, err := control.Insert(t.Context(), path, "porter"); err == nil ||
		!strings.Contains(err.Error(), "the cards are nurse") {
		t.Errorf("Insert(%q) error = %v, want the names of the cards", "porter", err)
	}
}

func TestWithoutADemoTheErrorSaysHowToStartOne(t *testing.T) {
	_, err := control.GetStatus(t.Context(), filepath.Join(t.TempDir(), "s"))
	if !errors.Is(err, control.ErrNoDemo) {
		t.Errorf("Ask without a demo: error = %v, want ErrNoDemo", err)
	}
}

func TestASecondDemoIsRefused(t *testing.T) {
	path := listen(t)
	if _, err := control.Listen(t.Context(), path, &fixture{}); !errors.Is(err, control.ErrRunning) {
		t.Errorf("second Listen error = %v, want ErrRunning", err)
	}
}

// leave creates a socket like that of a demo that was killed.
func leave(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestASocketLeftByAKilledDemoIsTakenAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	leave(t, path)
	if _, err := control.GetStatus(t.Context(), path); !errors.Is(err, control.ErrNoDemo) {
		t.Errorf("Ask at a stale socket: error = %v, want ErrNoDemo", err)
	}
	s, err := control.Listen(t.Context(), path, &fixture{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestAFileInTheSocketsPlaceStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Listen(t.Context(), path, &fixture{}); err == nil {
		t.Fatal("Listen at the path of a file succeeded, want error")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "precious" {
		t.Errorf("file after Listen = %q, %v, want it unchanged", b, err)
	}
}

func TestTheSocketIsTheUsersAlone(t *testing.T) {
	path := listen(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the socket = %v, want 0600", info.Mode())
	}
}

func TestPathPrefersTheSessionsRuntimeFolder(t *testing.T) {
	folder := t.TempDir()
	path, err := control.Path(func(string) string { return folder })
	if err != nil || filepath.Dir(path) != folder {
		t.Errorf("Path = %s, %v, want a file in %s", path, err, folder)
	}
}

func TestPathRefusesAFolderThatOthersCanEnter(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	none := func(string) string { return "" }
	path, err := control.Path(none)
	if err != nil || !strings.HasPrefix(path, temp) {
		t.Fatalf("Path without XDG_RUNTIME_DIR = %s, %v, want a file in %s", path, err, temp)
	}
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Path(none); err == nil {
		t.Error("Path with a folder that others can access succeeded, want error")
	}
}
