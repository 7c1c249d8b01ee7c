package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wardlight/client"
	"wardlight/tui/alert"
	"wardlight/tui/draw"
	"wardlight/tui/find"
	"wardlight/tui/patient"
	"wardlight/tui/shell"
	"wardlight/tui/step"
	"wardlight/tui/worklist"
)

// sane checks what must hold of every screen, whatever happens; the bench calls it after every message.
func (b *bench) sane() {
	b.t.Helper()
	v := b.m.View()
	if !v.AltScreen {
		b.t.Fatal("not on the alternate screen")
	}
	if b.m.Leaving {
		if v.Content != "" {
			b.t.Fatalf("the last frame is not empty: %q", v.Content)
		}
		return
	}
	lines := strings.Split(v.Content, "\n")
	if len(lines) != b.m.Rows {
		b.t.Fatalf("%d lines on a screen of %d:\n%s", len(lines), b.m.Rows, ansi.Strip(v.Content))
	}
	words := make([]string, len(lines))
	for i, l := range lines {
		d := b.Look(l)
		if d.leak != "" {
			b.t.Fatalf("%s leaves for the terminal: %q", d.leak, v.Content)
		}
		if d.width > b.m.Cols {
			b.t.Fatalf("line %d is %d cells wide on a screen of %d: %q", i, d.width, b.m.Cols, d.words)
		}
		words[i] = d.words
	}
	shown := strings.Join(words, "\n")
	if c := v.Cursor; c != nil && (c.X < 0 || c.X >= b.m.Cols || c.Y < 0 || c.Y >= b.m.Rows) {
		b.t.Fatalf("the cursor is at %d,%d, off the screen", c.X, c.Y)
	}
	if b.m.Rows < draw.LeastRows || b.m.Cols < draw.LeastCols {
		return
	}
	if q := b.m.Dialog; (q == shell.NoDialog || q == shell.DiagnosticsDialog) && !b.m.Cfg.ASCII {
		b.marked(v, lines)
	}
	if b.m.FullDialog() {
		return
	}
	if p, ok := step.ScreenOf[*patient.Screen](b.m.Screens); ok {
		// The state stands in the part that never scrolls, and only the true one.
		fixed := strings.Join(words[:len(b.m.Header().Lines)+1], "\n")
		for _, s := range []client.State{client.Alert, client.NoneRecorded, client.NotChecked, client.CouldNotCheck} {
			if says := strings.Contains(fixed, s.String()); says != (s == p.State()) {
				b.t.Fatalf("the state is %q, and that the top says %q is %v:\n%s", p.State(), s, says, shown)
			}
		}
	}
	if _, ok := b.m.Top().(step.Bannered); ok {
		if r, ok := step.ScreenOf[*find.Results](b.m.Screens); ok {
			p, _ := step.ScreenOf[*patient.Screen](b.m.Screens)
			for _, row := range r.Rows {
				if row.Number != p.Number && strings.Contains(shown, row.Number.String()) {
					b.t.Fatalf("another patient than the banner's is on the screen:\n%s", shown)
				}
			}
		}
	}
	if f, ok := b.m.Top().(*find.Form); ok && b.m.Dialog == shell.NoDialog && !f.Asking.Pending() && f.Last != find.NotSearched {
		shown := flatten(shown)
		if !strings.Contains(shown, "Searched "+map[bool]string{false: "as typed:", true: "wider:"}[f.Wider]) {
			b.t.Fatalf("what was searched is not on the screen:\n%s", shown)
		}
		if !f.Wider && !strings.Contains(shown, f.Keys.Wider.Help().Key+" searches wider") {
			b.t.Fatalf("the wider search is not offered:\n%s", shown)
		}
	}
	if o, ok := b.m.Top().(*alert.Opened); ok && !o.Lookers && len(o.Opened.Plans) > 0 && !strings.Contains(shown, alert.WordRingNow) {
		b.t.Fatalf("the number to ring is not on the screen:\n%s", shown)
	}
	if w, ok := b.m.Top().(*worklist.Screen); ok {
		if strings.Contains(shown, step.WordNHSNo) {
			b.t.Fatalf("a list of several patients has one patient's banner:\n%s", shown)
		}
		if w.Part == worklist.ListShown && w.State.List.Tally().Alerts > 0 && !strings.Contains(shown, "ALERT") {
			b.t.Fatalf("somebody has an alert and the word is not on the screen:\n%s", shown)
		}
	}
	if b.m.Top().Typing() && b.m.Dialog == shell.NoDialog && v.Cursor == nil {
		b.t.Fatalf("a field has the focus and no cursor shows it:\n%s", shown)
	}
	if strings.Contains(shown, code) {
		b.t.Fatal("the passcode is on the screen")
	}
}

// drawn is what a line is that was drawn: what a terminal shows of it, how wide, and what would leave for the
// terminal besides.
type drawn struct {
	words, leak string
	width       int
}

// Look looks at a line once: most lines of a screen were on the one before.
func (b *bench) Look(line string) drawn {
	d, seen := b.drawn[line]
	if !seen {
		d = drawn{ansi.Strip(line), leakIn(line), ansi.StringWidth(line)}
		b.drawn[line] = d
	}
	return d
}

// marked checks that what is chosen, or has the focus, is marked by a sign and not by a style alone, and that the
// terminal's cursor stands on it: screen readers and magnifiers go by the cursor.
func (b *bench) marked(v tea.View, lines []string) {
	b.t.Helper()
	first := len(b.m.Header().Lines) + 1
	some := false
	for _, l := range lines[first : b.m.Rows-draw.FootRows] {
		some = some || strings.Contains(l, draw.SignChosen)
	}
	switch c := v.Cursor; {
	case c == nil && some:
		b.t.Fatalf("something is chosen and the cursor is not on it:\n%s", ansi.Strip(v.Content))
	case some && !strings.Contains(lines[c.Y], draw.SignChosen):
		b.t.Fatalf("the cursor is at %d,%d, where nothing is marked:\n%s", c.X, c.Y, ansi.Strip(v.Content))
	}
}
