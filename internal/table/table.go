// Package table takes apart the tables that spreadsheets and other systems save as text: comma, semicolon or tab between cells,
// UTF-8, UTF-16 with a byte order mark or Windows-1252, any line ends.
//
// A line is a row whatever its quotation marks say: one that is never closed must not swallow the rows after it.
//
// The package is pure. What a cell says is a stranger's text and not cleaned yet (internal/text).
package table

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// The errors of Decode.
var (
	ErrNoText  = errors.New("the file is no text")
	ErrNoTable = errors.New("the file is text with zero bytes in it, as a spreadsheet's own format has them")
)

// Separators are what may stand between cells.
const Separators = ",;\t"

// Decode makes a file's bytes into text. What is not UTF-8 is what Excel writes for the United Kingdom: Windows-1252. Errors are
// ErrNoText and ErrNoTable.
func Decode(body []byte) (string, error) {
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
			return "", ErrNoText
		}
		body = decoded
	}
	if bytes.ContainsRune(body, 0) {
		return "", ErrNoTable
	}
	return string(body), nil
}

// Lines are the lines of a text, whatever ends them. The last is empty when the text ends with a line's end.
func Lines(decoded string) []string {
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(decoded), "\n")
}

// SeparatorLine is the separator that Excel's own first line names, as in "sep=;"; 0 when it is no such line.
func SeparatorLine(line string) rune {
	named, ok := strings.CutPrefix(strings.ToLower(strings.Trim(line, `"`)), "sep=")
	if ok && len(named) == 1 && strings.Contains(Separators, named) {
		return rune(named[0])
	}
	return 0
}

// Split takes a line apart at the separator, quotation marks heeded (RFC 4180); one in the middle of a cell stands for itself,
// as in ="9990000018". It reports whether every quotation mark was closed.
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

// Cell is what a cell says, without what spreadsheets put around text to keep it text: ="…" and a leading apostrophe.
func Cell(s string) string {
	s = strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(s, `="`); ok {
		if inner, ok := strings.CutSuffix(inner, `"`); ok {
			s = strings.TrimSpace(strings.ReplaceAll(inner, `""`, `"`))
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(s, "'"))
}

// Blank reports whether a line has nothing but separators: spreadsheets save empty rows so.
func Blank(line string) bool { return strings.Trim(line, Separators+"\" \u00a0") == "" }
