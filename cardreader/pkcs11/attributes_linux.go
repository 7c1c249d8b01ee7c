package pkcs11

import "syscall"

// attributes returns the attributes of a helper process. It gets its own session, without a terminal for prompts or
// interrupts, and is killed when its parent exits.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}
