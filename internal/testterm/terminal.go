// Package testterm is the test terminal: it runs a real program on a pseudo-terminal, shows its output on an emulated
// screen, types keys, waits for what the screen should say, and draws the screen as an SVG for the documentation.
//
// Tests never sleep and never ask when: Expect waits for a condition and fails at a deadline. The same scenario that
// asserts draws the pictures, so that they can't differ from the program.
package testterm

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Patience is how long a Terminal waits before a test fails, unless Options say otherwise. It bounds a hung program, it
// doesn't measure a slow one.
const Patience = time.Minute

// T is what the terminal asks of the test, or the bench, that it serves. A *testing.T is one. Fatalf does not return.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Options are how the terminal is set up. The zero value is 80 x 24 and answers no queries.
type Options struct {
	Cols, Rows int
	// Env is added to the little that a program gets by default: PATH, HOME, TMPDIR and GOCOVERDIR of the test,
	// TERM=xterm-256color, COLORTERM=truecolor and LANG=C.UTF-8. Later entries win.
	Env []string
	// Dir is the working folder; empty means the test's.
	Dir string
	// Answer makes the terminal answer queries (colours, modes, attributes, cursor), as modern ones do. Without it the
	// queries are swallowed, as old and serial terminals do.
	Answer bool
	// Patience replaces the constant Patience; 0 keeps it.
	Patience time.Duration
}

// Terminal is a running program and the terminal that it runs on. Its methods are for the test's goroutine.
type Terminal struct {
	t        T
	cmd      *exec.Cmd
	pty      *os.File
	patience time.Duration

	mu     sync.Mutex
	news   sync.Cond // output came, the program ended, or a deadline passed
	screen *screen
	output []byte
	read   bool // all output is in
	exited bool

	input   *queue // typed and answered, not yet taken by the program
	running sync.WaitGroup
}

// Start runs the program at path on a new pseudo-terminal, as the leader of a session that the terminal controls. The
// test fails at once when it can't. At the end of the test the program is killed, by its own pid, and reaped.
func Start(t T, o Options, path string, args ...string) *Terminal {
	t.Helper()
	if o.Cols == 0 {
		o.Cols = 80
	}
	if o.Rows == 0 {
		o.Rows = 24
	}
	if o.Patience == 0 {
		o.Patience = Patience
	}
	// Not the test's context: that ends before its cleanups, which may still want to see the program end by itself.
	term := &Terminal{t: t, cmd: exec.CommandContext(context.Background(), path, args...), patience: o.Patience, input: newQueue()}
	term.news.L = &term.mu
	term.cmd.Dir = o.Dir
	term.cmd.Env = append(environment(), o.Env...)
	var err error
	term.pty, err = startOnPty(term.cmd, o.Cols, o.Rows)
	if err != nil {
		t.Fatalf("testterm: %s does not start: %v", path, err)
	}
	term.screen = newScreen(o.Cols, o.Rows, func(b []byte) {
		if o.Answer {
			term.input.put(b)
		}
	})
	term.running.Add(3)
	go term.takeOutput()
	go term.giveInput()
	go term.reap()
	t.Cleanup(term.close)
	return term
}

// environment is what every program gets, so that a test doesn't depend on who runs it.
func environment() []string {
	env := []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// takeOutput brings the program's output to the screen until the last holder of the terminal is gone.
func (t *Terminal) takeOutput() {
	defer t.running.Done()
	buf := make([]byte, 32<<10)
	for {
		n, err := t.pty.Read(buf)
		t.mu.Lock()
		t.output = append(t.output, buf[:n]...)
		_, _ = t.screen.em.Write(buf[:n])
		t.read = err != nil
		t.news.Broadcast()
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// giveInput hands over what was typed and answered.
func (t *Terminal) giveInput() {
	defer t.running.Done()
	for {
		b, ok := t.input.take()
		if !ok {
			return
		}
		if _, err := t.pty.Write(b); err != nil {
			return
		}
	}
}

// reap waits for the program's end.
func (t *Terminal) reap() {
	defer t.running.Done()
	_ = t.cmd.Wait() // the exit code is read from ProcessState
	t.mu.Lock()
	t.exited = true
	t.news.Broadcast()
	t.mu.Unlock()
}

// close kills what still runs and waits until nothing of this terminal is left.
func (t *Terminal) close() {
	_ = t.cmd.Process.Kill() // refuses by itself once the program is reaped
	t.input.close()
	_ = t.pty.Close()
	t.running.Wait()
	t.screen.close()
}

// Signal sends a signal to the program, by its pid.
func (t *Terminal) Signal(sig os.Signal) *Terminal {
	t.t.Helper()
	if err := t.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.t.Fatalf("testterm: signal %v: %v", sig, err)
	}
	return t
}

// HangUp closes the terminal under the program, as a dropped SSH connection does: the program gets SIGHUP, and nothing
// that it writes afterwards is seen.
func (t *Terminal) HangUp() *Terminal {
	_ = t.pty.Close()
	return t
}

// Wait waits for the program's end and all its output, and gives its exit code, or 128 and the number of the signal that
// ended it, as a shell does. The test fails when it hasn't ended at the deadline.
func (t *Terminal) Wait() int {
	t.t.Helper()
	t.mu.Lock()
	done := t.waitFor(t.patience, func() bool { return t.exited && t.read })
	text := t.screen.grid()
	t.mu.Unlock()
	if !done {
		t.t.Fatalf("testterm: the program has not ended after %v\n%s", t.patience, frame(text))
	}
	if status, ok := t.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return t.cmd.ProcessState.ExitCode()
}

// waitFor waits, with t.mu held, until the condition holds, and reports whether it did before the deadline.
func (t *Terminal) waitFor(patience time.Duration, holds func() bool) bool {
	late := false
	timer := time.AfterFunc(patience, func() {
		t.mu.Lock()
		late = true
		t.news.Broadcast()
		t.mu.Unlock()
	})
	defer timer.Stop()
	for !holds() {
		if late {
			return false
		}
		t.news.Wait()
	}
	return true
}

// Bytes is the number of bytes that the program has written so far.
func (t *Terminal) Bytes() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.output)
}

// Output is a copy of every byte that the program has written so far: for what must never be sent to a terminal.
func (t *Terminal) Output() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.output)
}

// Grid is the screen as it is now, even in the middle of a frame. Expect something first.
func (t *Terminal) Grid() *Grid {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.grid()
}

// Screen is the text of the screen as it is now: one line a row, without the blanks at their ends.
func (t *Terminal) Screen() string { return t.Grid().Text() }

// Line is the text of a row as it is now, without the blanks at its end: from 0 at the top, or from -1 at the bottom.
func (t *Terminal) Line(n int) string { return t.Grid().Line(n) }

// AltScreen tells whether the program has the alternate screen.
func (t *Terminal) AltScreen() bool { return t.Grid().AltScreen }

// CursorVisible tells whether the cursor shows.
func (t *Terminal) CursorVisible() bool { return t.Grid().CursorVisible }

// LeftOver names the modes that the program has changed and not put back, as "mode ?2004 on" or "kitty keyboard". After a
// clean end there are none.
func (t *Terminal) LeftOver() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.leftOver()
}

// SVG draws the screen as it is now. See Grid.SVG.
func (t *Terminal) SVG(w io.Writer, title string) error { return t.Grid().SVG(w, title) }
