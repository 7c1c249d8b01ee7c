//go:build cgo && linux

package pkcs11_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"wardlight/cardreader/pkcs11/pkcs11test"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
)

// pcscdDir is the directory of pcscd in all of these tests, because libpcsclite reads the socket's path only once.
var pcscdDir string

func TestMain(m *testing.M) {
	serveAsHelper()
	dir, remove, err := pcscdtest.Dir()
	if err == nil {
		err = os.Setenv("PCSCLITE_CSOCK_NAME", filepath.Join(dir, "pcscd.comm"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	pcscdDir = dir
	code := m.Run()
	remove()
	os.Exit(code)
}

// nurse returns a store with one token, which has a P-256 key for signing in.
func nurse(t *testing.T) *pkcs11test.Store {
	t.Helper()
	s := pkcs11test.NewStore(t)
	s.Token(t, "nurse")
	key := virtualtest.P256(t)
	s.Key(t, "nurse", "a1", "sign-in", key, virtualtest.Certificate(t, key, nil))
	return s
}
