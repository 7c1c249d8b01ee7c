// Package pcscdtest gives tests a private pcscd, or says what to install.
package pcscdtest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"wardlight/internal/lab/pcscd"
)

// Need skips the test when a private pcscd, or one of the programs, cannot run here, and says what to install. Under
// CI=true, where everything is installed, that is a failure.
func Need(tb testing.TB, programs ...string) {
	tb.Helper()
	missing := pcscd.Missing()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	if missing != nil {
		absent(tb, "install "+strings.Join(missing, ", "))
	}
}

func absent(tb testing.TB, why string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatal(why)
	}
	tb.Skip(why)
}

// Start runs a private pcscd for one test, in a directory of its own, and ends it with the test.
//
// A program that links libpcsclite reads the socket's name only once: tests that use package pcsc in their own process
// need one directory for all of them, from Dir.
func Start(tb testing.TB, dir string) *pcscd.Daemon { return StartReaders(tb, dir) }

// StartReaders is Start with two readers for each name, as pcscd.StartReaders makes them.
func StartReaders(tb testing.TB, dir string, names ...string) *pcscd.Daemon {
	tb.Helper()
	Need(tb)
	d, err := pcscd.StartReaders(context.Background(), dir, names...)
	if err != nil {
		absent(tb, err.Error())
	}
	tb.Cleanup(d.Stop)
	return d
}

// Dir makes a directory with a short name, as sockets need, for pcscd to live in. remove takes it away again.
func Dir() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp("", "wlpcsc")
	if err != nil {
		return "", nil, err
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// NeedFile is Need for a file that a package installs.
func NeedFile(tb testing.TB, path, pkg string) {
	tb.Helper()
	if _, err := os.Stat(path); err != nil {
		absent(tb, "install "+pkg+": "+err.Error())
	}
}
