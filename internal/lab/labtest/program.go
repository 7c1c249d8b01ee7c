package labtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// programs are those that this test process has built: to link one takes seconds, and dozens of tests want the same
// one.
var programs struct {
	sync.Mutex
	paths map[string]string
}

// Program builds the named command of this module, with the race detector, and gives the path of the binary: the same
// for every test of the process. It is in the folder of the test's own binary, which 'go test' removes.
func Program(tb testing.TB, name string) string {
	tb.Helper()
	programs.Lock()
	defer programs.Unlock()
	if path, built := programs.paths[name]; built {
		return path
	}
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	folder := filepath.Join(filepath.Dir(self), "programs")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(folder, name)
	build := exec.CommandContext(tb.Context(), "go", "build", "-race", "-o", path, "wardlight/cmd/"+name)
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("building %s: %v\n%s", name, err, out)
	}
	if programs.paths == nil {
		programs.paths = make(map[string]string)
		if err := endAtOnce(); err != nil {
			tb.Fatal(err)
		}
	}
	programs.paths[name] = path
	return path
}

// endAtOnce has programs with the race detector, which inherit it, end without the second in which other threads could still
// find a race. What was found by then is reported all the same, and the exit code tells it.
func endAtOnce() error {
	const name, option = "GORACE", "atexit_sleep_ms=0"
	if set := os.Getenv(name); set != "" {
		return os.Setenv(name, set+" "+option)
	}
	return os.Setenv(name, option)
}
