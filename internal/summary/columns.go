package summary

import (
	"fmt"
	"strings"

	"wardlight/internal/text"
)

// widths returns the widths of the columns in which each row is one line for each line of its cells, or nil if they are
// wider than width.
func (t Table) widths(width int) []int {
	widths := make([]int, maxColumns+1)
	used := len(t.Columns)
	for i, n := range t.Columns {
		widths[i] = text.Width(n)
	}

	for _, row := range t.Rows {
		for _, c := range row {
			if c.Span == 0 {
				continue
			}
			last := c.Column + c.Span - 1
			used = max(used, last+1)
			before := sum(widths[c.Column:last]) + columnGap*(last-c.Column)
			for _, l := range c.Text {
				widths[last] = max(widths[last], text.Width(l)-before)
			}
		}
		if sum(widths) > width {
			return nil
		}
	}

	widths = widths[:used]
	if sum(widths)+columnGap*(used-1) > width {
		return nil
	}
	return widths
}

func sum(widths []int) (total int) {
	for _, w := range widths {
		total += w
	}
	return total
}

// header returns the line with the names of the columns, or nothing if there are none.
func (t Table) header(widths []int) []Line {
	if !t.hasNames() {
		return nil
	}
	header := make(Row, len(t.Columns))
	for i, n := range t.Columns {
		header[i] = Cell{Column: i, Span: 1, Text: []string{n}}
	}
	return []Line{{Text: rowLine(header, widths, 0), Kind: Columns}}
}

// inLines returns the row in columns of the given widths.
func (r Row) inLines(widths []int, width int) []Line {
	var out []Line
	height := 0
	for _, c := range r {
		if c.Span > 0 {
			height = max(height, len(c.Text))
			continue
		}
		for _, l := range c.Text {
			out = append(out, wrap(l, width, 0, wrapIndent, Plain)...)
		}
	}
	for i := range height {
		out = append(out, Line{Text: rowLine(r, widths, i)})
	}
	if len(out) == 0 {
		out = append(out, Line{Text: wordBlankRow})
	}
	return out
}

// rowLine returns line i of the cells of a row.
func rowLine(row Row, widths []int, i int) string {
	var b strings.Builder
	at := 0 // cells written so far
	for _, c := range row {
		if c.Span == 0 || i >= len(c.Text) {
			continue
		}
		begin := sum(widths[:c.Column]) + columnGap*c.Column
		b.WriteString(strings.Repeat(" ", max(0, begin-at)))
		b.WriteString(c.Text[i])
		at = begin + text.Width(c.Text[i])
	}
	return strings.TrimRight(spoken(b.String()), " ")
}

// The words of linear mode about rows.

func tableOf(rows int) string {
	if rows == 1 {
		return "Table with 1 row."
	}
	return fmt.Sprintf("Table with %d rows.", rows)
}

func rowOf(i int) string { return fmt.Sprintf("Row %d. ", i) }
