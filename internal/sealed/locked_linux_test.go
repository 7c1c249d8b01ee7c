package sealed_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wardlight/internal/sealed"
)

// waiters returns the number of processes waiting for a lock on the file, as listed by the kernel (proc_locks(5)).
func waiters(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Skip(err)
	}
	n := 0
	inode := fmt.Sprintf(":%d ", info.Sys().(*syscall.Stat_t).Ino)
	for line := range strings.Lines(string(locks)) {
		if strings.Contains(line, "-> FLOCK") && strings.Contains(line, inode) {
			n++
		}
	}
	return n
}

// Changes wait while another process has the folder's lock.
func TestEveryChangeWaitsForTheFoldersLock(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *sealed.File) error{
		"save":      func(t *testing.T, f *sealed.File) error { return f.Save(t.Context(), []byte("new")) },
		"remove":    func(_ *testing.T, f *sealed.File) error { return f.Remove() },
		"set aside": func(t *testing.T, f *sealed.File) error { _, err := f.RenameUnreadable(t.Context()); return err },
		"change anew": func(t *testing.T, f *sealed.File) error {
			return f.ChangeOrReset(t.Context(), func([]byte) ([]byte, error) { return []byte("new"), nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, memory, path := sealedFile(t)
			if name == "set aside" || name == "change anew" {
				if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
					t.Fatal(err)
				}
			}

			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}

			done := make(chan error, 1)
			other := sealed.Open(newKeyring(memory), filepath.Dir(path), "other")
			if err := other.Change(t.Context(), func([]byte) ([]byte, error) {
				go func() { done <- change(t, f) }()
				deadline := time.Now().Add(time.Minute)
				for lock := filepath.Join(filepath.Dir(path), "lock"); waiters(t, lock) == 0; {
					if len(done) > 0 || time.Now().After(deadline) {
						t.Error("the change did not wait for the lock")
						break
					}
				}
				if now, err := os.ReadFile(path); err != nil || string(now) != string(before) {
					t.Errorf("while the folder is locked, the file is %q, error %v, want it unchanged", now, err)
				}
				return []byte("of another"), nil
			}); err != nil {
				t.Fatal(err)
			}

			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}
