package testterm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Console is a running program and its terminal. Its methods return errors; [Terminal] wraps a Console for tests and
// fails the test instead. Except for Kill, the methods are not safe for concurrent use.
type Console struct {
	cmd     *exec.Cmd
	pty     *os.File
	timeout time.Duration
	clock   Clock    // nil means the computer's
	typed   []string // input since the clock was last moved

	mu      sync.Mutex
	changed sync.Cond // signalled after output, the program's end, or a timeout
	screen  *screen
	output  []byte
	read    bool // all output has been read
	exited  bool

	input   *queue // typed text and answers to queries, not yet read by the program
	running sync.WaitGroup
	closing sync.Once
}

// StartConsole starts the program at path on a new pseudo-terminal, as the leader of a session with that controlling
// terminal. The caller must call Close. The error reports that the program can't be started.
func StartConsole(o Options, path string, args ...string) (*Console, error) {
	o.fill()

	// Without a context: tests examine how the program ends by itself. Close kills it in any case.
	c := &Console{
		cmd: exec.CommandContext(context.Background(), path, args...), timeout: o.Timeout, clock: o.Clock,
		input: newQueue(),
	}

	c.changed.L = &c.mu
	c.cmd.Dir = o.Dir
	c.cmd.Env = append(environment(), o.Env...)
	var err error
	if c.pty, err = startOnPty(c.cmd, o.Cols, o.Rows); err != nil {
		return nil, fmt.Errorf("%s does not start: %w", path, err)
	}

	c.screen = newScreen(o.Cols, o.Rows, func(b []byte) {
		if o.Answer {
			c.input.put(b)
		}
	})

	c.running.Add(3)
	go c.readOutput()
	go c.writeInput()
	go c.reap()
	return c, nil
}

// environment returns the environment that every program gets, so that a test doesn't depend on its user's.
func environment() []string {
	env := []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// readOutput copies the program's output to the screen until all processes have closed the terminal.
func (c *Console) readOutput() {
	defer c.running.Done()
	buf := make([]byte, 32<<10)
	for {
		n, err := c.pty.Read(buf)
		c.mu.Lock()
		c.output = append(c.output, buf[:n]...)
		_, _ = c.screen.em.Write(buf[:n])
		c.read = err != nil
		c.changed.Broadcast()
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// writeInput writes the queued input to the terminal.
func (c *Console) writeInput() {
	defer c.running.Done()
	for {
		b, ok := c.input.take()
		if !ok {
			return
		}
		if _, err := c.pty.Write(b); err != nil {
			return
		}
	}
}

// reap waits until the program has ended.
func (c *Console) reap() {
	defer c.running.Done()
	_ = c.cmd.Wait() // the exit code is read from ProcessState
	c.mu.Lock()
	c.exited = true
	c.changed.Broadcast()
	c.mu.Unlock()
}

// Kill kills the program. It is safe for concurrent use.
func (c *Console) Kill() { _ = c.cmd.Process.Kill() } // returns an error, and sends nothing, once the program is reaped

// Close kills the program if it is still running, and releases all resources of the terminal. Further calls do
// nothing.
func (c *Console) Close() {
	c.closing.Do(func() {
		c.Kill()
		c.input.close()
		_ = c.pty.Close()
		c.running.Wait()
		c.screen.close()
	})
}

// Signal sends a signal to the program. If the program has ended, it does nothing.
func (c *Console) Signal(sig os.Signal) error {
	if err := c.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal %v: %w", sig, err)
	}
	return nil
}

// HangUp closes the terminal, as a dropped SSH connection does. The program gets SIGHUP, and its further output is
// lost.
func (c *Console) HangUp() { _ = c.pty.Close() }

// Wait waits until the program has ended and all its output is read. It returns the exit code, or 128 plus the number
// of the signal that ended the program, as a shell does. The error is a *[ScreenError] if the program does not end in
// time.
func (c *Console) Wait() (int, error) {
	c.mu.Lock()
	done := c.waitUntil(c.timeout, c.ended)
	g := c.screen.grid()
	c.mu.Unlock()
	if !done {
		return 0, &ScreenError{
			Problem: "the program has not ended", When: fmt.Sprintf("after %v", c.timeout),
			Screen: frame(g),
		}
	}
	if status, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return c.cmd.ProcessState.ExitCode(), nil
}

// ended reports whether the program has ended and all its output is read. The caller must hold c.mu.
func (c *Console) ended() bool { return c.exited && c.read }

// waitUntil waits until holds returns true, and reports whether it did before the timeout. The caller must hold c.mu.
func (c *Console) waitUntil(timeout time.Duration, holds func() bool) bool {
	late := false
	timer := time.AfterFunc(timeout, func() {
		c.mu.Lock()
		late = true
		c.changed.Broadcast()
		c.mu.Unlock()
	})
	defer timer.Stop()
	for !holds() {
		if late {
			return false
		}
		c.changed.Wait()
	}
	return true
}

// Bytes returns the number of bytes of output so far.
func (c *Console) Bytes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.output)
}

// Output returns a copy of all output so far, for checks of what must never be sent to a terminal.
func (c *Console) Output() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.output)
}

// Grid returns the current screen, even if a frame is only partly drawn. Call Await or Expect before it.
func (c *Console) Grid() *Grid {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.screen.grid()
}

// Screen returns the text of the current screen, one line a row, without trailing blanks.
func (c *Console) Screen() string { return c.Grid().Text() }

// Line returns the text of a row of the current screen, without trailing blanks. Rows count from 0 at the top, or from
// -1 at the bottom.
func (c *Console) Line(n int) string { return c.Grid().Line(n) }

// AltScreen reports whether the alternate screen is active.
func (c *Console) AltScreen() bool { return c.Grid().AltScreen }

// CursorVisible reports whether the cursor is visible.
func (c *Console) CursorVisible() bool { return c.Grid().CursorVisible }

// ChangedModes returns the modes that the program has changed and not restored, as "mode ?2004 on" or "kitty keyboard".
// After a clean end there are none.
func (c *Console) ChangedModes() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.screen.changedModes()
}

// SVG writes the current screen as SVG. See [Grid.SVG].
func (c *Console) SVG(w io.Writer, title string) error { return c.Grid().SVG(w, title) }
