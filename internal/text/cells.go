package text

import (
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Width returns the number of terminal cells that s takes on one line. Styles (SGR sequences) have no width.
func Width(s string) int {
	width := 0
	for i := 0; i < len(s); {
		cluster, cells := quickWidth(s[i:])
		switch {
		case cluster > 0:
		case s[i] >= 0x20 && s[i] < 0x7f, s[i] >= 0xc2 && s[i] <= 0xf4:
			var letter string
			letter, cells = ansi.FirstGraphemeCluster(s[i:], ansi.GraphemeWidth)
			cluster = len(letter)
		default: // a control character, or invalid UTF-8
			return ansi.StringWidth(s)
		}
		i, width = i+cluster, width+cells
	}
	return width
}

// quickWidth returns the length in bytes and the width of the first character of s, for those that are the most
// frequent on screens: ASCII and box-drawing characters without a following combining character, and styles. Otherwise
// it returns a length of 0, and the caller has to look for a grapheme cluster, which is much slower.
func quickWidth(s string) (bytes, cells int) {
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

// boxLine reports whether s begins with a box-drawing character (U+2500 to U+257F).
func boxLine(s string) bool {
	return len(s) >= 3 && s[0] == 0xe2 && (s[1] == 0x94 || s[1] == 0x95) && s[2] >= 0x80 && s[2] < 0xc0
}

// Truncate cuts s to at most cells terminal cells. Text that was cut ends with an ellipsis within that width. Styles
// are closed. If cells <= 0 it returns "".
func Truncate(s string, cells int) string {
	if cells <= 0 {
		return ""
	}
	if Width(s) <= cells {
		return s
	}
	return ansi.Truncate(s, cells, Ellipsis)
}

// Pad appends spaces to s up to a width of cells. Wider text is returned unchanged, so use Pad(Truncate(s, cells),
// cells) for a column of fixed width.
func Pad(s string, cells int) string {
	return s + strings.Repeat(" ", max(0, cells-Width(s)))
}

// noBreak is a hyphen at which ansi.Wrap does not break lines. It has the width of a hyphen.
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

// Wrap breaks s into lines of at most cells terminal cells. It breaks between words or, in a word that is longer than
// a line, within it. A date or a span of hours counts as one word. It drops only blanks. It returns at least one line,
// and only one if cells <= 0. A double-width character takes two cells even if cells is 1.
func Wrap(s string, cells int) []string {
	if cells <= 0 {
		return []string{s}
	}
	var lines []string
	wrapped := ansi.Wrap(markUnbreakable(s), cells, "")
	if !strings.Contains(s, noBreak) {
		wrapped = strings.ReplaceAll(wrapped, noBreak, "-")
	}
	for _, l := range strings.Split(wrapped, "\n") {
		// ansi.Wrap makes a line that begins with blanks too long.
		lines = append(lines, strings.Split(ansi.Hardwrap(l, cells, true), "\n")...)
	}
	return lines
}
