//go:build !unix

package main

import (
	"errors"
	"io/fs"
	"os/exec"
	"os/user"
)

// userOf returns the user whom a file is of; false, because users have no numbers here.
func userOf(fs.FileInfo) (uint32, bool) { return 0, false }

// openToOthers returns false: the mode says nothing here of who may read a file.
func openToOthers(fs.FileInfo) bool { return false }

// runAs returns that a command runs as who runs this here.
func runAs(*exec.Cmd, *user.User) error {
	return errors.New("this system runs no command as another user")
}
