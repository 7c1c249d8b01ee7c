//go:build unix && !linux

package pkcs11

import "syscall"

// attributes: a session of its own, so without a terminal. It ends with its parent because its input does.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
