//go:build unix

package control

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedByUser reports whether the file belongs to the current user.
func ownedByUser(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int64(stat.Uid) == int64(os.Getuid())
}
