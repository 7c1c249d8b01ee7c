package text

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Width is the number of terminal cells that s fills on one line. Escape sequences of our own styles count nothing.
func Width(s string) int { return ansi.StringWidth(s) }

// Truncate cuts s to at most cells terminal cells. Cut text ends with an ellipsis inside that width, so that a reader
// sees that there is more; text that fits is returned as it is. Styles stay closed. cells <= 0 gives "".
func Truncate(s string, cells int) string {
	if cells <= 0 {
		return ""
	}
	return ansi.Truncate(s, cells, Ellipsis)
}

// Pad fills s on the right with spaces to cells terminal cells. It never cuts: wider text is returned as it is, so a
// column that must not grow needs Pad(Truncate(s, cells), cells).
func Pad(s string, cells int) string {
	return s + strings.Repeat(" ", max(0, cells-Width(s)))
}

// Wrap breaks s into lines of at most cells terminal cells, between words where it can and inside a word that is longer
// than a line. It drops no letter. There is always at least one line; cells <= 0 leaves s on one line. A double-width
// letter still takes two cells where cells is 1.
func Wrap(s string, cells int) []string {
	if cells <= 0 {
		return []string{s}
	}
	var lines []string
	for _, l := range strings.Split(ansi.Wrap(s, cells, ""), "\n") {
		// ansi.Wrap lets a line that begins with blanks run over.
		lines = append(lines, strings.Split(ansi.Hardwrap(l, cells, true), "\n")...)
	}
	return lines
}
