//go:build !unix

package pkcs11

import "syscall"

// attributes returns the system's usual ones. A helper ends with its parent because its input does.
func attributes() *syscall.SysProcAttr { return nil }
