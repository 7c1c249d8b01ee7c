//go:build unix

package main

import "syscall"

// maxFiles returns how many files and connections this process may have open at once; 0 where that is not known.
func maxFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<30 {
		return 0
	}
	return int(limit.Cur) //nolint:gosec // it was compared
}
