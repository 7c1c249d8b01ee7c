// Package need finds what tests require besides Go: programs, and files that make installs. If a requirement is
// missing, the test is skipped with a message that says what to install. With CI=true it fails, because a skipped test
// could be mistaken for a passed one. It also provides small disks.
package need

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// CI reports whether CI=true is set, so that nothing may be missing.
func CI() bool { return strings.EqualFold(os.Getenv("CI"), "true") }

// File returns the absolute path of a required file.
func File(tb testing.TB, path, remedy string) string {
	tb.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		Absent(tb, path+" is not there: "+remedy)
	}
	return path
}

// Contracts is the environment variable with the folder of the documents and schemas of the NHS. Without it, they are
// in ../shared/contracts beside the checkout.
const Contracts = "WARDLIGHT_CONTRACTS"

// Contract returns the absolute path of a document or folder of the NHS that tests require. root is the path of the
// folder of go.mod.
func Contract(tb testing.TB, root, name string) string {
	tb.Helper()
	folder := os.Getenv(Contracts)
	if folder == "" {
		folder = filepath.Join(root, "..", "shared", "contracts")
	}
	return File(tb, filepath.Join(folder, name), "set "+Contracts+" to the folder that contains "+name)
}

// Program returns the path of a required program.
func Program(tb testing.TB, name, remedy string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Absent(tb, name+" is not installed: "+remedy)
	}
	return path
}

// Absent skips the test, or fails it with CI=true.
func Absent(tb testing.TB, what string) {
	tb.Helper()
	if CI() {
		tb.Fatal(what)
	}
	tb.Skip(what)
}

// Module returns the folder of go.mod, which contains the working folder.
func Module() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		_, err := os.Stat(filepath.Join(folder, "go.mod"))
		if err == nil {
			return folder, nil
		}
		above := filepath.Dir(folder)
		if above == folder {
			return "", err
		}
		folder = above
	}
}
