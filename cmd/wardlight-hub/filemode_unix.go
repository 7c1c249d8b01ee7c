//go:build unix

package main

import (
	"io/fs"
	"os/exec"
	"os/user"
	"syscall"
)

// openToOthers reports whether users besides the file's owner and group may read or write it.
func openToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o006 != 0 }

// runAs makes a command run as a user and the user's group.
func runAs(cmd *exec.Cmd, u *user.User) error {
	uid, gid, err := userIDs(u)
	if err != nil {
		return err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{
		Uid: uint32(uid),
		Gid: uint32(gid),
	}} //nolint:gosec // set by the system
	return nil
}
