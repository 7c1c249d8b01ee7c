package summary

import (
	"slices"
	"strings"
)

// tableReader builds a table from its tags. A table with several headers becomes several tables.
type tableReader struct {
	done    []Table
	current Table
	group   bool    // in <thead>
	caption bool    // in <caption>
	data    bool    // the current table has a row with a <td>
	heading []Row   // the rows that the names of the columns are from
	inHead  bool    // one of them is in <thead>
	grouped bool    // a name in the header is for several columns, so a second header row is expected
	carried []carry // cells that continue in the following rows, by column

	inRow, inCell bool
	row           Row
	number        int // of the row
	column        int // the next free column of the row
	heads, plain  int // the <th> and <td> of the row

	around, before int // the effects that were open where the table and where the cell began
}

// carry is a cell that continues in further rows.
type carry struct {
	cell  Cell
	until int // the number of the last row
}

// table returns the innermost open table. Rows and cells without a table open one.
func (r *reader) table() *tableReader {
	if len(r.tables) == 0 {
		r.openTable()
	}
	return r.tables[len(r.tables)-1]
}

func (r *reader) openTable() {
	if len(r.tables) == maxNesting {
		r.err = errTooLarge
		return
	}
	r.tables = append(r.tables, &tableReader{around: len(r.effects.all)})
}

// closeTable ends the innermost table. A nested one becomes lines of the cell around it.
func (r *reader) closeTable() {
	r.flush()
	n := len(r.tables) - 1
	t := r.tables[n]
	t.closeRow(r)
	t.finish()
	r.closeEffects(t.around)
	r.tables = r.tables[:n]

	for _, table := range t.done {
		r.count(0, table.repeated())
		switch {
		case r.err != nil:
			return
		case n == 0:
			r.add(table)
			continue
		}
		for _, l := range table.flat() {
			r.count(0, len(l))
			r.tables[n-1].write(r, l)
		}
	}
}

// write adds a line to the open cell or caption, or to the row as a whole.
func (t *tableReader) write(r *reader, s string) {
	r.count(1, 0)
	switch {
	case t.caption:
		t.current.Caption = append(t.current.Caption, s)
	case t.inCell:
		c := &t.row[len(t.row)-1]
		c.Text = append(c.Text, s)
	case t.inRow:
		t.row = append(t.row, Cell{Text: []string{s}})
	default:
		t.current.Rows = append(t.current.Rows, Row{{Text: []string{s}}})
	}
}

// openGroup begins a group of rows. head is whether they are a <thead>.
func (t *tableReader) openGroup(r *reader, head bool) {
	t.closeRow(r)
	t.group, t.caption, t.carried = head, false, nil
}

func (t *tableReader) openRow(r *reader) {
	t.closeRow(r)
	t.caption, t.inRow = false, true
}

// openCell begins a cell, in the first column that no cell of an earlier row continues in.
func (t *tableReader) openCell(r *reader, head bool, columns, rows int) {
	if !t.inRow {
		t.openRow(r)
	}
	t.closeCell(r)
	t.caption = false
	t.continueCells(r, false)
	if t.column >= maxColumns {
		r.err = errTooLarge
		return
	}

	if head {
		t.heads++
	} else {
		t.plain++
	}
	t.row = append(t.row, Cell{Column: t.column, Span: columns})
	t.inCell, t.before = true, len(r.effects.all)
	t.carried = append(t.carried, carry{until: t.number + rows - 1}) // the cell itself follows when it is complete
	t.column += columns
}

// closeCell ends the open cell.
func (t *tableReader) closeCell(r *reader) {
	if !t.inCell {
		return
	}
	r.closeEffects(t.before)
	t.inCell = false
	last := &t.carried[len(t.carried)-1]
	if last.cell = t.row[len(t.row)-1]; last.until == t.number {
		t.carried = t.carried[:len(t.carried)-1]
	}
}

