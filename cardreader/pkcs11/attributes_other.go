//go:build !unix

package pkcs11

import "syscall"

// attributes are the system's usual ones. A helper ends with its parent because its input does.
func attributes() *syscall.SysProcAttr { return nil }
