package testterm

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"wardlight/internal/text"
)

// Type sends text as if it were typed, without an Enter at the end. It doesn't wait.
func (t *Terminal) Type(s string) *Terminal {
	t.input.put([]byte(s))
	return t
}

// Press sends keys by their names: "enter", "esc", "tab", "shift+tab", "up", "ctrl+l", "alt+x", "f1", "space", or a
// letter as itself. An unknown name fails the test. It doesn't wait, and a terminal sends "esc" and a following key as
// the same bytes as "alt" and that key: Expect what "esc" does before the next key.
func (t *Terminal) Press(keys ...string) *Terminal {
	t.t.Helper()
	t.mu.Lock()
	application := t.screen.changed[ansi.ModeCursorKeys]
	t.mu.Unlock()
	for _, key := range keys {
		b, ok := keyBytes(key, application)
		if !ok {
			t.t.Fatalf("testterm: there is no key %q", key)
		}
		t.input.put([]byte(b))
	}
	return t
}

// Paste sends text as a terminal pastes it: marked as pasted when the program asked for that, with carriage returns for
// line feeds.
func (t *Terminal) Paste(s string) *Terminal {
	s = strings.ReplaceAll(s, "\n", "\r")
	t.mu.Lock()
	if t.screen.changed[ansi.ModeBracketedPaste] {
		s = ansi.BracketedPasteStart + s + ansi.BracketedPasteEnd
	}
	t.mu.Unlock()
	return t.Type(s)
}

// Resize changes the size of the terminal; the program gets SIGWINCH.
func (t *Terminal) Resize(cols, rows int) *Terminal {
	t.t.Helper()
	t.mu.Lock()
	t.screen.em.Resize(cols, rows)
	t.mu.Unlock()
	if err := resizePty(t.pty, cols, rows); err != nil {
		t.t.Fatalf("testterm: resize to %dx%d: %v", cols, rows, err)
	}
	return t
}

// Expect waits until all matchers hold on the same screen. Frames that are still being drawn don't count. The test fails
// at the deadline, or as soon as the program has ended without it, and prints the matchers that don't hold and the whole
// screen.
func (t *Terminal) Expect(matchers ...Matcher) *Terminal {
	t.t.Helper()
	t.mu.Lock()
	var g *Grid
	var missing []string
	ended, looked := false, -1
	look := func() {
		if looked == len(t.output) {
			return
		}
		looked, g, missing = len(t.output), t.screen.grid(), nil
		for _, m := range matchers {
			if !m.Holds(g) {
				missing = append(missing, m.Name)
			}
		}
	}
	t.waitFor(t.patience, func() bool {
		ended = t.exited && t.read
		if ended || !t.screen.drawing() {
			look()
		}
		return ended || g != nil && len(missing) == 0
	})
	look()
	t.mu.Unlock()
	if len(missing) > 0 {
		after := fmt.Sprintf("after %v", t.patience)
		if ended {
			after = "and the program has ended"
		}
		t.t.Fatalf("testterm: not on the screen, %s:\n  %s\n%s", after, strings.Join(missing, "\n  "), frame(g))
	}
	return t
}

// ExpectOrEnd waits until the matcher holds, which it reports, or the program has ended. The test fails at the deadline.
func (t *Terminal) ExpectOrEnd(m Matcher) bool {
	t.t.Helper()
	t.mu.Lock()
	ended := false
	t.waitFor(t.patience, func() bool {
		ended = t.exited && t.read
		return ended || !t.screen.drawing() && m.Holds(t.screen.grid())
	})
	t.mu.Unlock()
	if ended {
		return false
	}
	t.Expect(m)
	return true
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

// ExpectNothingLeftOver fails at once when the program hasn't put back every mode that it changed. Ask it after Wait.
func (t *Terminal) ExpectNothingLeftOver() *Terminal {
	t.t.Helper()
	if left := t.LeftOver(); len(left) > 0 {
		t.t.Fatalf("testterm: the program leaves the terminal changed: %s", strings.Join(left, ", "))
	}
	return t
}

// frame is the screen in a frame, for the message of a failed test.
func frame(g *Grid) string {
	if g == nil {
		return "(no screen)"
	}
	var b strings.Builder
	edge := "+" + strings.Repeat("-", g.Cols) + "+\n"
	b.WriteString(edge)
	for y := range g.Rows {
		b.WriteString("|" + text.Pad(g.Line(y), g.Cols) + "|\n")
	}
	b.WriteString(edge)
	fmt.Fprintf(&b, "%dx%d, cursor %d,%d", g.Cols, g.Rows, g.CursorX, g.CursorY)
	if !g.CursorVisible {
		b.WriteString(" hidden")
	}
	if g.AltScreen {
		b.WriteString(", alternate screen")
	}
	return b.String()
}
