package text

import (
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Width returns the number of terminal cells that s fills on one line. Escape sequences of our own styles count
// nothing.
func Width(s string) int {
	width := 0
	for i := 0; i < len(s); {
		cluster, cells := quick(s[i:])
		switch {
		case cluster > 0:
		case s[i] >= 0x20 && s[i] < 0x7f, s[i] >= 0xc2 && s[i] <= 0xf4:
			var letter string
			letter, cells = ansi.FirstGraphemeCluster(s[i:], ansi.GraphemeWidth)
			cluster = len(letter)
		default: // a control, or bytes that are no text
			return ansi.StringWidth(s)
		}
		i, width = i+cluster, width+cells
	}
	return width
}

// quick returns the length in bytes and the width of what s begins with, where that is what screens are mostly made
// of: an ASCII letter or a box's line that nothing can join, or one of our own styles. Looking for what joins a
// letter is dear, and every frame measures each of its lines; the length is 0 where it is needed.
func quick(s string) (bytes, cells int) {
	switch {
	case s[0] >= 0x20 && s[0] < 0x7f:
		bytes, cells = 1, 1
	case boxLine(s):
		bytes, cells = 3, 1
	case s[0] == 0x1b && len(s) > 1 && s[1] == '[':
		for i := 2; i < len(s); i++ {
			if s[i] == 'm' {
				return i + 1, 0
			}
			if s[i] != ';' && (s[i] < '0' || s[i] > '9') {
				break
			}
		}
		return 0, 0
	}
	if bytes < len(s) && s[bytes] >= 0x80 && !boxLine(s[bytes:]) {
		return 0, 0
	}
	return bytes, cells
}

// boxLine reports whether s begins with a part of a box (U+2500 to U+257F).
func boxLine(s string) bool {
	return len(s) >= 3 && s[0] == 0xe2 && (s[1] == 0x94 || s[1] == 0x95) && s[2] >= 0x80 && s[2] < 0xc0
}

// Truncate cuts s to at most cells terminal cells. Cut text ends with an ellipsis inside that width, so that a reader
// sees that there is more; text that fits is returned as it is. Styles stay closed. cells <= 0 gives "".
func Truncate(s string, cells int) string {
	if cells <= 0 {
		return ""
	}
	if Width(s) <= cells {
		return s
	}
	return ansi.Truncate(s, cells, Ellipsis)
}

// Pad fills s on the right with spaces to cells terminal cells. It never cuts: wider text is returned as it is, so a
// column that must not grow needs Pad(Truncate(s, cells), cells).
func Pad(s string, cells int) string {
	return s + strings.Repeat(" ", max(0, cells-Width(s)))
}

// noBreak is a hyphen at which ansi.Wrap breaks no line. It takes a cell, as a hyphen does.
const noBreak = "\u2011"

// together is what is read as one word: a date (04-Mar-2016) and a span of hours (09:00-17:00).
var together = regexp.MustCompile(`\b[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}\b|\b[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}\b`)

// keepTogether puts noBreak into dates and hours. A text that has one already stays as it is.
func keepTogether(s string) string {
	if !strings.Contains(s, "-") || strings.Contains(s, noBreak) {
		return s
	}
	return together.ReplaceAllStringFunc(s, func(word string) string { return strings.ReplaceAll(word, "-", noBreak) })
}

// Wrap breaks s into lines of at most cells terminal cells, between words where it can and inside a word that is longer
// than a line. A date or a span of hours is a word. It drops no letter. There is always at least one line; cells <= 0 leaves s on one line. A double-width
// letter still takes two cells where cells is 1.
func Wrap(s string, cells int) []string {
	if cells <= 0 {
		return []string{s}
	}
	var lines []string
	wrapped := ansi.Wrap(keepTogether(s), cells, "")
	if !strings.Contains(s, noBreak) {
		wrapped = strings.ReplaceAll(wrapped, noBreak, "-")
	}
	for _, l := range strings.Split(wrapped, "\n") {
		// ansi.Wrap lets a line that begins with blanks run over.
		lines = append(lines, strings.Split(ansi.Hardwrap(l, cells, true), "\n")...)
	}
	return lines
}
