package nhs

import (
	"strings"
	"unicode"
)

// DisplayName returns a name in display format: "EXAMPLE, Tess Ann (Miss)". The family name is in capitals, so that it
// isn't mistaken for a given name. The title is in title case without full stops (CUI, patient name display). Nothing
// is truncated.
//
// Given names are unchanged, unless the whole name is in capitals or in lower case, as many registers store it; then
// they are converted to title case. A missing part is omitted. Without family and given names, DisplayName returns
// NotKnown. Without a family name only, NotKnown replaces it.
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

// squeeze reduces each run of white space to one space and trims both ends.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// oneCase reports whether all letters of s have the same case.
func oneCase(s string) bool { return s == strings.ToUpper(s) || s == strings.ToLower(s) }

// titleCase converts the first letter of each part of a name to upper case and the rest to lower case: "MARY-JANE
// O'NEIL" becomes "Mary-Jane O'Neil".
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

// Apostrophe reports whether r is a character that is used as an apostrophe in names and that Unicode classifies as a
// letter. These are the modifier letters from U+02B9 on, such as ʻ (Hawaiian), ʼ and ʾ (transcribed Arabic), and Ꞌ and
// ꞌ. The apostrophes ' and ’ are punctuation and need no rule.
func Apostrophe(r rune) bool {
	return r >= 0x2b9 && r <= 0x2c1 || r >= 0x2c6 && r <= 0x2d1 || r == 0x2ec || r == 0x2ee || r == 0xa78b ||
		r == 0xa78c
}
