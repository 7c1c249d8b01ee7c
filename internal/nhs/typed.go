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

// maxAge is the maximum age, in years, for a typed birth date. Older ones are rejected as typing errors.
const maxAge = 130

// ParseTyped parses a birth date as people type it, day first:
//
//	4-3-2016   04/03/2016   04.03.2016   04 03 16   04032016   040316
//	4 Mar 2016   04-March-16   4mar2016   2016-03-04   2016-Mar-04
//	4th March 2016   4 Mar '16
//
// A year of two digits is the latest one that isn't in the future. A month before the day is never accepted as a
// number. The error is a *FormError: not a date, not a whole date, no such day, in the future, more than 130 years
// ago. today must be complete.
func ParseTyped(s string, today Date) (Date, error) { return dateParser{FieldBorn, today}.parseDate(s) }

// ParseDay parses a date that is neither of birth nor of death, as [ParseTyped] does.
func ParseDay(s string, today Date) (Date, error) { return dateParser{FieldDate, today}.parseDate(s) }

// A dateParser parses dates that were typed into a form.
type dateParser struct {
	field string // FieldBorn, FieldDied or FieldDate; named in errors
	today Date   // complete
}

func (r dateParser) errorf(format string, args ...any) error {
	return &FormError{Field: r.field, Sentence: fmt.Sprintf(format, args...)}
}

// parseDate parses a whole date, as ParseTyped describes.
func (r dateParser) parseDate(s string) (Date, error) {
	parts, ok := splitTyped(withoutOrdinal(text.WithoutIgnorable(s)))
	if !ok || hasMisplacedLetters(parts) {
		return Date{}, r.errorf("Type the %s day first, as in 04-03-2016.", r.field)
	}
	if len(parts) == 0 {
		return Date{}, r.errorf("Type a %s, as in 04-03-2016.", r.field)
	}

	if len(parts) == 1 && (len(parts[0]) == 6 || len(parts[0]) == 8) {
		parts = []string{parts[0][:2], parts[0][2:4], parts[0][4:]}
	}

	if len(parts) != 3 {
		return Date{}, r.errorf("Type the whole %s, day first, as in 04-03-2016.", r.field)
	}

	if len(parts[0]) == 4 {
		parts[0], parts[2] = parts[2], parts[0]
	}

	d, err := r.date(parts[0], parts[1], parts[2])
	if err != nil {
		return Date{}, err
	}
	if err := r.check(d); err != nil {
		return Date{}, err
	}

	return d, nil
}

// check returns an error if first is in the future or more than maxAge years ago.
func (r dateParser) check(first Date) error {
	switch {
	case r.today.Before(first):
		return r.errorf("This %s is in the future.", r.field)
	case first.Before(r.earliest()):
		return r.errorf("This %s is more than %d years ago.", r.field, maxAge)
	}
	return nil
}

// earliest returns the first day that check accepts.
func (r dateParser) earliest() Date { return Date{r.today.Year - maxAge, r.today.Month, r.today.Day} }

// ordinalDay matches an ordinal day at the beginning of a date: 1st, 2nd, 3rd, 4th.
var ordinalDay = regexp.MustCompile(`(?i)^(\s*[0-9]{1,2})\s?(?:st|nd|rd|th)\b(?:\s+of\b)?`)

// withoutOrdinal replaces an ordinal day by a plain number.
func withoutOrdinal(s string) string { return ordinalDay.ReplaceAllString(s, "$1 ") }

// splitTyped splits a typed date into runs of digits and of letters. It returns false if s contains a character that
// no date has.
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

		last = kind
	}

	return parts, true
}

// hasMisplacedLetters reports whether a date has letters anywhere but in its second part, where a month's name may be.
func hasMisplacedLetters(parts []string) bool {
	for i, p := range parts {
		if i != 1 && !digits(p) {
			return true
		}
	}
	return false
}

// digits reports whether a part of a typed date is a number. Parts consist either of digits or of letters.
func digits(part string) bool { return part != "" && part[0] <= '9' }

// date returns the date for a day, a month (number or name) and a year of two or four digits.
func (r dateParser) date(day, month, year string) (Date, error) {
	d, err := strconv.Atoi(day)
	if err != nil || len(day) > 2 {
		return Date{}, r.errorf("Type the %s day first, as in 04-03-2016.", r.field)
	}

	m, err := r.month(month)
	if err != nil {
		return Date{}, err
	}

	y, err := strconv.Atoi(year)
	if err != nil || len(year) != 2 && len(year) != 4 {
		return Date{}, r.errorf("Type the year with 4 digits, as in 04-03-2016.")
	}

	date := Date{y, m, d}
	if len(year) == 2 {
		date.Year += r.today.Year - r.today.Year%100
		if r.today.Before(date) {
			date.Year -= 100
		}
	}

	if d == 0 {
		return Date{}, r.errorf("There is no day 0; type the day first, as in 04-03-2016.")
	}
	if !date.exists() {
		return Date{}, r.errorf("There is no such date: %s %d has %d days.", m, date.Year, daysIn(date.Year, m))
	}

	return date, nil
}

// month parses a month's number, or its English name or the first three or more letters of it ("Sept").
func (r dateParser) month(s string) (time.Month, error) {
	if n, err := strconv.Atoi(s); err == nil {
		if n < 1 || n > 12 || len(s) > 2 {
			return 0, r.errorf("There is no month %s; type the day first, as in 04-03-2016.", s)
		}
		return time.Month(n), nil
	}
	for m := time.January; m <= time.December; m++ {
		if len(s) >= 3 && len(s) <= len(m.String()) && strings.EqualFold(s, m.String()[:len(s)]) {
			return m, nil
		}
	}
	return 0, r.errorf("There is no month “%s”.", text.Clean(s, 12))
}
