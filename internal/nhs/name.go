package nhs

import (
	"strings"
	"unicode"
)

// DisplayName returns a name as it is shown: "EXAMPLE, Tess Ann (Miss)". The family name stands in capitals so that
// it can't be taken for a given name; the title in title case without full stops (CUI, patient name display). Nothing
// is cut.
//
// Given names keep their letters, unless the whole name came in capitals, or all in small letters, as many registers
// store it; then they get title case. A missing part is left out; without family and given name it is NotKnown, and
// without a family name only, NotKnown stands in its place.
func DisplayName(family string, given []string, title string) string {
	family = squeeze(family)
	first := squeeze(strings.Join(given, " "))
	title = squeeze(strings.ReplaceAll(title, ".", " "))
	if family == "" && first == "" {
		return NotKnown
	}
	if oneCase(family + first) {
		first = titleCase(first)
	}
	if oneCase(title) {
		title = titleCase(title)
	}
	name := NotKnown
	if family != "" {
		name = strings.ToUpper(family)
	}
	if first != "" {
		name += ", " + first
	}
	if title != "" {
		name += " (" + title + ")"
	}
	return name
}

// squeeze leaves one space between words and none around them.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// oneCase tells whether all letters of s have the same case.
func oneCase(s string) bool { return s == strings.ToUpper(s) || s == strings.ToLower(s) }

// titleCase makes the first letter of each part of a name large and the rest small: "MARY-JANE O'NEIL" becomes
// "Mary-Jane O'Neil".
func titleCase(s string) string {
	inWord := false
	return strings.Map(func(r rune) rune {
		was := inWord
		inWord = (unicode.IsLetter(r) || unicode.IsMark(r)) && !Apostrophe(r)
		if was {
			return unicode.ToLower(r)
		}
		return unicode.ToTitle(r)
	}, s)
}

// Apostrophe reports whether r is one of the signs that stand for an apostrophe in names and that Unicode counts
// among the letters: the modifier letters from U+02B9 on, such as ʻ (Hawaiian), ʼ and ʾ (transcribed Arabic), and Ꞌ
// and ꞌ. The keyboard's apostrophe and the curled one are punctuation and need no rule.
func Apostrophe(r rune) bool {
	return r >= 0x2b9 && r <= 0x2c1 || r >= 0x2c6 && r <= 0x2d1 || r == 0x2ec || r == 0x2ee || r == 0xa78b || r == 0xa78c
}
