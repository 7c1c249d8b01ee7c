// Package draw draws the parts of screens: panes, boxes, tables, fields, styles and the layout. It does not import any
// screen.
package draw

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"wardlight/internal/text"
)

// Pane is drawn lines, and the position of the terminal's cursor in them.
type Pane struct {
	Lines  []string
	Cursor *tea.Position // relative to the pane's top left; nil hides the cursor
}

// Lines returns a pane without a cursor.
func Lines(l ...string) Pane { return Pane{Lines: l} }

// Moved returns the position of the pane's cursor if the pane is placed at x, y.
func (p Pane) Moved(x, y int) *tea.Position {
	if p.Cursor == nil {
		return nil
	}
	return &tea.Position{X: p.Cursor.X + x, Y: p.Cursor.Y + y}
}

// Width returns the width of the widest line.
func (p Pane) Width() int {
	w := 0
	for _, l := range p.Lines {
		w = max(w, text.Width(l))
	}
	return w
}

// Fit returns the pane padded or truncated to exactly w cells and h lines.
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

// Indent returns the pane with n spaces before each line.
func (p Pane) Indent(n int) Pane {
	blank := strings.Repeat(" ", n)
	out := make([]string, len(p.Lines))
	for i, l := range p.Lines {
		out[i] = blank + l
	}
	return Pane{Lines: out, Cursor: p.Moved(n, 0)}
}

// Stack returns the panes stacked from top to bottom.
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

// Beside returns left, fitted to w cells, with right beside it after a gap.
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

// Centred returns the pane in a pane of w by h cells, centred horizontally and slightly above the middle.
func (p Pane) Centred(w, h int) Pane {
	x, y := max(0, (w-p.Width())/2), max(0, (h-len(p.Lines))/3)
	p = p.Indent(x)
	return Stack(Pane{Lines: make([]string, y)}, p).Fit(w, h)
}

// border is the characters of a box.
type border struct{ h, v, tl, tr, bl, br string }

// The two kinds of box. All console fonts have these characters. Double is for alerts only.
var (
	Single = border{"─", "│", "┌", "┐", "└", "┘"}
	Double = border{"═", "║", "╔", "╗", "╚", "╝"}
)

// Box draws a box around inner, with title in its upper border, w cells wide and h lines high, or as high as needed if
// h is 0. It leaves one cell of space at the left and right.
func Box(b border, st, titleStyle lipgloss.Style, title string, inner Pane, w, h int) Pane {
	switch {
	case h == 0:
		h = len(inner.Lines) + 2
	case h < 2: // no space for the borders
		return Pane{}.Fit(w, max(0, h))
	}

	in := inner.Indent(1).Fit(w-2, h-2)
	out := make([]string, 0, h)
	top := st.Render(b.tl + b.h)
	if title != "" {
		top += titleStyle.Render(" " + text.Truncate(title, w-6) + " ") // including the spaces: one style run
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

// Headed draws a box with head, a line of w cells, in place of its upper border. A band in reverse or with a background
// costs a line a fraction of the bytes of a border.
func Headed(b border, st lipgloss.Style, head string, inner Pane, w int) Pane {
	p := Box(b, st, st, "", inner, w, 0)
	p.Lines[0] = head
	return p
}

// Panel draws the default box.
func (t Styles) Panel(title string, inner Pane, w, h int) Pane {
	return Box(Single, t.Line, t.Strong, title, inner, w, h)
}

// Focus draws the box of the pane with the focus.
func (t Styles) Focus(title string, inner Pane, w, h int) Pane {
	return Box(Single, t.focused, t.Strong, title, inner, w, h)
}

// Paragraph returns s wrapped to w cells, in the style st.
func Paragraph(st lipgloss.Style, s string, w int) Pane {
	wrapped := text.Wrap(s, w)
	for i := range wrapped {
		wrapped[i] = st.Render(wrapped[i])
	}
	return Pane{Lines: wrapped}
}

// ColumnGap is the space between the columns of a table.
const ColumnGap = 2

// Columns joins cells, each padded or truncated to its width.
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

// MarkedColumns returns columns with the text of the first cell in the style st. The rest is not styled, because
// restyling the whole row at each move takes a fifth of a second on a slow line.
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

// AtLeast pads a pane to h lines of w cells.
func (p Pane) AtLeast(h, w int) Pane {
	if len(p.Lines) >= h {
		return p
	}
	return p.Fit(w, h)
}
