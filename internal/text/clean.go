// Package text makes untrusted text safe to show, and fits text to terminal cells.
//
// Text from the hub, a card or a file is untrusted until it has passed Clean. Call Clean where the text enters the
// program; cleaned text can then be joined, cut and styled safely.
//
// The package has no side effects and imports no other package of this module.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// DefaultMax is the default maximum length, in runes, of cleaned text. It is far above any name, address line or
// message of the NHS interfaces, and small enough that no answer can flood a screen or a log.
const DefaultMax = 4096

// Replacement replaces a rune that must not be sent to a terminal and has no visible form. It takes one cell.
const Replacement = unicode.ReplacementChar

// Ellipsis ends text that was cut. It takes one cell.
const Ellipsis = "…"

// maxExtend is the maximum number of combining marks of one letter. Vietnamese and polytonic Greek need three. Long
// sequences of marks overwrite the lines above and below.
const maxExtend = 4

// Clean returns s with everything replaced that is not safe on a terminal. Replacements are visible.
//
//   - C0 controls, such as ESC, CR, LF, TAB and BEL, become control pictures: ESC becomes ␛, and DEL becomes ␡.
//   - C1 controls, bidirectional controls, zero-width and other invisible runes, line and paragraph separators, tags,
//     variation selectors, skin tones, private and unassigned code points and bytes that are not UTF-8 become Mark.
//   - Up to four combining marks stay with their letter. Further ones, and marks without a letter, which would join the
//     cell before the text, become Mark. So do the few letters that would join the cell after the text.
//   - Everything else is unchanged. Text longer than max runes is cut before its last letter and ends with an ellipsis.
//
// If max <= 0 it is DefaultMax. Clean is idempotent for the same max. The result contains no line break, so that it
// can't forge a line in a log or a list.
func Clean(s string, max int) string {
	if max <= 0 {
		max = DefaultMax
	}

	var b strings.Builder
	b.Grow(min(len(s), max*utf8.UTFMax))
	extends := maxExtend // a mark at the start has no letter to join
	runes, letter := 0, 0
	for _, r := range s {
		r = clean(r)
		switch {
		case !extending(r):
			extends = 0
		case extends < maxExtend:
			extends++
		default:
			r, extends = Replacement, 0
		}

		if runes == max {
			return b.String()[:letter] + Ellipsis
		}

		if extends == 0 {
			letter = b.Len()
		}

		b.WriteRune(r)
		runes++
	}

	return b.String()
}

// clean returns the replacement of a rune, regardless of its position. Invalid bytes need no rule, because ranging
// over a string yields U+FFFD, which is Mark, for them.
func clean(r rune) rune {
	const pictures = '\u2400' // U+2400 to U+241F are the symbols for U+0000 to U+001F
	switch {
	case r < 0x20:
		return pictures + r
	case r == 0x7f:
		return '\u2421'
	case r < 0x7f:
		return r
	case unicode.In(r, invisible...):
		return Replacement
	}
	return r
}

// invisible is the classes of runes that control a terminal, change the order of the text, or show nothing.
var invisible = []*unicode.RangeTable{
	// C1 (C0 and DEL are handled before), bidi controls, zero-width joiners, soft hyphen, tags and U+FEFF; also private
	// and unassigned code points, for which two terminals may draw different widths.
	unicode.C,
	unicode.Zl,
	unicode.Zp,
	unicode.Variation_Selector,
	unicode.Other_Default_Ignorable_Code_Point, // Hangul fillers, combining grapheme joiner, reserved format runes
	skinTones,
	prepending,
}

// skinTones change the colour of the emoji before them. After other characters some terminals draw them in two cells
// of their own, and others not at all.
var skinTones = &unicode.RangeTable{R32: []unicode.Range32{{Lo: 0x1f3fb, Hi: 0x1f3ff, Stride: 1}}}

// prepending is the letters that join the rune after them (Grapheme_Cluster_Break=Prepend in UAX 29) and aren't in Cf.
// At the end of a name they would join the following cell. They occur in historic scripts only.
var prepending = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x0d4e, Hi: 0x0d4e, Stride: 1}},
	R32: []unicode.Range32{
		{Lo: 0x111c2, Hi: 0x111c3, Stride: 1},
		{Lo: 0x113d1, Hi: 0x113d1, Stride: 1},
		{Lo: 0x1193f, Hi: 0x1193f, Stride: 1},
		{Lo: 0x11941, Hi: 0x11941, Stride: 1},
		{Lo: 0x11a3a, Hi: 0x11a3a, Stride: 1},
		{Lo: 0x11a84, Hi: 0x11a89, Stride: 1},
		{Lo: 0x11d46, Hi: 0x11d46, Stride: 1},
		{Lo: 0x11f02, Hi: 0x11f02, Stride: 1},
	},
}

// extending reports whether r joins the preceding letter: combining marks, and what UAX 29 adds to them.
func extending(r rune) bool {
	return unicode.In(r, unicode.M, unicode.Other_Grapheme_Extend) ||
		r == 0x0e33 || r == 0x0eb3 // Thai and Lao AM, SpacingMark by exception
}
