// Package text makes strangers' text safe and fits it to terminal cells.
//
// Text from the hub, a card or a file is hostile until Clean has seen it. Clean belongs at the edge where the text
// enters; everything behind that edge may then be joined, cut and styled without a second thought.
//
// The package is pure and knows nothing of the rest of the project.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// DefaultMax is the length, in runes, that Clean allows when its caller names none. It is far above any name, address
// line or message of the NHS interfaces, and small enough that no answer can flood a screen or a log.
const DefaultMax = 4096

// Mark stands for a rune that must not reach a terminal and has no picture of its own. It fills one cell.
const Mark = unicode.ReplacementChar

// Ellipsis ends text that was cut. It fills one cell.
const Ellipsis = "…"

// maxExtend is how many combining marks one letter keeps. Vietnamese and polytonic Greek need three; a pile of them
// paints over the lines above and below.
const maxExtend = 4

// Clean makes s safe to put on a terminal, whatever it holds, and shows what it took away.
//
//   - C0 controls (ESC, CR, LF, TAB, BEL among them) become their control pictures, as ␛ for ESC; DEL becomes ␡.
//   - C1 controls, bidirectional controls, zero-width and other invisible runes, line and paragraph separators, tags,
//     variation selectors, skin tones, private and unassigned code points and bytes that are not UTF-8 become Mark.
//   - Combining marks stay with their letter. One that has no letter to sit on (it would join the cell before the text)
//     and any past the fourth become Mark; so does the handful of letters that would join the cell after the text.
//   - Everything else stays. Text longer than max runes is cut before its last letter and ends with an ellipsis.
//
// max <= 0 means DefaultMax. Clean is idempotent: cleaning twice with the same max changes nothing. Its result holds no
// line break, so it also can't forge a line in a log or a list.
func Clean(s string, max int) string {
	if max <= 0 {
		max = DefaultMax
	}
	var b strings.Builder
	b.Grow(min(len(s), max*utf8.UTFMax))
	extends := maxExtend // a mark at the very start has nothing to sit on
	runes, letter := 0, 0
	for _, r := range s {
		r = clean(r)
		switch {
		case !extending(r):
			extends = 0
		case extends < maxExtend:
			extends++
		default:
			r, extends = Mark, 0
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

// clean returns what one rune becomes, apart from its place in the text. Ranging over a string yields Mark for each
// byte that isn't UTF-8, so invalid input needs no rule of its own.
func clean(r rune) rune {
	const pictures = '\u2400' // U+2400 to U+241F picture U+0000 to U+001F
	switch {
	case r < 0x20:
		return pictures + r
	case r == 0x7f:
		return '\u2421'
	case r < 0x7f:
		return r
	case unicode.In(r, invisible...):
		return Mark
	}
	return r
}

// invisible is every class of rune that acts on a terminal, on the order of the text, or shows nothing.
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

// skinTones colour the emoji before them. After any other letter some terminals draw them in two cells of their own,
// others in none.
var skinTones = &unicode.RangeTable{R32: []unicode.Range32{{Lo: 0x1f3fb, Hi: 0x1f3ff, Stride: 1}}}

// prepending holds the letters that join the rune after them (Grapheme_Cluster_Break=Prepend in UAX 29) and aren't in
// Cf: at the end of a name they would swallow the cell that follows it. They occur in historic scripts only.
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

// extending tells whether r joins the letter before it into one cell or grows it: marks, and what UAX 29 adds to them.
func extending(r rune) bool {
	return unicode.In(r, unicode.M, unicode.Other_Grapheme_Extend) ||
		r == 0x0e33 || r == 0x0eb3 // Thai and Lao AM, SpacingMark by exception
}
