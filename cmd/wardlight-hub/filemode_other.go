//go:build !unix

package main

import (
	"errors"
	"io/fs"
	"os/exec"
	"os/user"
)

// openToOthers returns false, because the mode doesn't show who may read a file on this system.
func openToOthers(fs.FileInfo) bool { return false }

// runAs returns an error: a command cannot run as another user on this system.
func runAs(*exec.Cmd, *user.User) error {
	return errors.New("this system runs no command as another user")
}
