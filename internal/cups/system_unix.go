//go:build unix

package cups

import (
	"os/exec"
	"syscall"
)

// find returns the path of a program.
func find(program string) (string, error) { return exec.LookPath(program) }

// noTerminal returns a program a session of its own, which has no terminal: lp would open it to ask for a password.
func noTerminal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
