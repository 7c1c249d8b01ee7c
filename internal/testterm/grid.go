package testterm

import (
	"bytes"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Cell is one place on the screen with its style.
type Cell struct {
	Text      string      // one letter with its marks; a space when empty, "" in the second half of a wide letter
	Width     int         // 1 or 2, 0 in the second half of a wide letter
	Fg, Bg    color.Color // nil is the terminal's own; ansi.BasicColor 0-15, ansi.IndexedColor 16-255, or an RGB colour
	Bold      bool
	Faint     bool
	Italic    bool
	Blink     bool
	Reverse   bool
	Conceal   bool
	Strike    bool
	Underline ansi.Underline // ansi.UnderlineNone when there is none
	Link      string         // the address of a hyperlink
}

// Grid is what a terminal shows at one moment. It doesn't change any more.
type Grid struct {
	Cols, Rows       int
	CursorX, CursorY int // from 0, top left
	CursorVisible    bool
	AltScreen        bool
	Title            string
	cells            []Cell
}

// Emulate returns the screen of cols x rows after output: for golden tests of a View, without a program. A bare line
// feed starts a new line at its beginning, as in a View; queries in the output are not answered. The emulator drops a
// combining mark that follows a plain ASCII letter, so names on a screen under test are best composed (NFC).
func Emulate(cols, rows int, output []byte) *Grid {
	s := newScreen(cols, rows, func([]byte) {})
	defer s.close()
	lines := bytes.ReplaceAll(bytes.ReplaceAll(output, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	_, _ = s.em.Write(lines)
	return s.grid()
}

// grid copies what the screen shows.
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

// cellOf returns a cell of the emulator in our terms.
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

// Cell returns the cell in column x and row y, both from 0. Outside the screen it is the zero Cell.
func (g *Grid) Cell(x, y int) Cell {
	if x < 0 || y < 0 || x >= g.Cols || y >= g.Rows {
		return Cell{}
	}
	return g.cells[y*g.Cols+x]
}

// Line returns the text of a row without the blanks at its end. Rows count from 0 at the top, or from -1 at the bottom
// upwards. Outside the screen it is "".
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

// Text returns the whole screen as Rows lines without the blanks at their ends, joined by line feeds.
func (g *Grid) Text() string {
	lines := make([]string, g.Rows)
	for y := range lines {
		lines[y] = g.Line(y)
	}
	return strings.Join(lines, "\n")
}

// Find returns where a text first stands on one line: the cells that hold it, from left to right, and the place of the
// first. The cells are nil when it is nowhere.
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

// match returns the cells from x on in row y whose texts make up text, or nil.
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
