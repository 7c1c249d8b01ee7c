package privacy

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// linesPage is the number of rows that linear mode says at once.
const linesPage = 20

// rowList is the selection of a list, and what of the list is shown.
type rowList struct {
	chosen int // row
	from   int // first line shown
	shown  int // number of lines that fit, for paging
	listed int // in linear mode: first row of the page
}

// choices returns a command for each of n rows. do carries it out once the row is chosen.
func (l *rowList) choices(n int, do func() step.Action) []act.Command {
	all := make([]act.Command, n)
	for i := range all {
		all[i] = act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: func() step.Action {
			l.chosen = i
			return do()
		}}
	}
	return all
}

// moves returns the commands that move the selection among n rows: the arrow keys, and the keys for pages and ends.
// page is called for pages.
func (l *rowList) moves(c *step.Common, n int, page func(by int)) (main, minor []act.Command) {
	main = c.Updown(step.WordMove, n > 1, func(by int) { l.move(by, n) })
	return main, append(c.Paging(n > 1, l.shown, page), c.ToEnds(n > 1, n, func(row int) { l.chosen = row })...)
}

// move moves the selection by that many of n rows.
func (l *rowList) move(by, n int) { l.chosen = max(0, min(l.chosen+by, n-1)) }

// page moves the selection by that many of n rows, and linear mode to the page after or before of listed rows.
func (l *rowList) page(by, n, listed int) {
	l.move(by, n)
	switch after := l.listed + linesPage; {
	case by < 0:
		l.listed = max(0, l.listed-linesPage)
	case after < listed:
		l.listed = after
	}
}

// window returns the lines to show, of total lines in h, so that the line of the chosen row is among them.
func (l *rowList) window(total, line, h int) (first, last int) {
	if l.chosen == 0 { // the headings above the first row
		l.from = 0
	}
	first, last = draw.Window(total, line, l.from, h)
	l.from, l.shown = first, max(1, last-first)
	return first, last
}

// row returns a row of the list, marked if it is the chosen one.
func (l *rowList) row(t draw.Styles, row int, words string) draw.Pane {
	if row != l.chosen {
		return draw.Lines("  " + t.Plain.Render(words))
	}
	p := draw.Lines(draw.SignChosen + " " + t.Chosen.Render(words))
	p.Cursor = &tea.Position{}
	return p
}

// entries returns facts, a label and a value each, w cells wide.
func entries(t draw.Styles, facts []step.Fact, w int) draw.Pane {
	var out draw.Pane
	for _, f := range facts {
		out = draw.Stack(out, t.Entries(f.Label, f.Value, w))
	}
	return out
}
