package summary

import "slices"

// Part is lines of a section that a page break divides only if they are longer than a page, such as a row of a table.
type Part struct {
	Lines []Line // an empty line at the beginning separates the part from the one before
	// Names is the caption of the table and the names of its columns, for each page that continues the table. It is
	// empty if there are none, or if each row has them.
	Names []Line
	First bool // Lines has the Names, because the part begins the table
}

// Parts returns the lines of [Section.Lines] in parts, for pages.
func (s Section) Parts(width int) []Part {
	var out []Part
	for _, n := range s.notices() {
		out = append(out, Part{Lines: wrap(n, width, 0, 0, Notice)})
	}
	for i, b := range s.Blocks {
		parts := b.parts(width)
		if _, isTable := b.(Table); i > 0 && isTable {
			parts[0].Lines = slices.Insert(parts[0].Lines, 0, Line{})
		}
		out = append(out, parts...)
	}
	return out
}

// parts returns the rows of a table: in columns if the pane is wide enough for each row to be one line, and otherwise
// with the cells of each row under one another.
func (t Table) parts(width int) []Part {
	var head []Line
	for _, l := range t.Caption {
		head = append(head, wrap(l, width, 0, textIndent, Heading)...)
	}
	if len(t.Rows) == 0 {
		head = append(head, t.namesAlone(width)...)
		return []Part{{Lines: append(head, Line{Text: wordNoRows, Kind: Notice})}}
	}

	widths := t.widths(width)
	if widths != nil {
		head = append(head, t.header(widths)...)
	} else {
		head = append(head, t.namesAlone(width)...)
	}

	out := make([]Part, len(t.Rows))
	for i, row := range t.Rows {
		p := Part{Names: head, First: i == 0}
		switch {
		case p.First:
			p.Lines = slices.Clone(head)
		case widths == nil:
			p.Lines = []Line{{}}
		}
		if widths != nil {
			p.Lines = append(p.Lines, row.inLines(widths, width)...)
		} else {
			p.Lines = append(p.Lines, t.stacked(row, width)...)
		}
		out[i] = p
	}
	return out
}
