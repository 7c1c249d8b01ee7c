// Package pcscdtest provides a private pcscd for tests. Only tests import it.
package pcscdtest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"wardlight/internal/lab/pcscd"
	"wardlight/internal/need"
)

// Need skips the test if a private pcscd, or one of the programs, is not installed, with a message that says what to
// install. With CI=true it fails the test.
func Need(tb testing.TB, programs ...string) {
	tb.Helper()
	missing := pcscd.Missing()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	if missing != nil {
		need.Absent(tb, "install "+strings.Join(missing, ", "))
	}
}

// Start starts a private pcscd in the directory, and stops it at the end of the test.
//
// A process that uses libpcsclite reads the socket's path only once. Therefore tests that use package pcsc in their
// own process must share one directory, which Dir creates.
func Start(tb testing.TB, dir string) *pcscd.Daemon { return StartReaders(tb, dir) }

// StartReaders is like Start, with two readers for each name, as in pcscd.StartReaders.
func StartReaders(tb testing.TB, dir string, names ...string) *pcscd.Daemon {
	tb.Helper()
	Need(tb)
	d, err := pcscd.StartReaders(context.Background(), dir, names...)
	if err != nil {
		need.Absent(tb, err.Error())
	}
	tb.Cleanup(d.Stop)
	return d
}

// Dir creates a directory for pcscd. Its name is short, because the path of a socket is limited. remove deletes it.
func Dir() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp("", "wlpcsc")
	if err != nil {
		return "", nil, err
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}
