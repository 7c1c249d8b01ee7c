// Package need finds the parts of a test that are not Go: programs, and files that make installs. A test whose part
// is missing says what to install and is skipped; with CI=true it fails, because there a skipped check would be taken
// for a passed one.
package need

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// CI reports whether every part has to be there.
func CI() bool { return strings.EqualFold(os.Getenv("CI"), "true") }

// File returns the absolute path of a file that has to be there.
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

// Program returns the path of a program that has to be installed.
func Program(tb testing.TB, name, remedy string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Absent(tb, name+" is not installed: "+remedy)
	}
	return path
}

// Absent skips the test, and fails it with CI=true.
func Absent(tb testing.TB, what string) {
	tb.Helper()
	if CI() {
		tb.Fatal(what)
	}
	tb.Skip(what)
}

// Module returns the folder of go.mod, above the folder of the test.
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
