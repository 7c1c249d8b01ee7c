package worklist

import (
	"slices"
	"strings"

	"wardlight/internal/table"
)

// maxTitleLines is the maximum number of lines above the headings, not counting blank ones.
const maxTitleLines = 30

// readHeadings detects the separator of the cells and the headings.
func (p *parser) readHeadings() error {
	for p.from < len(p.lines) && (table.Blank(p.lines[p.from]) || table.SeparatorLine(p.lines[p.from]) != 0) {
		if named := table.SeparatorLine(p.lines[p.from]); named != 0 {
			p.separator = named
		}
		p.from++
	}

	separators := table.Separators
	if p.separator != 0 {
		separators = string(p.separator)
	}

	var best headingRow
	half := false // there are headings, but not the NHS number's
	for _, s := range "\t;," {
		if !strings.ContainsRune(separators, s) {
			continue
		}
		h := p.head(s)
		if len(h.columns.numbers) > 0 && h.known > best.known {
			best = h
		}
		half = half || h.otherHeadings
	}

	switch {
	case best.known > 0:
		p.separator, p.columns, p.width = best.separator, best.columns, best.width
		p.list.Skipped, p.from = best.skipped, best.last+1
	case half:
		return &ParseError{"None of the columns is headed “NHS number”.", "Head the column with the NHS numbers so."}
	default:
		p.list.NoHeadings = p.from < len(p.lines)
		p.columns = columns{nil, -1, -1, -1, -1}
		if p.separator == 0 {
			p.separator = p.separatorOfNumbers()
		}
	}

	return nil
}

// headingRow is a row of headings, read with one separator.
type headingRow struct {
	separator     rune
	columns       columns
	known         int // number of known headings; 0 if there is no such row
	width         int
	last          int // index of its last line
	skipped       int // number of lines above it
	otherHeadings bool
}

// head returns the row of headings with the given separator. It searches the first lines, up to the first NHS number.
func (p *parser) head(separator rune) headingRow {
	h := headingRow{separator: separator}
	for i := p.from; i < len(p.lines) && h.skipped <= maxTitleLines; i++ {
		if table.Blank(p.lines[i]) {
			continue
		}

		text, last := table.Row(p.lines, i, separator, func(cells []string) bool {
			c, _ := headings(cleaned(cells))
			return len(c.numbers) > 0
		}, hasNumber)
		cells, _ := table.Split(text, separator)
		if hasNumber(cells) {
			break
		}

		c, known := headings(cleaned(cells))
		if len(c.numbers) > 0 {
			h.columns, h.known, h.width, h.last = c, known, len(cells), last
			return h
		}

		h.otherHeadings = h.otherHeadings || known > 1 || known > 0 && h.skipped == 0
		h.skipped++
	}

	return headingRow{otherHeadings: h.otherHeadings}
}

// hasNumber reports whether one of the cells is an NHS number.
func hasNumber(cells []string) bool {
	return slices.ContainsFunc(cells, func(c string) bool {
		_, err := readNumber(table.Cell(c))
		return err == nil
	})
}

// separatorOfNumbers returns the separator of a file without headings: the one with which the most lines have an NHS
// number.
func (p *parser) separatorOfNumbers() rune {
	best, limit := ',', -1
	for _, s := range ",\t;" {
		n := 0
		for _, line := range p.lines[p.from:] {
			if cells, _ := table.Split(line, s); hasNumber(cells) {
				n++
			}
		}
		if n > limit {
			best, limit = s, n
		}
	}
	return best
}
