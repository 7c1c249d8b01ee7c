package receiptfile_test

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/internal/receiptfile"
)

const id = "6d3a4bd5-7a3c-4c6c-9a77-6f6a6a3d2a10"

func TestSaveIn(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "receipts")
	r := client.Receipt{RequestID: id, JSON: []byte("{}\n")}
	file, err := receiptfile.SaveIn(folder, r)
	if want := filepath.Join(folder, id+".json"); err != nil || file != want {
		t.Fatalf("SaveIn: got %q, error %v; want %q", file, err, want)
	}

	for name, want := range map[string]fs.FileMode{folder: 0o700, file: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got %v, error %v; want mode %o", name, info, err, want)
		}
	}

	r.JSON = []byte("another")
	var e *receiptfile.Error
	again, err := receiptfile.SaveIn(folder, r)
	if !errors.As(err, &e) || e.Kind != receiptfile.Exists || !strings.Contains(e.Sentence(), file) || again != "" {
		t.Errorf("SaveIn again: got file %q, error %v; want none, and that %s exists", again, err, file)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "{}\n" {
		t.Errorf("file after the second SaveIn: got %q, error %v; want the first receipt", got, err)
	}
}

// A receipt is saved in the folder only, whatever its request id.
func TestSaveIn_NotSaved(t *testing.T) {
	folder := t.TempDir()
	occupied := filepath.Join(folder, "occupied")
	if err := os.WriteFile(occupied, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ folder, id string }{
		"id with a path":   {folder, "../" + id},
		"no folder":        {"", id},
		"folder is a file": {occupied, id},
	} {
		var e *receiptfile.Error
		_, err := receiptfile.SaveIn(c.folder, client.Receipt{RequestID: c.id})
		if !errors.As(err, &e) || e.Kind != receiptfile.NotSaved || !strings.Contains(e.Advice(), c.id) {
			t.Errorf("%s: got error %v, want that it is not saved", name, err)
		}
	}
	if all, err := os.ReadDir(folder); err != nil || len(all) != 1 {
		t.Errorf("files in the folder: got %v, error %v; want only the one of the test", all, err)
	}
}

func TestErrorOf(t *testing.T) {
	for _, c := range []struct {
		kind   client.Kind
		status int
		want   string
	}{
		{client.NotFound, http.StatusNotFound, "A11"},
		{client.Unexpected, http.StatusNotFound, "A10"},
		{client.Failing, http.StatusServiceUnavailable, "H16-503"},
		{client.TimedOut, 0, "H12"},
	} {
		err := receiptfile.ErrorOf(&client.Error{Kind: c.kind, Status: c.status}, id)
		if got := err.(interface{ Code() string }).Code(); got != c.want { //nolint:errorlint // the error itself
			t.Errorf("ErrorOf(%v, status %d): got the code %s, want %s", c.kind, c.status, got, c.want)
		}
	}
}
