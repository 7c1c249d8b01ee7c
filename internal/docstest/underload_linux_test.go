package docstest_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wardlight/internal/docstest"
)

// TestUnderLoad_ListsWhatFailed runs scripts/test-under-load on a module with a test that fails in one of three runs.
// It must count that run, name the test, fail, and leave no busy loop.
func TestUnderLoad_ListsWhatFailed(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module sometimes\n\ngo 1.26\n",
		"sometimes_test.go": `package sometimes
import ("os"; "testing")
func TestAlways(t *testing.T) {}
func TestSometimes(t *testing.T) {
	f, err := os.OpenFile("runs", os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil { t.Fatal(err) }
	defer f.Close()
	if _, err := f.WriteString("x"); err != nil { t.Fatal(err) }
	if i, _ := f.Stat(); i.Size() == 2 { t.Error("the second run") }
}
`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(docstest.Root(t), "scripts", "test-under-load"), "./...")
	cmd.Dir, cmd.SysProcAttr = folder, &syscall.SysProcAttr{Setpgid: true}
	cmd.Env = append(os.Environ(), "RUNS=3", "LOAD=2", "TESTFLAGS=", "GOFLAGS=", "GOWORK=off")
	var said, besides bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &besides
	err := cmd.Run()

	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("got %v, want exit code 1; it said %s", err, besides.String())
	}
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	if len(lines) != 2 || lines[0] != "3 runs beside 2 busy loops: 2 passed, 1 failed" ||
		strings.TrimSpace(lines[1]) != "1 TestSometimes" {
		t.Errorf("got the summary %q, want one failed run of three, of TestSometimes", said.String())
	}
	if err := syscall.Kill(-cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("signal to the script's processes: got %v, want no such process", err)
	}
}
