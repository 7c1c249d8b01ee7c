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

// Console is a running program and the terminal that it runs on. Its methods return errors; those of a Terminal,
// which is a Console for tests, fail the test. They are for one goroutine, except Kill.
type Console struct {
	cmd      *exec.Cmd
	pty      *os.File
	patience time.Duration
	clock    Clock    // nil for the computer's
	typed    []string // since clock was moved

	mu     sync.Mutex
	news   sync.Cond // output came, the program ended, or a deadline passed
	screen *screen
	output []byte
	read   bool // all output is in
	exited bool

	input   *queue // typed and answered, not yet taken by the program
	running sync.WaitGroup
	closing sync.Once
}

// StartConsole starts the program at path on a new pseudo-terminal, as the leader of a session that the terminal
// controls. The caller has to Close the Console. The error is that of starting.
func StartConsole(o Options, path string, args ...string) (*Console, error) {
	o.fill()
	// No context: how the program ends is what is looked at. Close ends it in any case.
	c := &Console{cmd: exec.CommandContext(context.Background(), path, args...), patience: o.Patience, clock: o.Clock, input: newQueue()}
	c.news.L = &c.mu
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
	go c.takeOutput()
	go c.giveInput()
	go c.reap()
	return c, nil
}

// environment returns what every program gets, so that a test doesn't depend on who runs it.
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
func (c *Console) takeOutput() {
	defer c.running.Done()
	buf := make([]byte, 32<<10)
	for {
		n, err := c.pty.Read(buf)
		c.mu.Lock()
		c.output = append(c.output, buf[:n]...)
		_, _ = c.screen.em.Write(buf[:n])
		c.read = err != nil
		c.news.Broadcast()
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// giveInput hands over what was typed and answered.
func (c *Console) giveInput() {
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

// reap waits for the program's end.
func (c *Console) reap() {
	defer c.running.Done()
	_ = c.cmd.Wait() // the exit code is read from ProcessState
	c.mu.Lock()
	c.exited = true
	c.news.Broadcast()
	c.mu.Unlock()
}

// Kill ends the program as a crash would. Any goroutine may call it.
func (c *Console) Kill() { _ = c.cmd.Process.Kill() } // refuses by itself once the program is reaped

// Close kills what still runs and waits until nothing of this terminal is left. A second Close does nothing.
func (c *Console) Close() {
	c.closing.Do(func() {
		c.Kill()
		c.input.close()
		_ = c.pty.Close()
		c.running.Wait()
		c.screen.close()
	})
}

// Signal sends a signal to the program, by its pid. To a program that has ended it sends nothing.
func (c *Console) Signal(sig os.Signal) error {
	if err := c.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal %v: %w", sig, err)
	}
	return nil
}

// HangUp closes the terminal under the program, as a dropped SSH connection does: the program gets SIGHUP, and nothing
// that it writes afterwards is seen.
func (c *Console) HangUp() { _ = c.pty.Close() }

// Wait waits for the program's end and all its output, and returns its exit code, or 128 and the number of the signal
// that ended it, as a shell does. The error says that it has not ended at the deadline.
func (c *Console) Wait() (int, error) {
	c.mu.Lock()
	done := c.waitFor(c.patience, c.ended)
	g := c.screen.grid()
	c.mu.Unlock()
	if !done {
		return 0, &ScreenError{Problem: "the program has not ended", When: fmt.Sprintf("after %v", c.patience), Screen: frame(g)}
	}
	if status, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return c.cmd.ProcessState.ExitCode(), nil
}

// ended reports whether the program has ended and all its output is in. c.mu is held.
func (c *Console) ended() bool { return c.exited && c.read }

// waitFor waits, with c.mu held, until the condition holds, and reports whether it did before the deadline.
func (c *Console) waitFor(patience time.Duration, holds func() bool) bool {
	late := false
	timer := time.AfterFunc(patience, func() {
		c.mu.Lock()
		late = true
		c.news.Broadcast()
		c.mu.Unlock()
	})
	defer timer.Stop()
	for !holds() {
		if late {
			return false
		}
		c.news.Wait()
	}
	return true
}

// Bytes returns the number of bytes that the program has written so far.
func (c *Console) Bytes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.output)
}

// Output returns a copy of every byte that the program has written so far: for what must never be sent to a terminal.
func (c *Console) Output() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.output)
}

// Grid returns the screen as it is now, even in the middle of a frame. Expect something first.
func (c *Console) Grid() *Grid {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.screen.grid()
}

// Screen returns the text of the screen as it is now: one line a row, without the blanks at their ends.
func (c *Console) Screen() string { return c.Grid().Text() }

// Line returns the text of a row as it is now, without the blanks at its end: from 0 at the top, or from -1 at the
// bottom.
func (c *Console) Line(n int) string { return c.Grid().Line(n) }

// AltScreen tells whether the program has the alternate screen.
func (c *Console) AltScreen() bool { return c.Grid().AltScreen }

// CursorVisible tells whether the cursor shows.
func (c *Console) CursorVisible() bool { return c.Grid().CursorVisible }

// LeftOver names the modes that the program has changed and not put back, as "mode ?2004 on" or "kitty keyboard".
// After a clean end there are none.
func (c *Console) LeftOver() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.screen.leftOver()
}

// SVG draws the screen as it is now. See Grid.SVG.
func (c *Console) SVG(w io.Writer, title string) error { return c.Grid().SVG(w, title) }
