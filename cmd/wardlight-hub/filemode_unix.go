//go:build unix

package main

import (
	"io/fs"
	"os/exec"
	"os/user"
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

// runAs has a command run as a user and the user's group.
func runAs(cmd *exec.Cmd, u *user.User) error {
	uid, gid, err := numbersOf(u)
	if err != nil {
		return err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}} //nolint:gosec // numbers of the system's
	return nil
}
