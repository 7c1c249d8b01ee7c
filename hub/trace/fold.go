// Package trace finds patients the way the Personal Demographics Service does: by NHS number, or by family name and
// birth date with whatever else is known.
package trace

import (
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// Fold returns the form in which names and postcodes are compared: lower case, without accents, apostrophes of any
// kind, hyphens, spaces or characters that print nothing. "O’Brien-Núñez" and "OBRIEN NUNEZ" fold alike.
//
// The stores keep folded names. Whoever changes what a name folds to adds a migration of both that changes the names
// on file.
func Fold(s string) string { return nhs.FoldName(s, "") }

// foldPattern returns Fold with the wildcard kept.
func foldPattern(s string) store.Pattern { return store.Pattern(nhs.FoldName(s, "*")) }

// foldPhone keeps the digits, with the country code of the United Kingdom as the leading zero it stands for. A number
// from elsewhere keeps its code, whether it is written with + or with 00.
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

// foldEmail returns an e-mail address as it is compared.
func foldEmail(s string) string { return strings.ToLower(strings.TrimSpace(text.WithoutIgnorable(s))) }
