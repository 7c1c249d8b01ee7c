package sealed

import (
	"os"

	"golang.org/x/sys/windows"
)

// lock waits for an exclusive lock on the file.
func lock(file *os.File) error {
	return windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0,
		new(windows.Overlapped))
}
