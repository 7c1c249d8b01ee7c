package labtest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"wardlight/internal/lab/process"
	"wardlight/internal/need"
)

// Process is a program that runs during a test, and ends with it at the latest.
type Process struct{ *process.Process }

// Timeouts, and the polling interval.
const (
	stopTimeout  = 20 * time.Second
	untilTimeout = 2 * time.Minute
	lookEvery    = 20 * time.Millisecond
)

// Start starts cmd, and stops it at the end of the test. The kernel kills it when this process ends in any way.
func Start(tb testing.TB, cmd *exec.Cmd) *Process {
	tb.Helper()
	started, err := process.Start(cmd)
	if err != nil {
		tb.Fatalf("start %s: %v", cmd.Path, err)
	}
	p := &Process{started}
	tb.Cleanup(p.Stop)
	return p
}

// Stop stops the program with SIGTERM, and kills it after a timeout. Further calls have no effect.
func (p *Process) Stop() { p.End(syscall.SIGTERM, stopTimeout) }

// Until waits until done returns true. It fails the test if that takes too long or the program ends first.
func (p *Process) Until(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	// Not cancelled with the test, because a cleanup may wait, too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), untilTimeout)
	defer cancel()
	err := p.Process.Until(ctx, lookEvery, func(context.Context) error {
		if done() {
			return nil
		}
		return errors.New("it did not happen in time")
	})
	if err != nil {
		tb.Fatalf("waiting for %s: %v", what, err)
	}
}

// Output collects a program's output. It is safe for concurrent use.
type Output struct {
	mu sync.Mutex
	b  []byte
}

// Write implements io.Writer.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.b = append(o.b, b...)
	return len(b), nil
}

// String returns the output so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.b)
}

// Need returns the path of a program. It also searches the folders of system programs. If the program isn't installed,
// it skips the test with the name of the package to install; with CI=true it fails the test.
func Need(tb testing.TB, program, pkg string) string {
	tb.Helper()
	for _, dir := range []string{"", "/usr/sbin/", "/sbin/", "/usr/bin/"} {
		if path, err := exec.LookPath(dir + program); err == nil {
			return path
		}
	}
	need.Absent(tb, "install "+pkg)
	return ""
}

// Dir creates a folder for this user only. Its name is short, because the path of a socket is limited. It is removed
// at the end of the test.
func Dir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "wl")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
