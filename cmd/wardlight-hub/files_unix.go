//go:build unix

package main

import (
	"io/fs"
	"syscall"
)

// maxFiles returns how many files and connections this process may have open at once; 0 where that is not known.
func maxFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<30 {
		return 0
	}
	return int(limit.Cur) //nolint:gosec // it was compared
}

// ownerOf returns the user whom a file is of; false where that is not known.
func ownerOf(info fs.FileInfo) (uint32, bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return s.Uid, true
}

// openToOthers reports whether others than a file's owner and its group may read or write it.
func openToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o006 != 0 }

// writable reports whether this user may write into a folder; it writes nothing.
func writable(folder string) error {
	const write = 2 // W_OK
	return syscall.Access(folder, write)
}
