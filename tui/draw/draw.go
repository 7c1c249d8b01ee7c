// Package draw has what screens are drawn with: panes, boxes, tables, fields, styles and the layout. It knows no step.
package draw

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"wardlight/internal/text"
)

// Pane is drawn lines, and where in them the terminal's cursor stands.
type Pane struct {
	Lines  []string
	Cursor *tea.Position // counted from the pane's top left; nil hides it
}

// Lines returns a pane without a cursor.
func Lines(l ...string) Pane { return Pane{Lines: l} }

// Moved returns the pane's cursor when the pane is put at x, y.
func (p Pane) Moved(x, y int) *tea.Position {
	if p.Cursor == nil {
		return nil
	}
	return &tea.Position{X: p.Cursor.X + x, Y: p.Cursor.Y + y}
}

// Width returns the widest line.
func (p Pane) Width() int {
	w := 0
	for _, l := range p.Lines {
		w = max(w, text.Width(l))
	}
	return w
}

// Fit makes the pane exactly w cells wide and h lines high; it cuts what is too much.
func (p Pane) Fit(w, h int) Pane {
	out := make([]string, h)
	for i := range out {
		l := ""
		if i < len(p.Lines) {
			l = p.Lines[i]
		}
		switch n := text.Width(l); {
		case n > w:
			l = text.Pad(text.Truncate(l, w), w)
		case n < w:
			l += strings.Repeat(" ", w-n)
		}
		out[i] = l
	}
	p.Lines = out
	if p.Cursor != nil && (p.Cursor.X >= w || p.Cursor.Y >= h) {
		p.Cursor = nil
	}
	return p
}

// Indent puts n spaces before each line.
func (p Pane) Indent(n int) Pane {
	blank := strings.Repeat(" ", n)
	out := make([]string, len(p.Lines))
	for i, l := range p.Lines {
		out[i] = blank + l
	}
	return Pane{Lines: out, Cursor: p.Moved(n, 0)}
}

// Stack puts panes below each other.
func Stack(panes ...Pane) Pane {
	var out Pane
	for _, p := range panes {
		if out.Cursor == nil {
			out.Cursor = p.Moved(0, len(out.Lines))
		}
		out.Lines = append(out.Lines, p.Lines...)
	}
	return out
}

// Beside puts right to the right of left, which fills w cells, with a gap between.
func Beside(left Pane, w, gap int, right Pane) Pane {
	h := max(len(left.Lines), len(right.Lines))
	left, out := left.Fit(w, h), make([]string, h)
	for i := range out {
		out[i] = left.Lines[i]
		if i < len(right.Lines) {
			out[i] += strings.Repeat(" ", gap) + right.Lines[i]
		}
	}
	cursor := left.Cursor
	if cursor == nil {
		cursor = right.Moved(w+gap, 0)
	}
	return Pane{Lines: out, Cursor: cursor}
}

// Centred puts the pane into the middle of w by h cells, a little above it, where the eye looks first.
func (p Pane) Centred(w, h int) Pane {
	x, y := max(0, (w-p.Width())/2), max(0, (h-len(p.Lines))/3)
	p = p.Indent(x)
	return Stack(Pane{Lines: make([]string, y)}, p).Fit(w, h)
}

// border is the characters of a box.
type border struct{ h, v, tl, tr, bl, br string }

// The two kinds of box. Both are in every console font; the double line is for an alert alone.
var (
	Single = border{"─", "│", "┌", "┐", "└", "┘"}
	Double = border{"═", "║", "╔", "╗", "╚", "╝"}
)

// Box draws a frame in the style round the pane, with a title in its upper edge: w cells wide, h lines high (0: as high
// as the content needs), one cell of space inside left and right.
func Box(b border, st, titleStyle lipgloss.Style, title string, inner Pane, w, h int) Pane {
	switch {
	case h == 0:
		h = len(inner.Lines) + 2
	case h < 2: // there is no room for its edges
		return Pane{}.Fit(w, max(0, h))
	}
	in := inner.Indent(1).Fit(w-2, h-2)
	out := make([]string, 0, h)
	top := st.Render(b.tl + b.h)
	if title != "" {
		top += titleStyle.Render(" " + text.Truncate(title, w-6) + " ") // the spaces too: a frame of one style is one run of it
	}
	top += st.Render(strings.Repeat(b.h, max(0, w-1-text.Width(top))) + b.tr)
	out = append(out, top)
	side := st.Render(b.v)
	for _, l := range in.Lines {
		out = append(out, side+l+side)
	}
	out = append(out, st.Render(b.bl+strings.Repeat(b.h, w-2)+b.br))
	return Pane{Lines: out, Cursor: in.Moved(1, 1)}
}

// Panel returns the usual box.
func (t Styles) Panel(title string, inner Pane, w, h int) Pane {
	return Box(Single, t.Line, t.Strong, title, inner, w, h)
}

// Focus returns the box round what the keys move in.
func (t Styles) Focus(title string, inner Pane, w, h int) Pane {
	return Box(Single, t.focused, t.Strong, title, inner, w, h)
}

// Paragraph wraps s to w cells, each line in the style.
func Paragraph(st lipgloss.Style, s string, w int) Pane {
	wrapped := text.Wrap(s, w)
	for i := range wrapped {
		wrapped[i] = st.Render(wrapped[i])
	}
	return Pane{Lines: wrapped}
}

// ColumnGap is the space between the columns of a table.
const ColumnGap = 2

// Columns joins cells that each fill a width; what is too long is cut with an ellipsis.
func Columns(widths []int, cells ...string) string {
	var b strings.Builder
	for i, c := range cells {
		if i > 0 {
			b.WriteString(strings.Repeat(" ", ColumnGap))
		}
		b.WriteString(text.Pad(text.Truncate(c, widths[i]), widths[i]))
	}
	return b.String()
}

// MarkedColumns returns columns whose first cell is in the style, as far as its text goes: a line across the whole
// row would be drawn anew with each move, on a slow line a fifth of a second.
func MarkedColumns(st lipgloss.Style, widths []int, cells ...string) string {
	first := text.Truncate(cells[0], widths[0])
	row := Columns(widths, cells...)
	return st.Render(first) + strings.TrimPrefix(row, first)
}

// Dense returns a pane without its empty lines.
func Dense(p Pane) Pane {
	var out Pane
	for i, l := range p.Lines {
		if p.Cursor != nil && p.Cursor.Y == i {
			out.Cursor = p.Moved(0, len(out.Lines)-i)
		}
		if strings.TrimSpace(l) != "" {
			out.Lines = append(out.Lines, l)
		}
	}
	return out
}

// Gap returns n empty lines.
func Gap(n int) Pane { return Pane{Lines: make([]string, n)} }

// AtLeast fills a pane up to h lines of w cells.
func (p Pane) AtLeast(h, w int) Pane {
	if len(p.Lines) >= h {
		return p
	}
	return p.Fit(w, h)
}
