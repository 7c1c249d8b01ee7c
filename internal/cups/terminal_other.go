//go:build !unix

package cups

import "syscall"

func noTerminal() *syscall.SysProcAttr { return nil }
