package labtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// programs are the programs that this test process has built. Linking takes seconds, and dozens of tests need the same
// program.
var programs struct {
	sync.Mutex
	paths map[string]string
}

// Program builds a command of this module with the race detector and returns the path of the binary. All tests of the
// process share it. It is in the folder of the test binary, which 'go test' removes.
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
		if err := disableExitDelay(); err != nil {
			tb.Fatal(err)
		}
	}

	programs.paths[name] = path
	return path
}

// disableExitDelay sets GORACE so that programs with the race detector end without waiting a second for races in other
// threads. Races found before are still reported and change the exit code.
func disableExitDelay() error {
	const name, option = "GORACE", "atexit_sleep_ms=0"
	if set := os.Getenv(name); set != "" {
		return os.Setenv(name, set+" "+option)
	}
	return os.Setenv(name, option)
}
