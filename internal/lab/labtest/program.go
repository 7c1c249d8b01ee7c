// Package labtest gives the scenario tests the real programs to run.
package labtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Program builds the named command of this module, with the race detector, and gives the path of the binary. The build cache
// makes a second build cheap. It is removed with the test's temporary folder.
func Program(tb testing.TB, name string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	build := exec.CommandContext(tb.Context(), "go", "build", "-race", "-o", path, "wardlight/cmd/"+name)
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("building %s: %v\n%s", name, err, out)
	}
	return path
}
