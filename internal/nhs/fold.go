package nhs

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// undivided maps letters that Unicode does not decompose to the letters that English-speaking clerks type instead.
var undivided = map[rune]string{
	'ß': "ss", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe", 'ł': "l", 'ħ': "h", 'ı': "i", 'ŋ': "ng",
	'ə': "e", 'ɔ': "o", 'ɛ': "e", 'ɗ': "d", 'ɖ': "d", 'ƙ': "k", 'ɓ': "b", 'ƴ': "y", 'ɲ': "ny", 'ɣ': "g", 'ƒ': "f",
	'ʋ': "v",
}

// FoldName returns the form of a name for comparisons. It converts letters to lower case and removes everything except
// letters and digits: accents, apostrophes of any kind, hyphens, spaces and invisible characters. "O’Brien-Núñez" and
// "OBRIEN NUNEZ" have the same result. Runes in keep are preserved. The hub stores folded names, so a change here
// needs a migration of its stores.
func FoldName(s, keep string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, "")) {
		r = unicode.ToLower(r)
		switch plain, ok := undivided[r]; {
		case ok:
			b.WriteString(plain)
		case Apostrophe(r):
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune(keep, r):
			b.WriteRune(r)
		}
	}
	return b.String()
}
