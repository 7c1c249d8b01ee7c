package text

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Width returns the number of terminal cells that s takes on one line. Styles (SGR sequences) have no width.
func Width(s string) int {
	width := 0
	for i := 0; i < len(s); {
		cluster, cells, ok := first(s[i:])
		if !ok {
			return ansi.StringWidth(s)
		}
		i, width = i+cluster, width+cells
	}
	return width
}

// first returns the length in bytes and the width of the first grapheme cluster of s, or of the style with which s
// begins. ok is false for a control character and for invalid UTF-8.
func first(s string) (bytes, cells int, ok bool) {
	bytes, cells = quickWidth(s)
	switch {
	case bytes > 0:
		return bytes, cells, true
	case s[0] >= 0x20 && s[0] < 0x7f, s[0] >= 0xc2 && s[0] <= 0xf4:
		var letter string
		letter, cells = ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		return len(letter), cells, true
	}
	return 0, 0, false
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

// Cut returns the cells of s from left up to right. A cluster that is only partly in them is replaced by spaces. s must
// not have styles.
func Cut(s string, left, right int) string {
	var b strings.Builder
	at, begun := 0, false // at is the number of cells before the cluster
	for len(s) > 0 && at < right {
		n, cells := cluster(s)
		switch {
		case cells == 0 && !begun: // it belongs to what is cut off
		case at >= left && at+cells <= right:
			b.WriteString(s[:n])
			begun = true
		default:
			b.WriteString(strings.Repeat(" ", max(0, min(at+cells, right)-max(at, left))))
			begun = false
		}
		s, at = s[n:], at+cells
	}
	return b.String()
}

// cluster returns the length in bytes and the width of the first grapheme cluster of s. Any other byte is a cluster
// without a width.
func cluster(s string) (bytes, cells int) {
	if bytes, cells, ok := first(s); ok {
		return bytes, cells
	}
	return 1, 0
}
