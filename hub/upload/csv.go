package upload

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"wardlight/internal/table"
	"wardlight/internal/text"
)

// ParseCSV parses the rows of a table that a spreadsheet program saved. Cells are separated by comma, semicolon or
// tab. The encoding is UTF-8, UTF-16 with a byte order mark, or Windows-1252. Any line endings and any order of
// headings are accepted. The error is a *FileError if no row can be read. A row in Windows-1252 within a UTF-8 file
// gets a note.
//
// Each line is a row, even inside quotation marks. No column contains line breaks, and a quotation mark that is never
// closed must not swallow the rows after it.
func ParseCSV(body []byte) ([]Row, error) {
	if err := checkSize(body); err != nil {
		return nil, err
	}

	decoded, err := decode(body)
	if err != nil {
		return nil, err
	}

	lines := decoded.Lines
	at := 0
	for at < len(lines) && table.Blank(lines[at]) || at == 0 && table.SeparatorLine(lines[at]) != 0 {
		at++
	}

	if at == len(lines) {
		return nil, corrupt("The file is empty: its first row has the headings %s.", titles(everyColumn()))
	}

	heads, separator, err := parseHeader(lines[at])
	if err != nil {
		return nil, err
	}

	var rows []Row
	for i, line := range lines[at+1:] {
		if table.Blank(line) {
			continue
		}
		if len(rows) == MaxRows {
			return nil, corrupt("The file has more than %d rows: send it in parts, each with an id of its own.",
				MaxRows)
		}
		row := parseRow(at+i+2, line, heads, separator)
		if _, notUTF8 := slices.BinarySearch(decoded.Windows1252Lines, row.Number); notUTF8 {
			row.Note = noteNotUTF8
		}
		rows = append(rows, row)
	}

	if len(rows) == 0 {
		return nil, corrupt("The file has headings and no rows.")
	}

	wanted := required
	if slices.ContainsFunc(rows, func(r Row) bool { return !actionWords[plain(r.Cells[Action])].byReference() }) {
		wanted = slices.Concat(required, needed)
	}

	if missing := slices.DeleteFunc(slices.Clone(wanted), func(c Column) bool {
		return slices.Contains(heads, c)
	}); len(missing) > 0 {
		return nil, corrupt("The first row has no heading for %s.", titles(missing))
	}

	return rows, nil
}

// Limits that are checked before a table is parsed, because lines and cells need several times the memory of the file.
const (
	maxLines     = 10 * MaxRows // includes empty lines
	maxLineBytes = 64 << 10
	maxCells     = 1024
)

// checkSize rejects a file that has too many lines or a line that is too long, in any encoding. It counts every byte
// that may end a line.
func checkSize(body []byte) error {
	const ends = "\r\n"
	if n := bytes.Count(body, []byte{'\r'}) + bytes.Count(body, []byte{'\n'}); n > 2*maxLines {
		return corrupt("The file has more than %d lines: remove the empty lines, or send it in parts.", maxLines)
	}
	for {
		end := bytes.IndexAny(body, ends)
		if end > 2*maxLineBytes || end < 0 && len(body) > 2*maxLineBytes { // UTF-16 has two bytes a letter
			return corrupt("A line of the file is longer than %d characters.", maxLineBytes)
		}
		if end < 0 {
			return nil
		}
		body = body[end+1:]
	}
}

// tooLong reports whether a line is longer, or has more separators, than any valid row.
func tooLong(line string) bool {
	return len(line) > maxLineBytes || strings.Count(line, ",")+strings.Count(line, ";")+
		strings.Count(line, "\t") > maxCells
}

// noteNotUTF8 is the note for a row whose accented letters may be wrong.
const noteNotUTF8 = "The row is not UTF-8 and was read as Windows-1252: check its accented letters."

// decode converts the file to text.
func decode(body []byte) (table.Text, error) {
	decoded, err := table.Decode(body)
	switch {
	case errors.Is(err, table.ErrNoText):
		return decoded, corrupt("The file is not a text file.")
	case err != nil:
		return decoded, corrupt("The file is not a CSV file: save the spreadsheet as “CSV UTF-8”.")
	}
	return decoded, nil
}

// parseHeader parses the headings and returns the separator with which most of them are recognised.
func parseHeader(line string) ([]Column, rune, error) {
	if tooLong(line) {
		return nil, 0, corrupt("The first row is too long to be the headings %s.", titles(everyColumn()))
	}

	var best []string
	var separator rune
	limit := -1
	for _, s := range table.Separators {
		cells, _ := table.Split(line, s)
		known := 0
		for _, c := range cells {
			if _, ok := columnOf(table.Cell(c)); ok {
				known++
			}
		}
		if known > limit {
			best, separator, limit = cells, s, known
		}
	}

	heads := make([]Column, 0, len(best))
	for i, c := range best {
		c = table.Cell(c)
		column, ok := columnOf(c)
		switch {
		case c == "":
		case !ok:
			return nil, 0, corrupt("The heading of column %d, “%s”, is not known. The headings are %s. Remove "+
				"other columns from the file.",
				i+1, text.Clean(c, 40), titles(everyColumn()))
		case slices.Contains(heads, column):
			return nil, 0, corrupt("There are two columns for %s.", column.title())
		}
		heads = append(heads, column)
	}

	return heads, separator, nil
}

// parseRow parses one line under the headings.
func parseRow(number int, line string, heads []Column, separator rune) Row {
	row := Row{Number: number, Cells: make(map[Column]string, len(heads))}
	if tooLong(line) {
		row.Fault = "The row is too long."
		return row
	}
	cells, closed := table.Split(line, separator)
	if !closed {
		row.Fault = "A quotation mark is not closed in this row, or a cell has a line break."
	}
	for i, c := range cells {
		c = table.Cell(c)
		switch {
		case i < len(heads) && heads[i] != "":
			row.Cells[heads[i]] = c
		case c != "" && row.Fault == "":
			row.Fault = "The row has a cell without a heading."
		}
	}
	return row
}
