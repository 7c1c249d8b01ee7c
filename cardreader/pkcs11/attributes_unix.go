//go:build unix && !linux

package pkcs11

import "syscall"

// attributes returns the attributes of a helper process. It gets its own session, without a terminal. It exits when
// its input is closed, and so with its parent.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