// continueCells appends the cells of earlier rows that continue in the current column; if all is set, also those in
// later columns.
func (t *tableReader) continueCells(r *reader, all bool) {
	for {
		next := -1
		for i, c := range t.carried {
			at := c.cell.Column
			if (at == t.column || at > t.column && all) && (next < 0 || at < t.carried[next].cell.Column) {
				next = i
			}
		}
		if next < 0 {
			return
		}

		c := t.carried[next].cell
		t.row = append(t.row, c)
		t.column = c.Column + c.Span
		for _, l := range c.Text {
			r.count(1, len(l))
		}
	}
}

// closeRow ends the open row. It is the header, a part of it, or a row of data.
func (t *tableReader) closeRow(r *reader) {
	t.closeCell(r)
	if !t.inRow {
		return
	}
	t.continueCells(r, true)

	row, heads, plain := t.row, t.heads, t.plain
	t.number++
	t.carried = slices.DeleteFunc(t.carried, func(c carry) bool { return c.until < t.number })
	t.inRow, t.row, t.column, t.heads, t.plain = false, nil, 0, 0, 0
	if heads+plain == 0 { // nothing but cells that continue, and text outside of cells
		if row = slices.DeleteFunc(row, func(c Cell) bool { return c.Span > 0 }); len(row) == 0 {
			return
		}
	}

	onlyHeads := heads > 0 && plain == 0
	title := heads == 1 && len(row) == 1 && row[0].Span > 1 // such as a heading over all columns
	named := len(t.current.Columns) > 0
	switch {
	case named && len(t.current.Rows) == 0 && onlyHeads && t.grouped:
		t.addNames(row)
		t.inHead = t.inHead || t.group
	case !named && (onlyHeads || t.group && len(t.current.Rows) == 0) && !title, onlyHeads && t.data && !title:
		if len(t.current.Rows) > 0 {
			t.finish()
		}
		t.addNames(row)
		t.inHead = t.inHead || t.group && onlyHeads
	default:
		r.count(1, 0)
		t.current.Rows = append(t.current.Rows, row)
		t.data = t.data || plain > 0
	}
}

// addNames adds the cells of a header row to the names of their columns.
func (t *tableReader) addNames(row Row) {
	t.heading = append(t.heading, row)
	for _, c := range row {
		if c.Span == 0 {
			t.current.Caption = append(t.current.Caption, c.Text...)
			continue
		}

		t.grouped = t.grouped || c.Span > 1
		name := strings.Join(c.Text, " ")
		for i := c.Column; i < min(c.Column+c.Span, maxColumns); i++ {
			for len(t.current.Columns) <= i {
				t.current.Columns = append(t.current.Columns, "")
			}
			if t.current.Columns[i] != name { // the same name is that of a cell that continues
				t.current.Columns[i] = strings.TrimSpace(t.current.Columns[i] + " " + name)
			}
		}
	}
}

// finish ends the current table, if it has anything. Rows of <th> are a header only if they are in <thead> or if rows
// with <td> follow: a table that has nothing else has its entries in them.
func (t *tableReader) finish() {
	done := t.current
	if !t.data && !t.inHead {
		done.Columns, done.Rows = nil, append(t.heading, done.Rows...)
	}
	t.current, t.data, t.grouped, t.heading, t.inHead = Table{}, false, false, nil, false
	if len(done.Caption)+len(done.Columns)+len(done.Rows) == 0 {
		return
	}

	columns := len(done.Columns)
	for _, row := range done.Rows {
		for _, c := range row {
			if c.Span > 0 {
				columns = max(columns, c.Column+1)
			}
		}
	}
	if len(done.Columns) > 0 {
		done.Columns = append(done.Columns, make([]string, columns-len(done.Columns))...)
	}

	for _, row := range done.Rows {
		for i := range row {
			switch c := &row[i]; {
			case c.Column == 0 && c.Span > 1 && c.Span >= columns:
				c.Span = 0
			case c.Span > 1:
				c.Span = min(c.Span, columns-c.Column)
			}
		}
	}

	t.done = append(t.done, done)
}

// repeated returns the number of bytes of the columns' names when each row has them.
func (t Table) repeated() int { return len(strings.Join(t.Columns, "")) * len(t.Rows) }
