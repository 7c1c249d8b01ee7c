package text

import (
	"strings"
	"unicode"
)

// Ignorable reports whether r is invisible: zero-width characters, direction marks, soft hyphens, byte order marks,
// variation selectors and similar (Unicode, Default_Ignorable_Code_Point). Spreadsheets, mail programs and web pages
// add them to text that people copy.
//
// U+202E (right-to-left override) is not included, because digits after it are shown in another order than they are
// stored.
func Ignorable(r rune) bool {
	if r < 0xad || r == '\u202e' {
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// WithoutIgnorable returns s without the characters for which [Ignorable] is true. It is for numbers, names and other
// values that people type, paste or send in a file. Use [Clean] for text that is only shown; it makes these characters
// visible. A byte that is not UTF-8 becomes U+FFFD.
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

// WithoutByteOrderMark returns file without the byte order mark that Windows programs write at the start of UTF-8
// files. A JSON parser may ignore it (RFC 8259 section 8.1).
func WithoutByteOrderMark[T string | []byte](file T) T {
	if len(file) >= len(byteOrderMark) && string(file[:len(byteOrderMark)]) == byteOrderMark {
		return file[len(byteOrderMark):]
	}
	return file
}
