// Package table parses tables that spreadsheets and other systems save as text: with comma, semicolon or tab as
// separator, in UTF-8, UTF-16 with a byte order mark or Windows-1252, and with any line ends.
//
// A line is a row, unless a quoted cell continues on the next line ([Row]). A quotation mark that is never closed must
// not make the following rows part of the cell.
//
// The package has no side effects. The text of cells is not cleaned (see internal/text).
package table

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"wardlight/internal/text"
)

// The errors of [Decode].
var (
	ErrNoText  = errors.New("the file is no text")
	ErrNoTable = errors.New("the file is text with zero bytes in it, as a spreadsheet's own format has them")
)

// Separators are the accepted separators of cells.
const Separators = ",;\t"

// Text is the contents of a file.
type Text struct {
	// Lines are the lines of the file without their line ends. The last one is empty if the file ends with a line end.
	Lines []string
	// Windows1252Lines is the numbers, from 1, of lines in Windows-1252 in a file that is otherwise UTF-8: their
	// accents may be wrong. It is empty for a file that is all in Windows-1252, as Excel writes it in the United
	// Kingdom.
	Windows1252Lines []int
}

// Decode decodes a file. Bytes that are not UTF-8 are decoded as Windows-1252, one by one, so that a single such byte
// does not affect the rest. Errors are [ErrNoText] and [ErrNoTable].
func Decode(body []byte) (Text, error) {
	marked := false
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		decoded, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(body)
		if err != nil {
			return Text{}, ErrNoText
		}
		body = decoded
	default:
		rest := text.WithoutByteOrderMark(body)
		marked = len(rest) < len(body)
		body = rest
	}

	if bytes.ContainsRune(body, 0) {
		return Text{}, ErrNoTable
	}

	t := Text{Lines: linesOf(string(body))}
	mixed := marked
	for i, line := range t.Lines {
		decoded, utf, windows := decodeLine(line)
		t.Lines[i] = decoded
		mixed = mixed || utf
		if windows {
			t.Windows1252Lines = append(t.Windows1252Lines, i+1)
		}
	}

	if !mixed {
		t.Windows1252Lines = nil
	}

	return t, nil
}

// DecodeLine returns a line as UTF-8, and whether bytes of it were decoded as Windows-1252.
func DecodeLine(line string) (decoded string, notUTF8 bool) {
	decoded, _, notUTF8 = decodeLine(line)
	return decoded, notUTF8
}

// decodeLine returns a line as UTF-8, and whether it contains UTF-8 beyond ASCII (utf) and Windows-1252 (windows).
func decodeLine(line string) (decoded string, utf, windows bool) {
	var b strings.Builder
	for i, r := range line {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(line[i:], string(utf8.RuneError)):
			windows = true
			r = charmap.Windows1252.DecodeByte(line[i])
		case r >= utf8.RuneSelf:
			utf = true
		}
		b.WriteRune(r)
	}
	return b.String(), utf, windows
}

// linesOf splits a text into lines.
func linesOf(s string) []string {
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "\n")
}

// SeparatorLine returns the separator that Excel's first line "sep=;" names, or 0 if line is not such a line.
func SeparatorLine(line string) rune {
	named, ok := strings.CutPrefix(strings.ToLower(strings.Trim(line, `"`)), "sep=")
	if ok && len(named) == 1 && strings.Contains(Separators, named) {
		return rune(named[0])
	}
	return 0
}

// Split splits a line into cells, with quotation marks as in RFC 4180. A quotation mark within a cell, as in
// ="9990000018", is an ordinary character. closed reports whether every quotation mark is closed.
func Split(line string, separator rune) (cells []string, closed bool) {
	var c strings.Builder
	const (
		before  = iota // at the start of a cell
		bare           // in an unquoted cell
		quoted         // in a quoted cell
		quoteIn        // after a quotation mark in a quoted cell
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

// maxCellLines is the maximum number of lines of a row.
const maxCellLines = 40

// Row returns the row that starts at line from, and the index of its last line. A row has several lines if a quoted
// cell contains line breaks. They are joined only if their quotation marks are correct (RFC 4180), if fits returns
// true for their cells, and if own, which recognises rows, returns false for each of the later lines.
func Row(lines []string, from int, separator rune, fits, own func(cells []string) bool) (row string, last int) {
	if _, closed := Split(lines[from], separator); closed {
		return lines[from], from
	}
	joined := lines[from]
	for last := from + 1; last < len(lines) && last < from+maxCellLines; last++ {
		if cells, _ := Split(lines[last], separator); quotesValid(lines[last], separator) && own(cells) {
			break
		}
		joined += "\n" + lines[last]
		if cells, closed := Split(joined, separator); closed {
			if quotesValid(joined, separator) && fits(cells) {
				return joined, last
			}
			break
		}
	}
	return lines[from], from
}

// quotesValid reports whether the quotation marks of a row enclose whole cells or are doubled within them.
func quotesValid(row string, separator rune) bool {
	const (
		before  = iota // at the start of a cell
		bare           // in an unquoted cell
		quoted         // in a quoted cell
		quoteIn        // after a quotation mark in a quoted cell
	)

	state := before
	for _, r := range row {
		switch {
		case state == quoted && r == '"':
			state = quoteIn
		case state == quoted:
		case r == separator:
			state = before
		case r == '"' && (state == before || state == quoteIn):
			state = quoted
		case r == '"', state == quoteIn:
			return false
		default:
			state = bare
		}
	}

	return state != quoted
}

// Cell returns the text of a cell, without invisible characters and without what spreadsheets add to mark it as text:
// ="…" or a leading apostrophe.
func Cell(s string) string {
	s = strings.TrimSpace(text.WithoutIgnorable(s))
	if inner, ok := strings.CutPrefix(s, `="`); ok {
		if inner, ok := strings.CutSuffix(inner, `"`); ok {
			s = strings.TrimSpace(strings.ReplaceAll(inner, `""`, `"`))
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(s, "'"))
}

// Blank reports whether a line contains only separators, as spreadsheets save empty rows.
func Blank(line string) bool {
	return strings.Trim(text.WithoutIgnorable(line), Separators+"\" \u00a0") == ""
}
