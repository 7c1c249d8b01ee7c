// Package trace finds patients the way the Personal Demographics Service does: by NHS number, or by family name and birth
// date with whatever else is known.
package trace

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// undivided are letters that Unicode does not take apart, as English-speaking clerks type them.
var undivided = map[rune]string{
	'ß': "ss", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe", 'ł': "l", 'ħ': "h", 'ı': "i", 'ŋ': "ng",
	'ə': "e", 'ɔ': "o", 'ɛ': "e", 'ɗ': "d", 'ɖ': "d", 'ƙ': "k", 'ɓ': "b", 'ƴ': "y", 'ɲ': "ny", 'ɣ': "g", 'ƒ': "f", 'ʋ': "v",
}

// Fold is the form in which names and postcodes are compared: lower case, without accents, apostrophes of any kind, hyphens,
// spaces or characters that print nothing. "O’Brien-Núñez" and "OBRIEN NUNEZ" fold alike.
//
// The stores keep folded names. Whoever changes what a name folds to adds a migration of both that changes the names on file.
func Fold(s string) string { return fold(s, false) }

// foldPattern is Fold with the wildcard kept.
func foldPattern(s string) store.Pattern { return store.Pattern(fold(s, true)) }

func fold(s string, wildcard bool) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, "")) {
		r = unicode.ToLower(r)
		switch plain, ok := undivided[r]; {
		case ok:
			b.WriteString(plain)
		case nhs.Apostrophe(r):
		case unicode.IsLetter(r), unicode.IsDigit(r), wildcard && r == '*':
			b.WriteRune(r)
		}
	}
	return b.String()
}

// foldPhone keeps the digits, with the country code of the United Kingdom as the leading zero it stands for. A number from
// elsewhere keeps its code, whether it is written with + or with 00.
func foldPhone(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	digits, abroad := b.String(), strings.HasPrefix(strings.TrimSpace(text.WithoutIgnorable(s)), "+")
	if rest, ok := strings.CutPrefix(digits, "00"); ok {
		digits, abroad = rest, true
	}
	if rest, ok := strings.CutPrefix(digits, "44"); ok && abroad {
		return "0" + rest
	}
	return digits
}

// foldEmail is an e-mail address as it is compared.
func foldEmail(s string) string { return strings.ToLower(strings.TrimSpace(text.WithoutIgnorable(s))) }
