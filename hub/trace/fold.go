// Package trace finds patients like the Personal Demographics Service does: by NHS number, or by family name and birth
// date with additional details.
package trace

import (
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// Fold returns the form in which names and postcodes are compared: lower case, without accents, apostrophes, hyphens,
// spaces and non-printing characters. "O’Brien-Núñez" and "OBRIEN NUNEZ" fold to the same form.
//
// The stores contain folded names. A change to Fold needs a migration of both stores that folds the stored names
// again.
func Fold(s string) string { return nhs.FoldName(s, "") }

// foldPattern returns the folded form of a pattern, with its wildcards.
func foldPattern(s string) store.Pattern { return store.Pattern(nhs.FoldName(s, "*")) }

// foldPhone returns the digits of a phone number. It replaces the country code of the United Kingdom by a leading
// zero. Other country codes remain, written with + or with 00.
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

// foldEmail returns an e-mail address in the form in which it is compared.
func foldEmail(s string) string { return strings.ToLower(strings.TrimSpace(text.WithoutIgnorable(s))) }
