package sealed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/zalando/go-keyring"

	"wardlight/internal/sealed"
	"wardlight/internal/secretstore"
	"wardlight/internal/secretstore/secretstoretest"
)

const secret = "a child's number: 999 000 0018\n"

// sealedFile returns a file with the secret in it, its keyring, and its path.
func sealedFile(t *testing.T) (*sealed.File, *secretstoretest.Memory, string) {
	t.Helper()
	secrets, memory := secretstoretest.Keyring()
	folder := filepath.Join(t.TempDir(), "wardlight")
	f := sealed.Open(secrets, folder, "flags")
	if err := f.Save(t.Context(), []byte(secret)); err != nil {
		t.Fatal(err, errors.Unwrap(err))
	}
	return f, memory, filepath.Join(folder, "flags.age")
}

func TestWhatIsSavedIsLoadedAgainAndStandsNowhereInClear(t *testing.T) {
	f, memory, path := sealedFile(t)
	if got, err := f.Load(t.Context()); err != nil || string(got) != secret {
		t.Errorf("Load = %q, %v, want %q", got, err, secret)
	}
	if err := filepath.WalkDir(filepath.Dir(path), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if bytes.Contains(b, []byte("999")) || strings.Contains(p, "999") {
			t.Errorf("%s contains the number in plaintext", p)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if memory.Len() != 1 {
		t.Errorf("%d entries in the keyring, want 1", memory.Len())
	}
}

func TestAFileThatIsNotThereIsNoErrorAndAsksNoKeyring(t *testing.T) {
	secrets, memory := secretstoretest.Keyring()
	memory.Fail(errors.New("must not be asked"))
	folder := filepath.Join(t.TempDir(), "wardlight")
	if got, err := sealed.Open(secrets, folder, "flags").Load(t.Context()); got != nil || err != nil {
		t.Errorf("Load = %q, %v, want nil", got, err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load created the folder: Stat error %v", err)
	}
}

func TestOnlyItsUserMayReadTheFileAndItsFolder(t *testing.T) {
	_, _, path := sealedFile(t)
	for p, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): fs.ModeDir | 0o700} {
		if info, err := os.Stat(p); err != nil || info.Mode() != want {
			t.Errorf("mode of %s = %v, error %v, want %v", p, info.Mode(), err, want)
		}
	}
}

func TestARemovedFileIsGone(t *testing.T) {
	f, _, _ := sealedFile(t)
	for range 2 {
		if err := f.Remove(); err != nil {
			t.Error(err)
		}
	}
	if got, err := f.Load(t.Context()); got != nil || err != nil {
		t.Errorf("Load = %q, %v, want nil", got, err)
	}
}

func TestWithoutAKeyringNothingIsWritten(t *testing.T) {
	for fault, says := range map[error]string{
		keyring.ErrUnsupportedPlatform: "There is no keyring on this computer that opens",
		errors.New(
			"failed to unlock correct collection 'x'",
		): "This computer's keyring is locked. Nothing is kept on its disk.",
		errors.New("something else"): "This computer's keyring could not be used. Nothing is kept on its disk.",
	} {
		secrets, memory := secretstoretest.Keyring()
		memory.Fail(fault)
		folder := t.TempDir()
		err := sealed.Open(secrets, folder, "flags").Save(t.Context(), []byte(secret))
		if sealed.KindOf(err) != sealed.NoKeyring || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("Save: error %v, want NoKeyring with the sentence %q", err, says)
		}
		if _, err := os.Stat(filepath.Join(folder, "flags.age")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Save without a keyring wrote a file: Stat error %v", err)
		}
	}
}

