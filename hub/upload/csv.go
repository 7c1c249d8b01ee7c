package upload

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"wardlight/internal/text"
)

// ParseCSV reads the rows of a table that a spreadsheet saved: comma, semicolon or tab between cells, UTF-8, UTF-16 with a byte
// order mark or Windows-1252, any line ends, headings in any order. A *FileError says why no row can be read.
//
// A line is a row whatever its quotation marks say: no column holds line breaks, and a quotation mark that is never closed must
// not swallow the rows after it.
func ParseCSV(body []byte) ([]Row, error) {
	decoded, err := decode(body)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(decoded), "\n")
	at := 0
	for at < len(lines) && blank(lines[at]) || at == 0 && separatorLine(lines[at]) != 0 {
		at++
	}
	if at == len(lines) {
		return nil, corrupt("The file is empty: its first row has the headings %s.", titles(everyColumn()))
	}
	heads, separator, err := header(lines[at])
	if err != nil {
		return nil, err
	}
	var rows []Row
	for i, line := range lines[at+1:] {
		if blank(line) {
			continue
		}
		if len(rows) == MostRows {
			return nil, corrupt("The file has more than %d rows: send it in parts, each with an id of its own.", MostRows)
		}
		rows = append(rows, rowOf(at+i+2, line, heads, separator))
	}
	if len(rows) == 0 {
		return nil, corrupt("The file has headings and no rows.")
	}
	return rows, nil
}

// decode makes the file's bytes into text. What is not UTF-8 is what Excel writes for the United Kingdom: Windows-1252.
func decode(body []byte) (string, error) {
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		body = body[3:]
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	}
	if from == nil && !utf8.Valid(body) {
		from = charmap.Windows1252
	}
	if from != nil {
		decoded, err := from.NewDecoder().Bytes(body)
		if err != nil {
			return "", corrupt("The file is no text.")
		}
		body = decoded
	}
	if bytes.ContainsRune(body, 0) {
		return "", corrupt("The file is no CSV: save the spreadsheet as “CSV UTF-8”.")
	}
	return string(body), nil
}

// separators are what may stand between cells.
const separators = ",;\t"

// separatorLine is the separator that Excel's own first line names, as in "sep=;"; 0 when it is no such line.
func separatorLine(line string) rune {
	named, ok := strings.CutPrefix(strings.ToLower(strings.Trim(line, `"`)), "sep=")
	if ok && len(named) == 1 && strings.Contains(separators, named) {
		return rune(named[0])
	}
	return 0
}

// header reads the headings, with the separator that makes most sense of them.
func header(line string) ([]Column, rune, error) {
	var best []string
	var separator rune
	most := -1
	for _, s := range separators {
		cells, _ := split(line, s)
		known := 0
		for _, c := range cells {
			if _, ok := columnOf(cell(c)); ok {
				known++
			}
		}
		if known > most {
			best, separator, most = cells, s, known
		}
	}
	heads := make([]Column, 0, len(best))
	for i, c := range best {
		c = cell(c)
		column, ok := columnOf(c)
		switch {
		case c == "":
		case !ok:
			return nil, 0, corrupt("The heading of column %d, “%s”, is not understood. Headings are %s. Take other columns out of the file.",
				i+1, text.Clean(c, 40), titles(everyColumn()))
		case slices.Contains(heads, column):
			return nil, 0, corrupt("There are two columns for %s.", column.title())
		}
		heads = append(heads, column)
	}
	var missing []Column
	for _, c := range required {
		if !slices.Contains(heads, c) {
			missing = append(missing, c)
		}
	}
	if len(missing) > 0 {
		return nil, 0, corrupt("The first row has no heading for %s.", titles(missing))
	}
	return heads, separator, nil
}

// rowOf reads one line under the headings.
func rowOf(number int, line string, heads []Column, separator rune) Row {
	row := Row{Number: number, Cells: make(map[Column]string, len(heads))}
	cells, closed := split(line, separator)
	if !closed {
		row.Fault = "A quotation mark is not closed in this row, or a cell has a line break."
	}
	for i, c := range cells {
		c = cell(c)
		switch {
		case i < len(heads) && heads[i] != "":
			row.Cells[heads[i]] = c
		case c != "" && row.Fault == "":
			row.Fault = "The row has a cell that stands under no heading."
		}
	}
	return row
}

// split takes a line apart at the separator, quotation marks heeded (RFC 4180); one in the middle of a cell stands for itself,
// as in ="9990000018". It reports whether every quotation mark was closed.
func split(line string, separator rune) (cells []string, closed bool) {
	var c strings.Builder
	const (
		before  = iota // the cell has not begun
		bare           // in a cell without quotation marks
		quoted         // in a cell with them
		quoteIn        // after a quotation mark in such a cell
	)
	state := before
	for _, r := range line {
		switch {
		case state == quoted && r == '"':
			state = quoteIn
			continue
		case state == quoted:
		case r == separator:
			cells = append(cells, c.String())
			c.Reset()
			state = before
			continue
		case state == before && r == '"':
			state = quoted
			continue
		case state == quoteIn && r == '"':
			state = quoted
		case state == before:
			state = bare
		}
		c.WriteRune(r)
	}
	return append(cells, c.String()), state != quoted
}

// cell is what a cell says, without what spreadsheets put around text to keep it text: ="…" and a leading apostrophe.
func cell(s string) string {
	s = strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(s, `="`); ok {
		if inner, ok := strings.CutSuffix(inner, `"`); ok {
			s = strings.TrimSpace(strings.ReplaceAll(inner, `""`, `"`))
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(s, "'"))
}

// blank reports whether a line has nothing but separators: spreadsheets save empty rows so.
func blank(line string) bool { return strings.Trim(line, separators+"\" \u00a0") == "" }
