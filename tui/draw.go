package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"wardlight/internal/text"
)

// pane is drawn lines, and where in them the terminal's cursor stands.
type pane struct {
	lines  []string
	cursor *tea.Position // counted from the pane's top left; nil hides it
}

// lines is a pane without a cursor.
func lines(l ...string) pane { return pane{lines: l} }

// moved is the pane's cursor when the pane is put at x, y.
func (p pane) moved(x, y int) *tea.Position {
	if p.cursor == nil {
		return nil
	}
	return &tea.Position{X: p.cursor.X + x, Y: p.cursor.Y + y}
}

// width is the widest line.
func (p pane) width() int {
	w := 0
	for _, l := range p.lines {
		w = max(w, text.Width(l))
	}
	return w
}

// fit makes the pane exactly w cells wide and h lines high; it cuts what is too much.
func (p pane) fit(w, h int) pane {
	out := make([]string, h)
	for i := range out {
		l := ""
		if i < len(p.lines) {
			l = p.lines[i]
		}
		switch n := text.Width(l); {
		case n > w:
			l = text.Pad(text.Truncate(l, w), w)
		case n < w:
			l += strings.Repeat(" ", w-n)
		}
		out[i] = l
	}
	p.lines = out
	if p.cursor != nil && (p.cursor.X >= w || p.cursor.Y >= h) {
		p.cursor = nil
	}
	return p
}

// indent puts n spaces before each line.
func (p pane) indent(n int) pane {
	blank := strings.Repeat(" ", n)
	out := make([]string, len(p.lines))
	for i, l := range p.lines {
		out[i] = blank + l
	}
	return pane{lines: out, cursor: p.moved(n, 0)}
}

// stack puts panes below each other.
func stack(panes ...pane) pane {
	var out pane
	for _, p := range panes {
		if out.cursor == nil {
			out.cursor = p.moved(0, len(out.lines))
		}
		out.lines = append(out.lines, p.lines...)
	}
	return out
}

// beside puts right to the right of left, which fills w cells, with a gap between.
func beside(left pane, w, gap int, right pane) pane {
	h := max(len(left.lines), len(right.lines))
	left, out := left.fit(w, h), make([]string, h)
	for i := range out {
		out[i] = left.lines[i]
		if i < len(right.lines) {
			out[i] += strings.Repeat(" ", gap) + right.lines[i]
		}
	}
	cursor := left.cursor
	if cursor == nil {
		cursor = right.moved(w+gap, 0)
	}
	return pane{lines: out, cursor: cursor}
}

// centred puts the pane into the middle of w by h cells, a little above it, where the eye looks first.
func (p pane) centred(w, h int) pane {
	x, y := max(0, (w-p.width())/2), max(0, (h-len(p.lines))/3)
	p = p.indent(x)
	return stack(pane{lines: make([]string, y)}, p).fit(w, h)
}

// border is the characters of a box.
type border struct{ h, v, tl, tr, bl, br string }

// The two kinds of box. Both are in every console font; the double line is for an alert alone.
var (
	single = border{"─", "│", "┌", "┐", "└", "┘"}
	double = border{"═", "║", "╔", "╗", "╚", "╝"}
)

// box draws a frame in the style round the pane, with a title in its upper edge: w cells wide, h lines high (0: as high
// as the content needs), one cell of space inside left and right.
func box(b border, st, titleStyle lipgloss.Style, title string, inner pane, w, h int) pane {
	switch {
	case h == 0:
		h = len(inner.lines) + 2
	case h < 2: // there is no room for its edges
		return pane{}.fit(w, max(0, h))
	}
	in := inner.indent(1).fit(w-2, h-2)
	out := make([]string, 0, h)
	top := st.Render(b.tl + b.h)
	if title != "" {
		top += titleStyle.Render(" " + text.Truncate(title, w-6) + " ") // the spaces too: a frame of one style is one run of it
	}
	top += st.Render(strings.Repeat(b.h, max(0, w-1-text.Width(top))) + b.tr)
	out = append(out, top)
	side := st.Render(b.v)
	for _, l := range in.lines {
		out = append(out, side+l+side)
	}
	out = append(out, st.Render(b.bl+strings.Repeat(b.h, w-2)+b.br))
	return pane{lines: out, cursor: in.moved(1, 1)}
}

// panel is the usual box.
func (t theme) panel(title string, inner pane, w, h int) pane {
	return box(single, t.line, t.strong, title, inner, w, h)
}

// focus is the box round what the keys move in.
func (t theme) focus(title string, inner pane, w, h int) pane {
	return box(single, t.focused, t.strong, title, inner, w, h)
}

// paragraph wraps s to w cells, each line in the style.
func paragraph(st lipgloss.Style, s string, w int) pane {
	wrapped := text.Wrap(s, w)
	for i := range wrapped {
		wrapped[i] = st.Render(wrapped[i])
	}
	return pane{lines: wrapped}
}

// columnGap is the space between the columns of a table.
const columnGap = 2

// columns joins cells that each fill a width; what is too long is cut with an ellipsis.
func columns(widths []int, cells ...string) string {
	var b strings.Builder
	for i, c := range cells {
		if i > 0 {
			b.WriteString(strings.Repeat(" ", columnGap))
		}
		b.WriteString(text.Pad(text.Truncate(c, widths[i]), widths[i]))
	}
	return b.String()
}

// markedColumns are columns whose first cell is in the style, as far as its text goes: a line across the whole row would be
// drawn anew with each move, on a slow line a fifth of a second.
func markedColumns(st lipgloss.Style, widths []int, cells ...string) string {
	first := text.Truncate(cells[0], widths[0])
	row := columns(widths, cells...)
	return st.Render(first) + strings.TrimPrefix(row, first)
}

// dense is a pane without its empty lines.
func dense(p pane) pane {
	var out pane
	for i, l := range p.lines {
		if p.cursor != nil && p.cursor.Y == i {
			out.cursor = p.moved(0, len(out.lines)-i)
		}
		if strings.TrimSpace(l) != "" {
			out.lines = append(out.lines, l)
		}
	}
	return out
}

// gap is n empty lines.
func gap(n int) pane { return pane{lines: make([]string, n)} }
