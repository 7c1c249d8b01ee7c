package testterm

import (
	"bytes"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Cell is one cell of the screen with its style.
type Cell struct {
	Text      string      // one character; " " if empty, "" in the second half of a wide character
	Width     int         // 1 or 2; 0 in the second half of a wide character
	Fg, Bg    color.Color // nil (default), ansi.BasicColor, ansi.IndexedColor or an RGB colour
	Bold      bool
	Faint     bool
	Italic    bool
	Blink     bool
	Reverse   bool
	Conceal   bool
	Strike    bool
	Underline ansi.Underline // ansi.UnderlineNone if there is none
	Link      string         // address of a hyperlink
}

// Grid is a copy of the screen of a terminal. It does not change.
type Grid struct {
	Cols, Rows       int
	CursorX, CursorY int // from 0, top left
	CursorVisible    bool
	AltScreen        bool
	Title            string
	cells            []Cell
}

// Emulate returns the screen of cols x rows cells after output, for golden tests of a View without a program. A line
// feed alone starts a new line at its first column, as in a View. Queries in the output are not answered. The emulator
// drops a combining mark after an ASCII letter, so use composed names (NFC) in tests.
func Emulate(cols, rows int, output []byte) *Grid {
	s := newScreen(cols, rows, func([]byte) {})
	defer s.close()
	lines := bytes.ReplaceAll(bytes.ReplaceAll(output, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	_, _ = s.em.Write(lines)
	return s.grid()
}

// grid returns a copy of the screen.
func (s *screen) grid() *Grid {
	at := s.em.CursorPosition()
	g := &Grid{
		Cols: s.em.Width(), Rows: s.em.Height(), CursorX: at.X, CursorY: at.Y, CursorVisible: !s.hidden,
		AltScreen: s.em.IsAltScreen(), Title: s.title,
	}
	g.cells = make([]Cell, 0, g.Cols*g.Rows)
	for y := range g.Rows {
		for x := range g.Cols {
			g.cells = append(g.cells, cellOf(s.em.CellAt(x, y)))
		}
	}
	return g
}

// cellOf converts a cell of the emulator.
func cellOf(c *uv.Cell) Cell {
	if c == nil {
		return Cell{Text: " ", Width: 1}
	}
	has := func(attr uint8) bool { return c.Style.Attrs&attr != 0 }
	cell := Cell{
		Text: c.Content, Width: c.Width, Fg: c.Style.Fg, Bg: c.Style.Bg, Underline: c.Style.Underline, Link: c.Link.URL,
		Bold: has(uv.AttrBold), Faint: has(uv.AttrFaint), Italic: has(uv.AttrItalic), Reverse: has(uv.AttrReverse),
		Blink: has(uv.AttrBlink | uv.AttrRapidBlink), Conceal: has(uv.AttrConceal), Strike: has(uv.AttrStrikethrough),
	}
	if cell.Text == "" && cell.Width > 0 {
		cell.Text = " "
	}
	return cell
}

// Cell returns the cell in column x and row y, both from 0. Outside the screen it returns the zero Cell.
func (g *Grid) Cell(x, y int) Cell {
	if x < 0 || y < 0 || x >= g.Cols || y >= g.Rows {
		return Cell{}
	}
	return g.cells[y*g.Cols+x]
}

// Line returns the text of a row without trailing blanks. Rows count from 0 at the top, or from -1 at the bottom.
// Outside the screen it returns "".
func (g *Grid) Line(n int) string {
	if n < 0 {
		n += g.Rows
	}
	var b strings.Builder
	for x := range g.Cols {
		b.WriteString(g.Cell(x, n).Text)
	}
	return strings.TrimRight(b.String(), " ")
}

// Text returns the whole screen as Rows lines without trailing blanks, joined by line feeds.
func (g *Grid) Text() string {
	lines := make([]string, g.Rows)
	for y := range lines {
		lines[y] = g.Line(y)
	}
	return strings.Join(lines, "\n")
}

// Find returns the first occurrence of text within a line: its cells from left to right, and the position of the
// first. The cells are nil if there is none.
func (g *Grid) Find(text string) (cells []Cell, x, y int) {
	for y := range g.Rows {
		for x := range g.Cols {
			if cells := g.match(text, x, y); cells != nil {
				return cells, x, y
			}
		}
	}
	return nil, 0, 0
}

// match returns the cells of row y from column x whose texts form text, or nil.
func (g *Grid) match(text string, x, y int) []Cell {
	start := y*g.Cols + x
	if text == "" || g.Cell(x, y).Text == "" {
		return nil
	}
	for i := start; i < (y+1)*g.Cols; i++ {
		rest, ok := strings.CutPrefix(text, g.cells[i].Text)
		if !ok {
			return nil
		}
		if text = rest; text == "" {
			return g.cells[start : i+1]
		}
	}
	return nil
}
