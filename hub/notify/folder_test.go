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
			t.Fatalf("Deliver(%s): %v", m.ID, err)
		}
	}

	own := filepath.Join(f.Root, "V999")
	if got := dropped(t, own); !slices.Equal(got, []string{"000000000000000009-b.json", "000000000000000010-a.json"}) {
		t.Errorf("files in V999: got %v, want two in order", got)
	}

	if got := dropped(t, filepath.Join(f.Root, "north", "V998")); !slices.Equal(got,
		[]string{"000000000000000011-___c.json"}) {
		t.Errorf("files in north/V998: got %v, want one with a safe name", got)
	}

	name := filepath.Join(own, "000000000000000010-a.json")
	body, err := os.ReadFile(name)
	if err != nil || string(body) != "ten" {
		t.Errorf("file contents: got %q, %v; want \"ten\"", body, err)
	}

	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file mode: got %v, %v; want 0600", info.Mode(), err)
	}
}

func TestFilesAreSharedWithTheGroupOfAFolderThatIsShared(t *testing.T) {
	f := &notify.Folder{Root: t.TempDir()}
	for folder, c := range map[string]struct{ mode, want os.FileMode }{
		"made":    {0, 0o600}, // created by the hub
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

		if _, err := f.Deliver(t.Context(), notify.Message{
			ID: "a", Ordinal: 1, Endpoint: "file:" + folder,
			Body: []byte("one"),
		}); err != nil {
			t.Fatal(err)
		}

		info, err := os.Stat(filepath.Join(f.Root, folder, "000000000000000001-a.json"))
		if err != nil || info.Mode().Perm() != c.want {
			t.Errorf("mode of the file in %s: got %v, %v; want %v", folder, info.Mode(), err, c.want)
		}
	}

	if info, err := os.Stat(filepath.Join(f.Root, "made")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode of the hub's folder: got %v, %v; want 0700", info.Mode(), err)
	}
}

// A hub that crashed after writing the file, before recording it, writes the same file again. Other files aren't
// overwritten.
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
		t.Error("Deliver of another message with the same name succeeded, want error")
	}
	own := filepath.Join(f.Root, "V999")
	body, err := os.ReadFile(filepath.Join(own, "000000000000000001-a.json"))
	if got := dropped(t, own); err != nil || string(body) != "one" || len(got) != 1 {
		t.Errorf("got files %v, contents %q, error %v; want one file with \"one\"", got, body, err)
	}
}

func TestNothingIsDroppedOutsideTheFolder(t *testing.T) {
	elsewhere := t.TempDir()
	f := &notify.Folder{Root: t.TempDir()}
	if err := os.Symlink(elsewhere, filepath.Join(f.Root, "link")); err != nil {
		t.Fatal(err)
	}

	for _, endpoint := range []string{
		"file:../V999", "file:V999/../../x", "file:%2e%2e/x", "file:///etc/V999", "file://host/V999", "file:",
		"file:/V999", "file:link", "https:V999", "file:V999?x",
	} {
		_, err := f.Deliver(t.Context(), notify.Message{ID: "a", Endpoint: endpoint, Body: []byte("x")})
		if err == nil || strings.Contains(err.Error(), f.Root) {
			t.Errorf("Deliver to %s: got error %v, want one without the root's path", endpoint, err)
		}
	}

	if got := dropped(t, elsewhere); len(got) != 0 {
		t.Errorf("got files %v outside the root, want none", got)
	}

	missing := &notify.Folder{Root: filepath.Join(f.Root, "missing")}
	if _, err := missing.Deliver(t.Context(), notify.Message{ID: "a", Endpoint: "file:V999"}); !errors.Is(err,
		os.ErrNotExist) {
		t.Errorf("Deliver with a missing root: got error %v, want ErrNotExist", err)
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
	for endpoint, want := range map[string]string{
		"https://la.example/": "webhook", "mesh:V999OT001": "mesh",
		"file:V999": "", "": "", "V999": "", "%": "",
	} {
		_, err := routes.Deliver(t.Context(), notify.Message{Endpoint: endpoint})
		if (err == nil) != (want != "") || took[endpoint] != want {
			t.Errorf("Deliver to %q: got transport %q, error %v; want %q", endpoint, took[endpoint], err, want)
		}
	}
}

// A hub that crashed just after linking the file left the hidden name: one file with two names.
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
		t.Error("Deliver of another message succeeded, want error")
	}
	if body, err := os.ReadFile(name); err != nil || string(body) != "one" {
		t.Errorf("delivered file: got %q, %v; want \"one\"", body, err)
	}
}

// transport is a function that implements Transport.
type transport func(notify.Message) error

func (f transport) Deliver(_ context.Context, m notify.Message) (string, error) { return "", f(m) }
