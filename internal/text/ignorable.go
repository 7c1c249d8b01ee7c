package text

import (
	"strings"
	"unicode"
)

// Ignorable reports whether r prints nothing: zero-width characters, direction marks, soft hyphens, byte order marks,
// variation selectors and the like (Unicode, Default_Ignorable_Code_Point). Spreadsheets, mail programs and web pages
// put them into what people copy, and nobody sees them.
//
// U+202E (right-to-left override) is not among them: digits after it are shown in another order than they are stored
// in.
func Ignorable(r rune) bool {
	if r < 0xad || r == '\u202e' {
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// WithoutIgnorable returns s without the characters that are [Ignorable]. It is for numbers, names and other values
// that people type, paste or send in a file. Text that is only shown goes through [Clean], which makes them visible.
// A byte that is not UTF-8 becomes U+FFFD.
func WithoutIgnorable(s string) string {
	return strings.Map(func(r rune) rune {
		if Ignorable(r) {
			return -1
		}
		return r
	}, s)
}

// byteOrderMark is U+FEFF in UTF-8.
const byteOrderMark = "\ufeff"

// WithoutByteOrderMark returns the text of a file without the byte order mark that Windows programs write at the
// beginning of UTF-8. A JSON parser may ignore it (RFC 8259 section 8.1).
func WithoutByteOrderMark[T string | []byte](file T) T {
	if len(file) >= len(byteOrderMark) && string(file[:len(byteOrderMark)]) == byteOrderMark {
		return file[len(byteOrderMark):]
	}
	return file
}
