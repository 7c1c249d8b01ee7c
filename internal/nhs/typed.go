package nhs

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"wardlight/internal/text"
)

// maxAge is the age, in years, past which a typed birth date is taken for a slip.
const maxAge = 130

// ParseTyped reads a birth date as people type it, day first:
//
//	4-3-2016   04/03/2016   04.03.2016   04 03 16   04032016   040316
//	4 Mar 2016   04-March-16   4mar2016   2016-03-04   2016-Mar-04
//	4th March 2016   4 Mar '16
//
// A two-digit year is the latest that isn't in the future. The order month, day is never guessed. The error is a
// *FormError: not a date, not a whole date, no such day, in the future, more than 130 years ago. today must be
// complete.
func ParseTyped(s string, today Date) (Date, error) {
	parts, ok := splitTyped(withoutOrdinal(text.WithoutIgnorable(s)))
	if !ok {
		return Date{}, bornError("Type the birth date day first, as in 04-03-2016.")
	}
	if len(parts) == 0 {
		return Date{}, bornError("Type a birth date, as in 04-03-2016.")
	}
	if len(parts) == 1 && (len(parts[0]) == 6 || len(parts[0]) == 8) {
		parts = []string{parts[0][:2], parts[0][2:4], parts[0][4:]}
	}
	if len(parts) != 3 {
		return Date{}, bornError("Type the whole birth date, day first, as in 04-03-2016.")
	}
	if len(parts[0]) == 4 {
		parts[0], parts[2] = parts[2], parts[0]
	}
	d, err := typedDate(parts[0], parts[1], parts[2], today)
	if err != nil {
		return Date{}, err
	}
	switch {
	case today.Before(d):
		return Date{}, bornError("This birth date is in the future.")
	case d.Before(Date{today.Year - maxAge, today.Month, today.Day}):
		return Date{}, bornError("This birth date is more than %d years ago.", maxAge)
	}
	return d, nil
}

// ordinalDay is a day as it is spoken, at the beginning of a date: 1st, 2nd, 3rd, 4th.
var ordinalDay = regexp.MustCompile(`(?i)^(\s*[0-9]{1,2})\s?(?:st|nd|rd|th)\b(?:\s+of\b)?`)

// withoutOrdinal returns a typed date with its day as a plain number.
func withoutOrdinal(s string) string { return ordinalDay.ReplaceAllString(s, "$1 ") }

// splitTyped parts a typed date into runs of digits and of letters. It reports false when s holds anything that no one
// writes in a date, or has letters elsewhere than in the middle, where only a month's name can stand.
func splitTyped(s string) (parts []string, ok bool) {
	const none, digit, letter = 0, 1, 2
	last := none
	for _, r := range s {
		kind := none
		switch {
		case r >= '0' && r <= '9':
			kind = digit
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			kind = letter
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), strings.ContainsRune(`/\.,'’`, r):
		default:
			return nil, false
		}
		if kind != none && kind == last {
			parts[len(parts)-1] += string(r)
		} else if kind != none {
			parts = append(parts, string(r))
		}
		if kind == letter && len(parts) != 2 {
			return nil, false
		}
		last = kind
	}
	return parts, true
}

// typedDate makes a date of a day, a month (number or name) and a year of two or four digits.
func typedDate(day, month, year string, today Date) (Date, error) {
	d, err := strconv.Atoi(day)
	if err != nil || len(day) > 2 {
		return Date{}, bornError("Type the birth date day first, as in 04-03-2016.")
	}
	m, err := typedMonth(month)
	if err != nil {
		return Date{}, err
	}
	y, err := strconv.Atoi(year)
	if err != nil || len(year) != 2 && len(year) != 4 {
		return Date{}, bornError("Type the year with 4 digits, as in 04-03-2016.")
	}
	date := Date{y, m, d}
	if len(year) == 2 {
		date.Year += today.Year - today.Year%100
		if today.Before(date) {
			date.Year -= 100
		}
	}
	if d == 0 {
		return Date{}, bornError("There is no day 0; type the day first, as in 04-03-2016.")
	}
	if !date.exists() {
		return Date{}, bornError("There is no such date: %s %d has %d days.", m, date.Year, daysIn(date.Year, m))
	}
	return date, nil
}

// typedMonth reads a month's number, or its English name from three letters on ("Sept" too).
func typedMonth(s string) (time.Month, error) {
	if n, err := strconv.Atoi(s); err == nil {
		if n < 1 || n > 12 || len(s) > 2 {
			return 0, bornError("There is no month %s; type the day first, as in 04-03-2016.", s)
		}
		return time.Month(n), nil
	}
	for m := time.January; m <= time.December; m++ {
		if len(s) >= 3 && len(s) <= len(m.String()) && strings.EqualFold(s, m.String()[:len(s)]) {
			return m, nil
		}
	}
	return 0, bornError("There is no month “%s”.", text.Clean(s, 12))
}

func bornError(format string, args ...any) error {
	return &FormError{Field: FieldBorn, Sentence: fmt.Sprintf(format, args...)}
}