func TestAKeyThatIsDamagedInTheKeyringIsNotSaidToBeAMissingKeyring(t *testing.T) {
	f, memory, _ := sealedFile(t)
	if err := memory.Set(secretstore.Service, "sealed-files-key", "rubbish"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Load(t.Context()); sealed.KindOf(err) != sealed.NoKey {
		t.Errorf("Load: error %v, want NoKey", err)
	}
	if err := f.Save(t.Context(), []byte("new")); sealed.KindOf(err) != sealed.NoKey {
		t.Errorf("Save: error %v, want NoKey", err)
	}
}

func TestAChangedFileIsToldAndLeftAsItIs(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"one bit flipped":   func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut":               func(b []byte) []byte { return b[:len(b)-1] },
		"cut to its header": func(b []byte) []byte { return b[:bytes.Index(b, []byte("\n--- "))+60] },
		"empty":             func([]byte) []byte { return nil },
		"longer":            func(b []byte) []byte { return append(b, 0) },
		"something else":    func([]byte) []byte { return []byte("hello") },
		"far too long":      func([]byte) []byte { return make([]byte, sealed.MaxSize*2) },
	} {
		f, _, path := sealedFile(t)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}

		b = change(b)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}

		if got, err := f.Load(t.Context()); got != nil || sealed.KindOf(err) != sealed.Damaged {
			t.Errorf("%s: Load = %q, %v, want Damaged", name, got, err)
		}

		if err := f.Save(t.Context(), []byte("new")); !sealed.Unreadable(err) {
			t.Errorf("%s: Save: error %v, want one for which Unreadable is true", name, err)
		}

		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, b) {
			t.Errorf("%s: the file was changed, error %v", name, err)
		}

		aside, err := f.RenameUnreadable(t.Context())
		if now, readErr := os.ReadFile(aside); err != nil || readErr != nil || !bytes.Equal(now, b) {
			t.Errorf("%s: SetAside = %q, %v, want the old file there (read error %v)", name, aside, err, readErr)
		}

		if err := f.Save(t.Context(), []byte("new")); err != nil {
			t.Errorf("%s: Save after SetAside: %v", name, err)
		}
	}
}

func TestAFileOfAnotherKeyOrOfNoneIsTold(t *testing.T) {
	f, memory, path := sealedFile(t)
	if err := memory.Delete(secretstore.Service, "sealed-files-key"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Load(t.Context()); sealed.KindOf(err) != sealed.NoKey || !sealed.Unreadable(err) {
		t.Errorf("Load without its key: error %v, want NoKey", err)
	}
	if err := sealed.Open(newKeyring(memory), filepath.Dir(path), "other").Save(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Load(t.Context()); sealed.KindOf(err) != sealed.OtherKey {
		t.Errorf("Load with another key: error %v, want OtherKey", err)
	}
	if err := f.Save(t.Context(), nil); sealed.KindOf(err) != sealed.OtherKey {
		t.Errorf("Save with another key: error %v, want OtherKey", err)
	}
}

func newKeyring(memory *secretstoretest.Memory) *secretstore.Keyring {
	return secretstore.NewKeyring(memory, "")
}

func TestAFileInAnothersPlaceIsNotTaken(t *testing.T) {
	f, memory, path := sealedFile(t)
	if err := os.Rename(path, filepath.Join(filepath.Dir(path), "worklist.age")); err != nil {
		t.Fatal(err)
	}
	other := sealed.Open(newKeyring(memory), filepath.Dir(path), "worklist")
	if got, err := other.Load(t.Context()); got != nil || sealed.KindOf(err) != sealed.Damaged {
		t.Errorf("Load of another file's contents = %q, %v, want Damaged", got, err)
	}
	if got, err := f.Load(t.Context()); got != nil || err != nil {
		t.Errorf("Load = %q, %v, want nil", got, err)
	}
}

func TestTooMuchIsRefusedAndWhatWasThereStays(t *testing.T) {
	f, _, _ := sealedFile(t)
	if err := f.Save(t.Context(), make([]byte, sealed.MaxSize)); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(t.Context(), make([]byte, sealed.MaxSize+1)); sealed.KindOf(err) != sealed.TooBig {
		t.Errorf("Save of more than MaxSize: error %v, want TooBig", err)
	}
	if got, err := f.Load(t.Context()); err != nil || len(got) != sealed.MaxSize {
		t.Errorf("Load = %d bytes, error %v, want %d", len(got), err, sealed.MaxSize)
	}
}

func TestManyWhoChangeOneFileLoseNothingAndAgreeOnOneKey(t *testing.T) {
	secrets, memory := secretstoretest.Keyring()
	folder := filepath.Join(t.TempDir(), "wardlight")
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			f := sealed.Open(secrets, folder, "flags") // each as in another process
			if err := f.Change(context.Background(), func(stored []byte) ([]byte, error) {
				return fmt.Appendf(stored[:len(stored):len(stored)], "%d\n", i), nil
			}); err != nil {
				t.Error(err, errors.Unwrap(err))
			}
		})
	}

	all.Wait()
	got, err := sealed.Open(secrets, folder, "flags").Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	lines := strings.Fields(string(got))
	seen := make(map[string]bool)
	for _, l := range lines {
		seen[l] = true
	}

	for i := range 16 {
		if !seen[strconv.Itoa(i)] {
			t.Errorf("the change %d was lost", i)
		}
	}

	if len(lines) != 16 || memory.Len() != 1 {
		t.Errorf("%d lines and %d keys, want 16 and 1", len(lines), memory.Len())
	}
}

