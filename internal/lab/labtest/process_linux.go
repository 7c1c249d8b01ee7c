package labtest

import (
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is a program that runs beside a test, and ends with it at the latest.
type Process struct {
	cmd  *exec.Cmd
	gone chan struct{}
}

// Start starts cmd. The kernel ends it with this process, whatever ends that; the test ends it before.
func Start(tb testing.TB, cmd *exec.Cmd) *Process {
	tb.Helper()
	p := &Process{cmd: cmd, gone: make(chan struct{})}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	started := make(chan error, 1)
	go func() { // the kernel means the thread that started it: this one stays
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(p.gone)
	}()
	if err := <-started; err != nil {
		tb.Fatalf("start %s: %v", cmd.Path, err)
	}
	tb.Cleanup(p.Stop)
	return p
}

// Gone is closed when the program has ended, whatever ended it.
func (p *Process) Gone() <-chan struct{} { return p.gone }

// PID is the program's process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Stop asks the program to end, and makes it when it does not. A second Stop does nothing.
func (p *Process) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.NewTimer(stopFor)
	defer timer.Stop()
	select {
	case <-p.gone:
	case <-timer.C:
		p.Kill()
	}
}

// Kill ends the program as a crash would.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.gone
}

const stopFor = 5 * time.Second

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

// String is what was said so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.b)
}

// Until waits until done, looking every so often, and fails the test when that takes too long or the process ends before.
func (p *Process) Until(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	deadline := time.NewTimer(untilFor)
	defer deadline.Stop()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for !done() {
		select {
		case <-ticker.C:
		case <-p.gone:
			tb.Fatalf("%s ended before %s", p.cmd.Path, what)
		case <-deadline.C:
			tb.Fatalf("%s: %s never came", p.cmd.Path, what)
		}
	}
}

const (
	untilFor  = 30 * time.Second
	lookEvery = 20 * time.Millisecond
)

// Need skips the test when a program is not installed, and says in which package it is; under CI=true it fails it. It also
// finds what Debian keeps where only root looks, and gives the path.
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
