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

// checkInvariants checks the invariants of every screen. The bench calls it after every message.
func (b *modelTest) checkInvariants() {
	b.t.Helper()
	v := b.m.View() // also where nothing is checked: a screen learns its size when it is drawn
	if b.unchecked {
		return
	}

	if !v.AltScreen {
		b.t.Fatal("the view does not use the alternate screen")
	}

	if b.m.Leaving {
		if v.Content != "" {
			b.t.Fatalf("last frame = %q, want it empty", v.Content)
		}
		return
	}

	lines := strings.Split(v.Content, "\n")
	if len(lines) != b.m.Rows {
		b.t.Fatalf("got %d lines, want %d:\n%s", len(lines), b.m.Rows, ansi.Strip(v.Content))
	}

	words := make([]string, len(lines))
	for i, l := range lines {
		d := b.inspect(l)
		if d.leak != "" {
			b.t.Fatalf("the output contains %s: %q", d.leak, v.Content)
		}
		if d.width > b.m.Cols {
			b.t.Fatalf("line %d has %d cells, want at most %d: %q", i, d.width, b.m.Cols, d.words)
		}
		words[i] = d.words
	}

	shown := strings.Join(words, "\n")
	if c := v.Cursor; c != nil && (c.X < 0 || c.X >= b.m.Cols || c.Y < 0 || c.Y >= b.m.Rows) {
		b.t.Fatalf("the cursor is off the screen, at %d,%d", c.X, c.Y)
	}

	if b.m.Rows < draw.MinRows || b.m.Cols < draw.MinCols {
		return
	}

	if q := b.m.Dialog; (q == shell.NoDialog || q == shell.DiagnosticsDialog) && !b.m.Cfg.ASCII {
		b.checkFocusMarked(v, lines)
	}

	if b.m.FullDialog() {
		return
	}

	if p, ok := step.ScreenOf[*patient.Screen](b.m.Screens); ok {
		// The part that does not scroll shows the alert state, and no other state.
		fixed := strings.Join(words[:len(b.m.Header().Lines)+1], "\n")
		for _, s := range []client.State{client.Alert, client.NoneRecorded, client.NotChecked, client.CouldNotCheck} {
			if says := strings.Contains(fixed, s.String()); says != (s == p.State()) {
				b.t.Fatalf("alert state %q: the header shows %q = %v:\n%s", p.State(), s, says, shown)
			}
		}
	}

	if _, ok := b.m.Top().(step.Bannered); ok {
		if r, ok := step.ScreenOf[*find.Results](b.m.Screens); ok {
			p, _ := step.ScreenOf[*patient.Screen](b.m.Screens)
			for _, row := range r.Rows {
				if row.Number != p.Number && strings.Contains(shown, row.Number.String()) {
					b.t.Fatalf("the screen shows the NHS number of another patient than the banner's:\n%s", shown)
				}
			}
		}
	}

	if f, ok := b.m.Top().(*find.Form); ok && b.m.Dialog == shell.NoDialog && !f.Asking.Pending() &&
		f.Last != find.NotSearched {
		shown := flatten(shown)
		if !strings.Contains(shown, "Searched "+map[bool]string{false: "as typed:", true: "wider:"}[f.Wider]) {
			b.t.Fatalf("the screen does not show what was searched for:\n%s", shown)
		}
		if !f.Wider && !strings.Contains(shown, f.Keys.Wider.Help().Key+" searches wider") {
			b.t.Fatalf("the screen does not offer the wider search:\n%s", shown)
		}
	}

	if o, ok := b.m.Top().(*alert.Opened); ok && !o.HistoryFocused && len(o.Opened.Plans) > 0 &&
		!strings.Contains(shown, alert.WordRingNow) {
		b.t.Fatalf("the screen does not show whom to ring:\n%s", shown)
	}

	if w, ok := b.m.Top().(*worklist.Screen); ok {
		if strings.Contains(shown, step.WordNHSNo) {
			b.t.Fatalf("a list of several patients shows one patient's banner:\n%s", shown)
		}
		if w.Part == worklist.ListShown && w.State.List.Tally().Alerts > 0 && !strings.Contains(shown, "ALERT") {
			b.t.Fatalf("a patient has an alert, and the screen does not show ALERT:\n%s", shown)
		}
	}

	if b.m.Top().Typing() && b.m.Dialog == shell.NoDialog && v.Cursor == nil {
		b.t.Fatalf("a field has the focus, but the cursor is hidden:\n%s", shown)
	}

	if strings.Contains(shown, code) {
		b.t.Fatal("the screen shows the passcode")
	}
}

// drawn is a drawn line: its text, its width in cells, and what leakIn finds in it.
type drawn struct {
	words, leak string
	width       int
}

// inspect returns the properties of line. It caches them, because most lines of a screen were on the one before.
func (b *modelTest) inspect(line string) drawn {
	d, seen := b.drawn[line]
	if !seen {
		d = drawn{ansi.Strip(line), leakIn(line), ansi.StringWidth(line)}
		b.drawn[line] = d
	}
	return d
}

// checkFocusMarked checks that the chosen item, or the field with the focus, is marked by a sign and not only by a
// style, and that the terminal's cursor is on it. Screen readers and magnifiers follow the cursor.
func (b *modelTest) checkFocusMarked(v tea.View, lines []string) {
	b.t.Helper()
	first := len(b.m.Header().Lines) + 1
	some := false
	for _, l := range lines[first : b.m.Rows-draw.FootRows] {
		some = some || strings.Contains(l, draw.SignChosen)
	}
	switch c := v.Cursor; {
	case c == nil && some:
		b.t.Fatalf("an item is chosen, but the cursor is hidden:\n%s", ansi.Strip(v.Content))
	case some && !strings.Contains(lines[c.Y], draw.SignChosen):
		b.t.Fatalf("the cursor is at %d,%d, where no item is marked:\n%s", c.X, c.Y, ansi.Strip(v.Content))
	}
}
