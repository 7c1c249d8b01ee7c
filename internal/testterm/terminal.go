// Package testterm is the test terminal: it runs a real program on a pseudo-terminal, shows its output on an emulated
// screen, types keys, waits for what the screen should say, and draws the screen as an SVG for the documentation.
//
// Tests never sleep and never ask when: Expect waits for a condition and fails at a deadline. The same scenario that
// asserts draws the pictures, so that they can't differ from the program.
package testterm

import (
	"os"
	"time"
)

// Patience is how long a Console waits for what should come, unless Options say otherwise. It bounds a hung program, it
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
	// Clock is the program's clock, for a program that has one for tests; nil means the computer's.
	Clock Clock
}

// fill puts defaults where the options are silent.
func (o *Options) fill() {
	if o.Cols == 0 {
		o.Cols = 80
	}
	if o.Rows == 0 {
		o.Rows = 24
	}
	if o.Patience == 0 {
		o.Patience = Patience
	}
}

// Terminal is a Console that fails its test instead of returning errors. Its methods are for the test's goroutine.
type Terminal struct {
	*Console
	t T
}

// Start runs the program at path as Run does. The test fails at once when it can't. At the end of the test the
// program is killed, by its own pid, and reaped: not by the test's context, which ends before its cleanups, which may
// still want to see the program end by itself.
func Start(t T, o Options, path string, args ...string) *Terminal {
	t.Helper()
	c, err := StartConsole(o, path, args...)
	if err != nil {
		t.Fatalf("testterm: %v", err)
	}
	t.Cleanup(c.Close)
	return &Terminal{Console: c, t: t}
}

// must fails the test with an error.
func (t *Terminal) must(err error) *Terminal {
	t.t.Helper()
	if err != nil {
		t.t.Fatalf("testterm: %v", err)
	}
	return t
}

// Type sends text as if it were typed, without an Enter at the end. It doesn't wait.
func (t *Terminal) Type(s string) *Terminal {
	t.Console.Type(s)
	return t
}

// Press sends keys by their names, as Console.Press does.
func (t *Terminal) Press(keys ...string) *Terminal {
	t.t.Helper()
	return t.must(t.Console.Press(keys...))
}

// Paste sends text as a terminal pastes it, as Console.Paste does.
func (t *Terminal) Paste(s string) *Terminal {
	t.Console.Paste(s)
	return t
}

// Resize changes the size of the terminal; the program gets SIGWINCH.
func (t *Terminal) Resize(cols, rows int) *Terminal {
	t.t.Helper()
	return t.must(t.Console.Resize(cols, rows))
}

// Expect waits until all matchers hold on the same screen, as Console.Await does.
func (t *Terminal) Expect(matchers ...Matcher) *Terminal {
	t.t.Helper()
	return t.must(t.Await(matchers...))
}

// ExpectOrEnd waits until the matcher holds, which it reports, or the program has ended. The test fails at the
// deadline.
func (t *Terminal) ExpectOrEnd(m Matcher) bool {
	t.t.Helper()
	holds, err := t.AwaitOrEnd(m)
	t.must(err)
	return holds
}

// ExpectGone waits until none of the matchers holds. It says nothing of a text that hasn't come yet: Expect that first.
func (t *Terminal) ExpectGone(matchers ...Matcher) *Terminal {
	t.t.Helper()
	gone := make([]Matcher, len(matchers))
	for i, m := range matchers {
		gone[i] = Not(m)
	}
	return t.Expect(gone...)
}

// Insist presses a key until the matcher holds, as Console.Insist does.
func (t *Terminal) Insist(key string, m Matcher) *Terminal {
	t.t.Helper()
	return t.must(t.Console.Insist(key, m))
}

// InsistLine types a line and Enter until the matcher holds, as Console.InsistLine does.
func (t *Terminal) InsistLine(line string, m Matcher) *Terminal {
	t.t.Helper()
	return t.must(t.Console.InsistLine(line, m))
}

// ExpectNothingLeftOver fails at once when the program hasn't put back every mode that it changed. Ask it after Wait.
func (t *Terminal) ExpectNothingLeftOver() *Terminal {
	t.t.Helper()
	return t.must(t.CheckLeftOver())
}

// Signal sends a signal to the program, by its pid.
func (t *Terminal) Signal(sig os.Signal) *Terminal {
	t.t.Helper()
	return t.must(t.Console.Signal(sig))
}

// HangUp closes the terminal under the program, as Console.HangUp does.
func (t *Terminal) HangUp() *Terminal {
	t.Console.HangUp()
	return t
}

// Wait waits for the program's end and returns its exit code, as Console.Wait does.
func (t *Terminal) Wait() int {
	t.t.Helper()
	code, err := t.Console.Wait()
	t.must(err)
	return code
}
