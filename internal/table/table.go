// Package table takes apart the tables that spreadsheets and other systems save as text: comma, semicolon or tab
// between cells, UTF-8, UTF-16 with a byte order mark or Windows-1252, any line ends.
//
// A line is a row unless a quoted cell goes on after its end ([Row]): a quotation mark that is never closed must not
// swallow the rows after it.
//
// The package is pure. What a cell says is a stranger's text and not cleaned yet (internal/text).
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

// The errors of Decode.
var (
	ErrNoText  = errors.New("the file is no text")
	ErrNoTable = errors.New("the file is text with zero bytes in it, as a spreadsheet's own format has them")
)

// Separators are what may stand between cells.
const Separators = ",;\t"

// Text is what a file says.
type Text struct {
	// Lines are its lines, whatever ended them. The last is empty when the file ends with a line's end.
	Lines []string
	// NotUTF8 is which of them have Windows-1252 in a file that has UTF-8 elsewhere, counted from 1: their accents may
	// be wrong. It is empty for a file that is Windows-1252 throughout, as Excel writes it for the United Kingdom.
	NotUTF8 []int
}

// Decode makes a file's bytes into text. What is not UTF-8 is taken for Windows-1252, byte by byte, so that one such
// byte spoils nothing else. Errors are ErrNoText and ErrNoTable.
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
			t.NotUTF8 = append(t.NotUTF8, i+1)
		}
	}
	if !mixed {
		t.NotUTF8 = nil
	}
	return t, nil
}

// DecodeLine returns a line as UTF-8, and whether it was not: bytes of it that are no UTF-8 are taken for Windows-1252.
func DecodeLine(line string) (decoded string, notUTF8 bool) {
	decoded, _, notUTF8 = decodeLine(line)
	return decoded, notUTF8
}

// decodeLine returns a line as UTF-8, and whether it has UTF-8 beyond ASCII and Windows-1252 in it.
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

// linesOf takes a text apart at its lines' ends.
func linesOf(s string) []string {
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "\n")
}

// SeparatorLine returns the separator that Excel's own first line names, as in "sep=;"; 0 when it is no such line.
func SeparatorLine(line string) rune {
	named, ok := strings.CutPrefix(strings.ToLower(strings.Trim(line, `"`)), "sep=")
	if ok && len(named) == 1 && strings.Contains(Separators, named) {
		return rune(named[0])
	}
	return 0
}

// Split takes a line apart at the separator, quotation marks heeded (RFC 4180); one in the middle of a cell stands
// for itself, as in ="9990000018". It reports whether every quotation mark was closed.
func Split(line string, separator rune) (cells []string, closed bool) {
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

// maxCellLines is the most lines that a row with line breaks in its cells may have.
const maxCellLines = 40

// Row returns the row that begins at a line, and the place of its last line: the line itself, or several where a
// quoted cell has line breaks. Several lines are one row only where their quotation marks are in order (RFC 4180),
// where fits agrees to their cells, and where none of the later lines is a row of its own by own.
func Row(lines []string, from int, separator rune, fits, own func(cells []string) bool) (row string, last int) {
	if _, closed := Split(lines[from], separator); closed {
		return lines[from], from
	}
	joined := lines[from]
	for last := from + 1; last < len(lines) && last < from+maxCellLines; last++ {
		if cells, _ := Split(lines[last], separator); inOrder(lines[last], separator) && own(cells) {
			break
		}
		joined += "\n" + lines[last]
		if cells, closed := Split(joined, separator); closed {
			if inOrder(joined, separator) && fits(cells) {
				return joined, last
			}
			break
		}
	}
	return lines[from], from
}

// inOrder reports whether the quotation marks of a row are around whole cells or doubled within them.
func inOrder(row string, separator rune) bool {
	const (
		before  = iota // the cell has not begun
		bare           // in a cell without quotation marks
		quoted         // in a cell with them
		quoteIn        // after a quotation mark in such a cell
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

// Cell returns what a cell says, without what spreadsheets put around text to keep it text, ="…" and a leading
// apostrophe, and without what prints nothing.
func Cell(s string) string {
	s = strings.TrimSpace(text.WithoutIgnorable(s))
	if inner, ok := strings.CutPrefix(s, `="`); ok {
		if inner, ok := strings.CutSuffix(inner, `"`); ok {
			s = strings.TrimSpace(strings.ReplaceAll(inner, `""`, `"`))
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(s, "'"))
}

// Blank reports whether a line has nothing but separators: spreadsheets save empty rows so.
func Blank(line string) bool {
	return strings.Trim(text.WithoutIgnorable(line), Separators+"\" \u00a0") == ""
}
