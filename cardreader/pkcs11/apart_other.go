//go:build cgo && !unix

package pkcs11

import "os"

// apart leaves the pipes where they are.
func apart(in, out *os.File) (*os.File, *os.File, error) { return in, out, nil }
