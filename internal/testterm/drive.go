package testterm

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"wardlight/internal/text"
)

// Type sends text as if it were typed, without a final Enter. It does not wait.
func (c *Console) Type(s string) {
	if c.clock != nil {
		c.typed = append(c.typed, s)
	}
	c.Send([]byte(s))
}

// Send sends bytes unchanged. Options.Clock does not count them. Use it for bytes that are not keys, or for a shell
// that has the terminal while the program is suspended. It does not wait.
func (c *Console) Send(b []byte) { c.input.put(b) }

// Press sends keys, given by name: "enter", "esc", "tab", "shift+tab", "up", "ctrl+l", "alt+x", "f1", "space", or a
// character itself. It returns an error for an unknown name. It does not wait. A terminal sends the same bytes for
// "esc" and a following key as for "alt" and that key, so Await the effect of "esc" before the next key.
func (c *Console) Press(keys ...string) error {
	c.mu.Lock()
	application := c.screen.changed[ansi.ModeCursorKeys]
	c.mu.Unlock()
	for _, key := range keys {
		b, ok := keyBytes(key, application)
		if !ok {
			return fmt.Errorf("there is no key %q", key)
		}
		c.Type(b)
	}
	return nil
}

// Paste sends text as a terminal pastes it: line feeds become carriage returns, and the text is bracketed if the
// program asked for that.
func (c *Console) Paste(s string) {
	s = strings.ReplaceAll(s, "\n", "\r")
	c.mu.Lock()
	if c.screen.changed[ansi.ModeBracketedPaste] {
		s = ansi.BracketedPasteStart + s + ansi.BracketedPasteEnd
	}
	c.mu.Unlock()
	c.Type(s)
}

// Resize changes the size of the terminal; the program gets SIGWINCH.
func (c *Console) Resize(cols, rows int) error {
	c.mu.Lock()
	c.screen.em.Resize(cols, rows)
	c.mu.Unlock()
	if err := resizePty(c.pty, cols, rows); err != nil {
		return fmt.Errorf("resize to %dx%d: %w", cols, rows, err)
	}
	return nil
}

// ScreenError reports that the screen does not become as expected, or that the program does not end.
type ScreenError struct {
	Problem string    // such as "not on the screen"
	When    string    // such as "after 1m0s", or "and the program has ended"
	Missing []Matcher // the matchers that don't match, in the order of the call
	Screen  string    // with a frame
}

// Error returns the problem, the matchers that don't match, and the screen.
func (e *ScreenError) Error() string {
	said := e.Problem + ", " + e.When
	if len(e.Missing) > 0 {
		said += ":"
	}
	for _, m := range e.Missing {
		said += "\n  " + m.Name
	}
	return said + "\n" + e.Screen
}

// Await waits until all matchers match the same screen. Partly drawn frames are not checked. The error is a
// *[ScreenError], after the timeout or as soon as the program has ended.
func (c *Console) Await(matchers ...Matcher) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var g *Grid
	var missing []Matcher
	ended, looked := false, -1
	look := func() {
		if looked == len(c.output) {
			return
		}
		looked, g, missing = len(c.output), c.screen.grid(), nil
		for _, m := range matchers {
			if !m.Matches(g) {
				missing = append(missing, m)
			}
		}
	}

	c.waitUntil(c.timeout, func() bool {
		ended = c.ended()
		if ended || !c.screen.drawing() {
			look()
		}
		return ended || g != nil && len(missing) == 0
	})

	look()
	if len(missing) == 0 {
		return nil
	}

	when := fmt.Sprintf("after %v", c.timeout)
	if ended {
		when = "and the program has ended"
	}

	return &ScreenError{Problem: "not on the screen", When: when, Missing: missing, Screen: frame(g)}
}

// AwaitOrEnd waits until the matcher matches or the program has ended, and reports whether it matched. After the
// timeout the error is a *[ScreenError].
func (c *Console) AwaitOrEnd(m Matcher) (bool, error) {
	c.mu.Lock()
	ended := false
	c.waitUntil(c.timeout, func() bool {
		ended = c.ended()
		return ended || !c.screen.drawing() && m.Matches(c.screen.grid())
	})
	c.mu.Unlock()
	if ended {
		return false, nil
	}
	err := c.Await(m)
	return err == nil, err
}

// CheckModesRestored returns an error if the program has not restored every mode that it changed. Call it after Wait.
func (c *Console) CheckModesRestored() error {
	if left := c.ChangedModes(); len(left) > 0 {
		return fmt.Errorf("the program leaves the terminal changed: %s", strings.Join(left, ", "))
	}
	return nil
}

// frame returns the screen with a frame, for failure messages.
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

// Frame returns the current screen with a frame.
func (c *Console) Frame() string { return frame(c.Grid()) }
