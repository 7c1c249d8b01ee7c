//go:build unix

package cups

import "syscall"

// noTerminal returns a program a session of its own, which has no terminal: lp would open it to ask for a password.
func noTerminal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
