package testterm

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Sizes in pixels. A cell has 9 x 18 because DejaVu Sans Mono at 15 px is 9.03 wide. With whole numbers all edges are
// sharp. Every character is positioned, so that another font can't shift the grid.
const (
	cellWidth  = 9
	cellHeight = 18
	fontSize   = 15
	baseline   = 14
	margin     = 12
)

// SVG writes the screen as SVG. The title is its accessible name, and the text of the screen its description. The
// output is the same for the same screen and title. Characters are on an exact grid; lines and blocks are drawn as
// shapes, so that they join in any font. A visible cursor is shown as a block.
func (g *Grid) SVG(w io.Writer, title string) error {
	d := svgWriter{grid: g}
	width, height := g.Cols*cellWidth+2*margin, g.Rows*cellHeight+2*margin
	fmt.Fprintf(&d, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+
		"\n", width, height, width, height)
	fmt.Fprintf(&d, "<title>%s</title>\n<desc>%s</desc>\n", escape(title), escape(strings.TrimRight(g.Text(), "\n")))
	fmt.Fprintf(&d, `<rect width="%d" height="%d" rx="8" fill="%s"/>`+"\n", width, height, hex(nil, background))
	fmt.Fprintf(&d, `<g transform="translate(%d %d)" font-family="DejaVu Sans Mono, monospace" font-size="%d">`+"\n",
		margin, margin, fontSize)
	for y := range g.Rows {
		d.backgrounds(y)
	}
	for y := range g.Rows {
		d.letters(y)
		d.rules(y)
	}
	d.WriteString("</g>\n</svg>\n")
	_, err := io.WriteString(w, d.String())
	return err
}

// escape escapes text for XML.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // writing to a strings.Builder does not fail
	return b.String()
}

// svgWriter is an SVG that is being written.
type svgWriter struct {
	strings.Builder
	grid *Grid
}

// cellColours returns a cell and its colours, with reverse video and the cursor applied.
func (d *svgWriter) cellColours(x, y int) (c Cell, fg, bg string) {
	c = d.grid.Cell(x, y)
	fg, bg = hex(c.Fg, foreground), hex(c.Bg, background)
	if c.Reverse {
		fg, bg = bg, fg
	}
	if d.grid.CursorVisible && x == d.grid.CursorX && y == d.grid.CursorY {
		fg, bg = hex(nil, background), hex(nil, foreground)
	}
	return c, fg, bg
}

// runs calls draw for each run of columns with equal keys. Runs with the zero key are skipped.
func runs[K comparable](cols int, key func(x int) K, draw func(from, to int, k K)) {
	var none K
	for x := 0; x < cols; {
		from, k := x, key(x)
		for x++; x < cols && key(x) == k; x++ {
			continue
		}
		if k != none {
			draw(from, x, k)
		}
	}
}

// backgrounds draws the cells of a row whose background is not the terminal's default.
func (d *svgWriter) backgrounds(y int) {
	own := hex(nil, background)
	key := func(x int) string {
		if x > 0 && d.grid.Cell(x, y).Width == 0 {
			x-- // the second half of a wide letter
		}
		if _, _, bg := d.cellColours(x, y); bg != own {
			return bg
		}
		return ""
	}
	runs(d.grid.Cols, key, func(from, to int, bg string) {
		fmt.Fprintf(d, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n",
			from*cellWidth, y*cellHeight, (to-from)*cellWidth, cellHeight, bg)
	})
}

// textStyle is the style that the characters of a run share.
type textStyle struct {
	fill                string
	bold, faint, italic bool
}

// attributes returns the attributes of the SVG element of a run. Weight and slant apply to text only.
func (i textStyle) attributes(letters bool) string {
	a := fmt.Sprintf(` fill="%s"`, i.fill)
	if i.faint {
		a += ` opacity="0.6"`
	}
	if i.bold && letters {
		a += ` font-weight="bold"`
	}
	if i.italic && letters {
		a += ` font-style="italic"`
	}
	return a
}

// letters draws the characters of a row, including lines and blocks.
func (d *svgWriter) letters(y int) {
	key := func(x int) textStyle {
		c, fg, _ := d.cellColours(x, y)
		if c.Conceal || strings.TrimSpace(c.Text) == "" {
			return textStyle{}
		}
		return textStyle{fg, c.Bold, c.Faint, c.Italic}
	}

	runs(d.grid.Cols, key, func(from, to int, k textStyle) {
		var shapes, letters strings.Builder
		for x := from; x < to; x++ {
			letter := d.grid.Cell(x, y).Text
			if shape := shape(letter, x*cellWidth, y*cellHeight, k.fill); shape != "" {
				shapes.WriteString(shape)
				continue
			}
			fmt.Fprintf(&letters, `<tspan x="%d">%s</tspan>`, x*cellWidth, escape(letter))
		}
		if shapes.Len() > 0 {
			fmt.Fprintf(d, "<g%s>%s</g>\n", k.attributes(false), shapes.String())
		}
		if letters.Len() > 0 {
			fmt.Fprintf(d, `<text y="%d"%s>%s</text>`+"\n", y*cellHeight+baseline, k.attributes(true), letters.String())
		}
	})
}

// lineStyle is a line below or through a run.
type lineStyle struct {
	colour string
	height int // pixels below the top of the cell
	dashes string
}

// rules draws the underlines and strikethroughs of a row. Blanks are underlined too, as on a terminal.
func (d *svgWriter) rules(y int) {
	draw := func(from, to int, r lineStyle) {
		fmt.Fprintf(d, `<path d="M%d %d.5H%d" stroke="%s"%s/>`+"\n",
			from*cellWidth, y*cellHeight+r.height, to*cellWidth, r.colour, r.dashes)
	}

	runs(d.grid.Cols, func(x int) lineStyle {
		c, fg, _ := d.cellColours(x, y)
		switch c.Underline {
		case ansi.UnderlineNone:
			return lineStyle{}
		case ansi.UnderlineCurly, ansi.UnderlineDotted, ansi.UnderlineDashed:
			return lineStyle{fg, 15, ` stroke-dasharray="3 2"`}
		}
		return lineStyle{fg, 15, ""}
	}, draw)

	runs(d.grid.Cols, func(x int) lineStyle {
		if c, fg, _ := d.cellColours(x, y); c.Underline == ansi.UnderlineDouble {
			return lineStyle{fg, 17, ""}
		}
		return lineStyle{}
	}, draw)

	runs(d.grid.Cols, func(x int) lineStyle {
		if c, fg, _ := d.cellColours(x, y); c.Strike {
			return lineStyle{fg, 9, ""}
		}
		return lineStyle{}
	}, draw)
}
