package need

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Mount mounts a file system below a new temporary folder until the end of the test, and returns its path. The
// arguments are those of mount(8) before the folder. Every user may pass through the folder.
func Mount(tb testing.TB, args ...string) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "disk")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })

	folder := filepath.Join(dir, "disk")
	if err := errors.Join(os.Mkdir(folder, 0o700), os.Chmod(dir, 0o711)); err != nil {
		tb.Fatal(err)
	}
	if out, err := exec.CommandContext(tb.Context(), "mount", append(args, folder)...).CombinedOutput(); err != nil {
		Absent(tb, "a small disk needs root and the right to mount: "+string(out)+err.Error())
	}
	tb.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			tb.Error(err)
		}
	})
	return folder
}

// FillDisk writes a file that uses all free space of a folder's disk. free removes the file.
func FillDisk(tb testing.TB, folder string) (free func()) {
	tb.Helper()
	name := filepath.Join(folder, "ballast")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // the file's content doesn't matter

	for size := 1 << 16; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			tb.Fatal(err)
		}
	}

	return func() {
		if err := os.Remove(name); err != nil {
			tb.Error(err)
		}
	}
}