func TestAChangeThatFailsOrEmptiesIsKeptTo(t *testing.T) {
	f, _, path := sealedFile(t)
	refused := errors.New("refused")
	if err := f.Change(t.Context(), func([]byte) ([]byte, error) { return nil, refused }); !errors.Is(err, refused) {
		t.Errorf("Change: error %v, want %v", err, refused)
	}
	if got, err := f.Load(t.Context()); err != nil || string(got) != secret {
		t.Errorf("Load after a failed Change = %q, %v, want %q", got, err, secret)
	}
	if err := f.Change(t.Context(), func([]byte) ([]byte, error) { return nil, nil }); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file was not removed: Stat error %v", err)
	}
}

func TestEveryKindHasWordsAndACodeOfItsOwn(t *testing.T) {
	seen := make(map[string]bool)
	for _, k := range sealed.Kinds() {
		e := &sealed.Error{Kind: k}
		if e.Sentence() == "" || e.Advice() == "" || e.Code() == "" || seen[e.Code()] {
			t.Errorf("kind %d: sentence %q, advice %q, code %q, want all of them, and a unique code",
				k, e.Sentence(), e.Advice(), e.Code())
		}
		seen[e.Code()] = true
	}
}

func TestAFileThatCanBeReadIsNotSetAside(t *testing.T) {
	f, _, path := sealedFile(t)
	if aside, err := f.RenameUnreadable(t.Context()); aside != "" || err != nil {
		t.Errorf("SetAside of a readable file = %q, %v, want nothing done", aside, err)
	}
	if err := f.ChangeOrReset(t.Context(), func(stored []byte) ([]byte, error) {
		if string(stored) != secret {
			t.Errorf("ChangeAnew passed %q, want %q", stored, secret)
		}
		return []byte("new"), nil
	}); err != nil {
		t.Error(err)
	}
	if all, err := filepath.Glob(path[:len(path)-len(".age")] + "*"); err != nil || len(all) != 1 {
		t.Errorf("files = %v, error %v, want one", all, err)
	}
}

func TestWhatIsRemovedWhereThereIsNoFolderIsNoError(t *testing.T) {
	secrets, memory := secretstoretest.Keyring()
	memory.Fail(errors.New("must not be asked"))
	f := sealed.Open(secrets, filepath.Join(t.TempDir(), "nowhere"), "flags")
	if err := f.Remove(); err != nil {
		t.Error(err)
	}
	if aside, err := f.RenameUnreadable(t.Context()); aside != "" || err != nil {
		t.Errorf("SetAside without a file = %q, %v, want nothing done", aside, err)
	}
}
