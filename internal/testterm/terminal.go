// Package testterm is a terminal for tests. It runs a real program on a pseudo-terminal, shows its output on an
// emulated screen, types keys, waits for text on the screen, and writes the screen as SVG for the documentation.
//
// Tests do not sleep: Expect waits for a condition and fails after a timeout. The same scenario makes the assertions
// and the screenshots, so that they can't differ from the program. play, the benchmarks and tests import it.
package testterm

import (
	"os"
	"time"
)

// DefaultTimeout is the default timeout of a Console. It is long, because it must only catch a program that hangs.
const DefaultTimeout = 3 * time.Minute

// T is the part of *testing.T that a Terminal uses. Benchmarks outside of tests implement it too. Fatalf must not
// return.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Options configures the terminal. The zero value is 80 x 24 cells and answers no queries.
type Options struct {
	Cols, Rows int
	// Env is added to the default environment: PATH, HOME, TMPDIR and GOCOVERDIR of the test, TERM=xterm-256color,
	// COLORTERM=truecolor and LANG=C.UTF-8. Later entries replace earlier ones.
	Env []string
	// Dir is the working directory; "" means the test's.
	Dir string
	// Answer makes the terminal answer queries (colours, modes, attributes, cursor), as modern ones do. Otherwise
	// queries are ignored, as old and serial terminals do.
	Answer bool
	// Timeout is the timeout; 0 means the constant DefaultTimeout.
	Timeout time.Duration
	// Clock controls the clock of a program that supports it; nil means that the program uses the computer's.
	Clock Clock
}

// fill sets defaults for the fields that are zero.
func (o *Options) fill() {
	if o.Cols == 0 {
		o.Cols = 80
	}
	if o.Rows == 0 {
		o.Rows = 24
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
}

// Terminal is a Console that fails its test instead of returning errors. Its methods must be called from the test's
// goroutine.
type Terminal struct {
	*Console
	t T
}

// Start runs the program at path, as StartConsole does, and fails the test if it can't. At the end of the test it
// kills the program. It does not use the test's context, which ends before the test's cleanups: they may still wait
// for the program to end by itself.
func Start(t T, o Options, path string, args ...string) *Terminal {
	t.Helper()
	c, err := StartConsole(o, path, args...)
	if err != nil {
		t.Fatalf("testterm: %v", err)
	}
	t.Cleanup(c.Close)
	return &Terminal{Console: c, t: t}
}

// must fails the test if err is not nil.
func (t *Terminal) must(err error) *Terminal {
	t.t.Helper()
	if err != nil {
		t.t.Fatalf("testterm: %v", err)
	}
	return t
}

// Type sends text as if it were typed, without a final Enter. It does not wait.
func (t *Terminal) Type(s string) *Terminal {
	t.Console.Type(s)
	return t
}

// Press sends keys, given by name, as Console.Press does.
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

// Expect waits until all matchers match the same screen, as Console.Await does.
func (t *Terminal) Expect(matchers ...Matcher) *Terminal {
	t.t.Helper()
	return t.must(t.Await(matchers...))
}

// ExpectOrEnd waits until the matcher matches or the program has ended, and reports whether it matched. It fails the
// test after the timeout.
func (t *Terminal) ExpectOrEnd(m Matcher) bool {
	t.t.Helper()
	holds, err := t.AwaitOrEnd(m)
	t.must(err)
	return holds
}

// ExpectGone waits until none of the matchers matches. Text that is still to come matches none either, so Expect it
// first.
func (t *Terminal) ExpectGone(matchers ...Matcher) *Terminal {
	t.t.Helper()
	gone := make([]Matcher, len(matchers))
	for i, m := range matchers {
		gone[i] = Not(m)
	}
	return t.Expect(gone...)
}

// PressUntil presses a key until the matcher matches, as Console.Insist does.
func (t *Terminal) PressUntil(key string, m Matcher) *Terminal {
	t.t.Helper()
	return t.must(t.Console.PressUntil(key, m))
}

// TypeUntil types a line and Enter until the matcher matches, as Console.TypeUntil does.
func (t *Terminal) TypeUntil(line string, m Matcher) *Terminal {
	t.t.Helper()
	return t.must(t.Console.TypeUntil(line, m))
}

// ExpectModesRestored fails the test if the program has not restored every mode that it changed. Call it after Wait.
func (t *Terminal) ExpectModesRestored() *Terminal {
	t.t.Helper()
	return t.must(t.CheckModesRestored())
}

// Signal sends a signal to the program.
func (t *Terminal) Signal(sig os.Signal) *Terminal {
	t.t.Helper()
	return t.must(t.Console.Signal(sig))
}

// HangUp closes the terminal, as Console.HangUp does.
func (t *Terminal) HangUp() *Terminal {
	t.Console.HangUp()
	return t
}

// Wait waits until the program has ended and returns its exit code, as Console.Wait does.
func (t *Terminal) Wait() int {
	t.t.Helper()
	code, err := t.Console.Wait()
	t.must(err)
	return code
}
