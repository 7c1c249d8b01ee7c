//go:build unix

package main

import (
	"io/fs"
	"syscall"
)

// userOf returns the user whom a file is of; false where that is not known.
func userOf(info fs.FileInfo) (uint32, bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return s.Uid, true
}

// openToOthers reports whether others than a file's owner and its group may read or write it.
func openToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o006 != 0 }
