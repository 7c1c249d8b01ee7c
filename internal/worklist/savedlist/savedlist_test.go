package savedlist_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"wardlight/internal/nhs"
	"wardlight/internal/sealed"
	"wardlight/internal/secretstore/secretstoretest"
	"wardlight/internal/worklist"
	"wardlight/internal/worklist/savedlist"
)

var (
	noon  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	today = nhs.DateOf(noon)
	ada   = worklist.Owner{Person: "999000000111", Organisation: "RX1"}
	bo    = worklist.Owner{Person: "999000000112", Organisation: "RX1"}
	cai   = worklist.Owner{Person: "999000000111", Organisation: "RX2"}
)

func setUp(t *testing.T, more ...func(*savedlist.Config)) (*savedlist.Store, *secretstoretest.Memory, string) {
	t.Helper()
	secrets, memory := secretstoretest.Keyring()
	c := savedlist.Config{
		Keys: secrets, Folder: filepath.Join(t.TempDir(), "wardlight"), Hub: "https://hub.example",
		MaxAge: time.Hour,
	}
	for _, f := range more {
		f(&c)
	}
	return savedlist.New(c), memory, c.Folder
}

// encodedList returns a list of one patient, encoded for Keep.
func encodedList() []byte {
	return worklist.NewCheck([]worklist.Patient{{Line: 1, Number: "9990000018", Name: "Tess"}}, 0).Encode(noon,
		ada.Person)
}

func TestAListIsKeptForTheOrganisationOrForThePerson(t *testing.T) {
	for name, c := range map[string]struct {
		own               bool
		bo, caiToo, other bool
	}{"organisation": {false, true, false, false}, "person": {true, false, true, false}} {
		s, _, folder := setUp(t, func(x *savedlist.Config) { x.PerPerson = c.own })
		if err := s.SaveList(t.Context(), ada, encodedList()); err != nil {
			t.Fatal(err)
		}

		for who, want := range map[worklist.Owner]bool{
			ada: true, bo: c.bo, cai: c.caiToo,
			{Person: "1", Organisation: "RX9"}: c.other,
		} {
			got, err := s.LoadSaved(t.Context(), who, noon)
			if err != nil || (got != nil) != want {
				t.Errorf("%s: Kept of %+v = %v, %v, want a list: %v", name, who, got, err, want)
			}
		}

		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}

		for _, f := range files {
			b, err := os.ReadFile(filepath.Join(folder, f.Name()))
			if err != nil || bytes.Contains(b, []byte("Tess")) || bytes.Contains(b, []byte("999")) ||
				strings.Contains(f.Name(), "RX1") {
				t.Errorf("file %s reveals the patient or the organisation, or can't be read: %v", f.Name(), err)
			}
		}

		if err := s.RemoveSaved(t.Context(), ada); err != nil {
			t.Error(err)
		}

		if got, err := s.LoadSaved(t.Context(), ada, noon); got != nil || err != nil {
			t.Errorf("Kept after Forget = %v, %v, want nil", got, err)
		}
	}
}

func TestAListThatWasKeptTooLongIsRemovedUnread(t *testing.T) {
	s, _, _ := setUp(t)
	if err := s.SaveList(t.Context(), ada, encodedList()); err != nil {
		t.Fatal(err)
	}
	if got, err := s.LoadSaved(t.Context(), ada, noon.Add(time.Hour)); got == nil || err != nil {
		t.Errorf("Kept at the maximum age = %v, %v, want a list", got, err)
	}
	for _, at := range []time.Time{noon.Add(time.Hour + 1), noon} { // the second time: it was removed
		if got, err := s.LoadSaved(t.Context(), ada, at); got != nil || err != nil {
			t.Errorf("Kept at %s = %v, %v, want nil", at, got, err)
		}
	}
}

func TestWithoutAKeyringKeepingSaysSo(t *testing.T) {
	s, memory, _ := setUp(t)
	memory.Fail(keyring.ErrUnsupportedPlatform)
	list := encodedList()
	if err := s.SaveList(t.Context(), ada, list); sealed.KindOf(err) != sealed.NoKeyring {
		t.Errorf("Keep: error %v, want NoKeyring", err)
	}
	if bytes.Contains(list, []byte("Tess")) {
		t.Error("Keep did not overwrite the plaintext")
	}
}

func TestAFileThatCannotBeReadIsSetAsideAndANewOneBegun(t *testing.T) {
	s, _, folder := setUp(t)
	if err := s.SaveList(t.Context(), ada, encodedList()); err != nil {
		t.Fatal(err)
	}

	all, err := filepath.Glob(filepath.Join(folder, "*.age"))
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}

	if err := os.WriteFile(all[0], []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}

	if got, err := s.LoadSaved(t.Context(), ada, noon); got != nil || sealed.KindOf(err) != sealed.Damaged {
		t.Errorf("Kept of a damaged file = %v, %v, want Damaged", got, err)
	}

	if err := s.SaveList(t.Context(), ada, encodedList()); err != nil {
		t.Error(err)
	}

	if got, err := s.LoadSaved(t.Context(), ada, noon); got == nil || err != nil {
		t.Errorf("Kept after a new Keep = %v, %v, want a list", got, err)
	}

	if aside, err := filepath.Glob(filepath.Join(folder, "*unreadable*")); err != nil || len(aside) != 1 {
		t.Errorf("renamed files = %v, error %v, want one", aside, err)
	}
}

func TestListsAreReadFromFilesAndFromStandardInput(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	if err := os.WriteFile(filepath.Join(home, "list.csv"), []byte("9990000018\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	s, _, _ := setUp(t, func(c *savedlist.Config) { c.Input = strings.NewReader("9990000018\n9990000026\n") })
	for path, want := range map[string]int{"-": 2, "~/list.csv": 1, filepath.Join(home, "list.csv"): 1} {
		if got, err := s.ReadList(t.Context(), path, today); err != nil || len(got.Patients) != want {
			t.Errorf("ReadList(%q) = %d patients, %v, want %d", path, len(got.Patients), err, want)
		}
	}

	for path, says := range map[string]string{
		"nowhere.csv": "There is no such file.",
		home:          "The file cannot be read.",
	} {
		_, err := s.ReadList(t.Context(), path, today)
		var refused *worklist.ParseError
		if !errors.As(err, &refused) || refused.Problem != says || refused.Remedy == "" {
			t.Errorf("ReadList(%q): error %v, want the ParseError %q", path, err, says)
		}
	}
}

func TestATableIsSavedInANewFileOfItsOwner(t *testing.T) {
	s, _, _ := setUp(t)
	path := filepath.Join(t.TempDir(), "room.csv")
	if err := s.WriteTable(t.Context(), path, []byte("a,b")); err != nil {
		t.Fatal(err)
	}

	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("saved file: %v, error %v, want mode 0600", info, err)
	}

	for path, is := range map[string]error{
		path: fs.ErrExist, filepath.Join(path, "below"): nil,
		filepath.Join(t.TempDir(), "no", "x"): fs.ErrNotExist,
	} {
		err := s.WriteTable(t.Context(), path, []byte("other"))
		var failed *worklist.SaveError
		if !errors.As(err, &failed) || is != nil && !errors.Is(err, is) {
			t.Errorf("Save: error %v, want a SaveError of %v", err, is)
		}
	}

	if b, err := os.ReadFile(path); string(b) != "a,b" {
		t.Errorf("file contents = %q, error %v, want %q", b, err, "a,b")
	}
}
