package pkcs11

import "syscall"

// attributes: a session of its own, so without a terminal to ask or to interrupt it, and an end with its parent.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}
