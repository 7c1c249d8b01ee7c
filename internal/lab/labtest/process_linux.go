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
)

// Process is a program that runs beside a test, and ends with it at the latest.
type Process struct{ *process.Process }

// Times of waiting.
const (
	stopFor   = 20 * time.Second
	untilFor  = 2 * time.Minute
	lookEvery = 20 * time.Millisecond
)

// Start starts cmd. The kernel ends it with this process, whatever ends that; the test ends it before.
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

// Stop asks the program to end, and makes it when it does not. A second Stop does nothing.
func (p *Process) Stop() { p.End(syscall.SIGTERM, stopFor) }

// Until waits until done, looking every so often, and fails the test when that takes too long or the process ends
// before.
func (p *Process) Until(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), untilFor) // a cleanup may wait, too
	defer cancel()
	err := p.Process.Until(ctx, lookEvery, func(context.Context) error {
		if done() {
			return nil
		}
		return errors.New("it never came")
	})
	if err != nil {
		tb.Fatalf("waiting for %s: %v", what, err)
	}
}

// Output collects what a program says, while it says it.
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

// String returns what was said so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.b)
}

// Need skips the test when a program is not installed, and says in which package it is; under CI=true it fails it. It
// also finds what Debian keeps where only root looks, and gives the path.
func Need(tb testing.TB, program, pkg string) string {
	tb.Helper()
	for _, dir := range []string{"", "/usr/sbin/", "/sbin/", "/usr/bin/"} {
		if path, err := exec.LookPath(dir + program); err == nil {
			return path
		}
	}
	absent(tb, "install "+pkg)
	return ""
}

// NeedFile is Need for a file.
func NeedFile(tb testing.TB, path, pkg string) {
	tb.Helper()
	if _, err := os.Stat(path); err != nil {
		absent(tb, "install "+pkg+": "+err.Error())
	}
}

func absent(tb testing.TB, why string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatal(why)
	}
	tb.Skip(why)
}

// Dir makes a directory with a short name, as sockets need, for this user alone. It is removed with the test.
func Dir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "wl")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
