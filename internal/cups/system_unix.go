//go:build unix

package cups

import (
	"os/exec"
	"syscall"
)

// find returns the path of a program.
func find(program string) (string, error) { return exec.LookPath(program) }

// noTerminal returns attributes that start a program in its own session without a terminal, which lp would open to ask
// for a password.
func noTerminal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
