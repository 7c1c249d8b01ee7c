package postgres

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

// always is the stored end of something without an end.
const always = row.Always

// Conversions to stored values, which are the same in all engines.
var (
	numberOf = row.Number
	digitsOf = row.Digits
	day      = row.Day
	lastDay  = row.LastDay
	dateOf   = row.Date
	fitting  = row.Fitting
	instant  = row.Instant
	timeOf   = row.Time
)

// userIDs returns NHS numbers as stored.
func numbersOf(numbers []nhs.Number) ([]int64, error) {
	all := make([]int64, len(numbers))
	for i, d := range numbers {
		n, err := numberOf(d)
		if err != nil {
			return nil, fmt.Errorf("number %d of %d: %w", i+1, len(numbers), err)
		}
		all[i] = n
	}
	return all, nil
}

// storable reports whether PostgreSQL can store s. No stored text equals one that it can't store.
func storable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// readable returns s without what PostgreSQL can't store: invalid UTF-8 and the null character.
func readable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
