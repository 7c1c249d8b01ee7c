package notify_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardlight/hub/notify"
)

func dropped(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFilesLieInTheOrderOfDelivery(t *testing.T) {
	f := &notify.Folder{Root: t.TempDir()}
	for _, m := range []notify.Message{
		{ID: "b", Ordinal: 9, Endpoint: "file:V999", Body: []byte("nine")},
		{ID: "a", Ordinal: 10, Endpoint: "file:V999", Body: []byte("ten")},
		{ID: "../c", Ordinal: 11, Endpoint: "file:north/V998", Body: []byte("eleven")},
	} {
		if _, err := f.Deliver(t.Context(), m); err != nil {
			t.Fatalf("%s: %v", m.ID, err)
		}
	}
	own := filepath.Join(f.Root, "V999")
	if got := dropped(t, own); !slices.Equal(got, []string{"000000000000000009-b.json", "000000000000000010-a.json"}) {
		t.Errorf("%v", got)
	}
	if got := dropped(t, filepath.Join(f.Root, "north", "V998")); !slices.Equal(got, []string{"000000000000000011-___c.json"}) {
		t.Errorf("%v", got)
	}
	name := filepath.Join(own, "000000000000000010-a.json")
	body, err := os.ReadFile(name)
	if err != nil || string(body) != "ten" {
		t.Errorf("%q, %v", body, err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestFilesAreSharedWithTheGroupOfAFolderThatIsShared(t *testing.T) {
	f := &notify.Folder{Root: t.TempDir()}
	for folder, c := range map[string]struct{ mode, want os.FileMode }{
		"made":    {0, 0o600}, // by the hub
		"own":     {0o700, 0o600},
		"shared":  {0o770 | os.ModeSetgid, 0o640},
		"read":    {0o750, 0o640},
		"outside": {0o707, 0o600},
	} {
		if c.mode != 0 {
			if err := os.Mkdir(filepath.Join(f.Root, folder), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(filepath.Join(f.Root, folder), c.mode); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.Deliver(t.Context(), notify.Message{ID: "a", Ordinal: 1, Endpoint: "file:" + folder, Body: []byte("one")}); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(f.Root, folder, "000000000000000001-a.json"))
		if err != nil || info.Mode().Perm() != c.want {
			t.Errorf("%s: %v, %v, want %v", folder, info.Mode(), err, c.want)
		}
	}
	if info, err := os.Stat(filepath.Join(f.Root, "made")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the hub's own folder: %v, %v", info.Mode(), err)
	}
}

// A hub that died between the file and its own books writes the same file again; nothing else is ever overwritten.
func TestTheSameMessageAgainIsASuccessAndAnotherIsNone(t *testing.T) {
	f := &notify.Folder{Root: t.TempDir()}
	m := notify.Message{ID: "a", Ordinal: 1, Endpoint: "file:V999", Body: []byte("one")}
	for range 2 {
		if _, err := f.Deliver(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	m.Body = []byte("another")
	if _, err := f.Deliver(t.Context(), m); err == nil {
		t.Error("the file was overwritten")
	}
	own := filepath.Join(f.Root, "V999")
	body, err := os.ReadFile(filepath.Join(own, "000000000000000001-a.json"))
	if got := dropped(t, own); err != nil || string(body) != "one" || len(got) != 1 {
		t.Errorf("%v, %q, %v", got, body, err)
	}
}

func TestNothingIsDroppedOutsideTheFolder(t *testing.T) {
	elsewhere := t.TempDir()
	f := &notify.Folder{Root: t.TempDir()}
	if err := os.Symlink(elsewhere, filepath.Join(f.Root, "link")); err != nil {
		t.Fatal(err)
	}
	for _, endpoint := range []string{
		"file:../V999", "file:V999/../../x", "file:%2e%2e/x", "file:///etc/V999", "file://host/V999", "file:", "file:/V999", "file:link", "https:V999", "file:V999?x",
	} {
		_, err := f.Deliver(t.Context(), notify.Message{ID: "a", Endpoint: endpoint, Body: []byte("x")})
		if err == nil || strings.Contains(err.Error(), f.Root) {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
	if got := dropped(t, elsewhere); len(got) != 0 {
		t.Errorf("elsewhere lies %v", got)
	}
	missing := &notify.Folder{Root: filepath.Join(f.Root, "missing")}
	if _, err := missing.Deliver(t.Context(), notify.Message{ID: "a", Endpoint: "file:V999"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a folder: %v", err)
	}
}

func TestEachEndpointHasItsTransport(t *testing.T) {
	took := make(map[string]string)
	as := func(name string) notify.Transport {
		return transport(func(m notify.Message) error {
			took[m.Endpoint] = name
			return nil
		})
	}
	routes := notify.Routes{"https": as("webhook"), "mesh": as("mesh")}
	for endpoint, want := range map[string]string{"https://la.example/": "webhook", "mesh:V999OT001": "mesh", "file:V999": "", "": "", "V999": "", "%": ""} {
		_, err := routes.Deliver(t.Context(), notify.Message{Endpoint: endpoint})
		if (err == nil) != (want != "") || took[endpoint] != want {
			t.Errorf("%q: by %q, %v", endpoint, took[endpoint], err)
		}
	}
}

// A hub that died just after the file got its name leaves the hidden name beside it: one file under two names.
func TestWhatADeadHubLeftIsNotWrittenTo(t *testing.T) {
	f := &notify.Folder{Root: t.TempDir()}
	m := notify.Message{ID: "a", Ordinal: 1, Endpoint: "file:V999", Body: []byte("one")}
	if _, err := f.Deliver(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(f.Root, "V999")
	name := filepath.Join(own, "000000000000000001-a.json")
	if err := os.Link(name, filepath.Join(own, ".000000000000000001-a.json.part")); err != nil {
		t.Fatal(err)
	}
	m.Body = []byte("another")
	if _, err := f.Deliver(t.Context(), m); err == nil {
		t.Error("it was taken")
	}
	if body, err := os.ReadFile(name); err != nil || string(body) != "one" {
		t.Errorf("what was delivered is now %q, %v", body, err)
	}
}

// transport is a transport made of a function.
type transport func(notify.Message) error

func (f transport) Deliver(_ context.Context, m notify.Message) (string, error) { return "", f(m) }
