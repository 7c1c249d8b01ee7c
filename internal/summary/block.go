package summary

import "strings"

// Block is one part of a section's text: a [Table], a [Paragraph] or a [Picture].
type Block interface {
	// parts returns the block for a pane, at least one part, and linear the block with one line for each row.
	parts(width int) []Part
	linear() []string
	hasWords() bool
}

// Table is a table without nested tables, which are lines of the cell that contains them.
type Table struct {
	Caption []string // lines; empty if the table has none
	Columns []string // the names of the columns, "" for one without; empty if the table has no header
	Rows    []Row
}

// Row is the cells of a row, in their order.
type Row []Cell

// Cell is a cell. A cell that the record has for several rows is in each of them.
type Cell struct {
	Column int      // the first column of the cell, from 0
	Span   int      // the number of its columns; 0 if it is for the row as a whole and has no column's name
	Text   []string // lines; empty if the cell is blank
}

// Paragraph is a paragraph, a heading or an item of a list.
type Paragraph struct {
	Text   string
	Strong bool // a heading, or a statement that the record highlights
}

// Picture is where the record has a picture, which is not shown.
type Picture struct {
	Alt string // its description in the record; "" if there is none
}

func (p Paragraph) hasWords() bool { return p.Text != "" }
func (p Picture) hasWords() bool   { return true }

func (t Table) hasWords() bool {
	if len(t.Caption) > 0 {
		return true
	}
	for _, r := range t.Rows {
		for _, c := range r {
			if len(c.Text) > 0 {
				return true
			}
		}
	}
	return false
}

// Name returns the name of a cell's column, or the names of its columns, or "" if there are none.
func (t Table) Name(c Cell) string {
	var names []string
	for i := c.Column; i < c.Column+c.Span && i < len(t.Columns); i++ {
		if n := t.Columns[i]; n != "" && (len(names) == 0 || names[len(names)-1] != n) {
			names = append(names, n)
		}
	}
	return strings.Join(names, " / ")
}

// hasNames reports whether a column has a name.
func (t Table) hasNames() bool { return strings.Join(t.Columns, "") != "" }
