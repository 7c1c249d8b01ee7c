package nhs

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// undivided are letters that Unicode does not decompose, as English-speaking clerks type them.
var undivided = map[rune]string{
	'ß': "ss", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe", 'ł': "l", 'ħ': "h", 'ı': "i", 'ŋ': "ng",
	'ə': "e", 'ɔ': "o", 'ɛ': "e", 'ɗ': "d", 'ɖ': "d", 'ƙ': "k", 'ɓ': "b", 'ƴ': "y", 'ɲ': "ny", 'ɣ': "g", 'ƒ': "f", 'ʋ': "v",
}

// FoldName returns the form in which names are compared: lower case, letters and digits only, without accents,
// apostrophes of any kind, hyphens, spaces or characters that print nothing. "O’Brien-Núñez" and "OBRIEN NUNEZ" fold
// alike. Runes of keep stay as they are. The hub stores folded names: a change here needs a migration of its stores.
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
