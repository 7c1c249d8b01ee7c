package text

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// noBreak is a hyphen at which Wrap does not break lines. It has the width of a hyphen.
const noBreak = "\u2011"

// unbreakable matches what must not be broken: a date (04-Mar-2016) and a span of hours (09:00-17:00).
var unbreakable = regexp.MustCompile(`\b[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}\b|\b[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}\b`)

// markUnbreakable replaces hyphens in dates and spans of hours by noBreak. Text that contains noBreak is returned
// unchanged.
func markUnbreakable(s string) string {
	if !strings.Contains(s, "-") || strings.Contains(s, noBreak) {
		return s
	}
	return unbreakable.ReplaceAllStringFunc(s, func(word string) string {
		return strings.ReplaceAll(word, "-", noBreak)
	})
}

// Wrap breaks s into lines of at most cells terminal cells. It breaks between words and after hyphens, at line ends,
// and in a word that is longer than a line between two grapheme clusters: not within a number, unless that is longer
// than a line, too. A date or a span of hours counts as one word. It drops only blanks. It returns at least one line,
// and only one if cells <= 0. A double-width character takes two cells even if cells is 1.
//
// It does not use ansi.Wrap, which breaks a long word between a letter and its combining mark, and within a number.
func Wrap(s string, cells int) []string {
	if cells <= 0 {
		return []string{s}
	}
	marked := markUnbreakable(s)
	var w wrapper
	w.cells = cells
	for i, l := range strings.Split(marked, "\n") {
		if i > 0 {
			w.end()
		}
		w.wrap(l)
	}
	w.end()

	if !strings.Contains(s, noBreak) {
		for i, l := range w.lines {
			w.lines[i] = strings.ReplaceAll(l, noBreak, "-")
		}
	}
	return w.lines
}

// wrapper breaks text into lines.
type wrapper struct {
	cells int
	lines []string
	line  strings.Builder // the current line
	width int             // of the current line
}

// end ends the current line.
func (w *wrapper) end() {
	w.lines = append(w.lines, w.line.String())
	w.line.Reset()
	w.width = 0
}

// add appends text to the current line.
func (w *wrapper) add(s string, cells int) {
	w.line.WriteString(s)
	w.width += cells
}

// wrap adds text without line ends.
func (w *wrapper) wrap(s string) {
	for s != "" {
		blanks, wide := span(s, true)
		part, long := span(s[blanks:], false)
		space, word := s[:blanks], s[blanks:blanks+part]
		s = s[blanks+part:]

		switch {
		case w.width+wide+long <= w.cells:
			w.add(space+word, wide+long)
			continue
		case word == "":
			return
		case w.width > 0:
			w.end()
		}
		if long <= w.cells {
			w.add(word, long)
		} else {
			w.split(word)
		}
	}
}

// split adds a word that is longer than a line.
func (w *wrapper) split(word string) {
	for word != "" {
		n, cells := w.fitting(word)
		w.add(word[:n], cells)
		if word = word[n:]; word != "" {
			w.end()
		}
	}
}

// fitting returns the length in bytes and the width of the part of a word that fits on a line: at least one cluster,
// and none of a number with its unit that does not fit, unless the line begins with it.
func (w *wrapper) fitting(word string) (bytes, cells int) {
	var n number
	start, before := 0, 0 // where the current number begins, and the width before it
	for bytes < len(word) {
		length, wide := cluster(word[bytes:])
		r, _ := utf8.DecodeRuneInString(word[bytes:])
		within := n.next(r)
		if cells+wide > w.cells && bytes > 0 {
			if within && start > 0 {
				return start, before
			}
			return bytes, cells
		}
		if !within {
			start, before = bytes, cells
		}
		bytes, cells = bytes+length, cells+wide
	}
	return bytes, cells
}

// maxUnit is the maximum length of a unit after a number, such as micrograms.
const maxUnit = 10

// number recognises numbers with their signs and units, such as ≤2.5mg/100ml.
type number struct {
	open bool // the last character is a part of a number
	unit int  // the letters since the last digit
}

// next reads a character, and reports whether it continues a number.
func (n *number) next(r rune) bool {
	before := n.open
	switch {
	case unicode.IsDigit(r) || strings.ContainsRune(".,/^<>=≤≥±+-−–"+noBreak, r):
		n.open, n.unit = true, 0
	case before && n.unit < maxUnit && (unicode.IsLetter(r) || r == '%' || r == '°'):
		n.unit++
	default:
		n.open = false
	}
	return before && n.open
}

// noBreakSpaces are the spaces at which lines are not broken.
const noBreakSpaces = "\u00a0\u2007\u202f"

// span returns the length in bytes and the width of the blanks with which s begins, or of the word, which ends before a
// blank or with a hyphen.
func span(s string, blank bool) (bytes, cells int) {
	for bytes < len(s) {
		n, wide := cluster(s[bytes:])
		r, size := utf8.DecodeRuneInString(s[bytes:])
		isBlank := unicode.IsSpace(r) && size == n && !strings.ContainsRune(noBreakSpaces, r)
		if isBlank != blank {
			break
		}
		bytes, cells = bytes+n, cells+wide
		if s[bytes-n:bytes] == "-" {
			break
		}
	}
	return bytes, cells
}
