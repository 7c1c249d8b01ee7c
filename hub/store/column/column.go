// Package column says how values stand in the tables of every store: NHS numbers and days as whole numbers, so that they compare
// as such in any engine, and instants in microseconds.
package column

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"wardlight/internal/nhs"
)

// Number is an NHS number as it is stored. The error is for what has not ten digits.
func Number(digits nhs.Number) (int64, error) {
	var n int64
	if len(digits) != 10 {
		return 0, fmt.Errorf("an NHS number has ten digits, not %d characters", len(digits))
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, errors.New("an NHS number has ten digits")
		}
		n = n*10 + int64(c-'0')
	}
	return n, nil
}

// Digits is a stored NHS number in ten digits.
func Digits(n int64) nhs.Number {
	var b [10]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return nhs.Number(b[:])
}

// Always is the day that never comes, as it is stored: the end of what has no end.
const Always = 99991231

// Day is a date as it is stored: yyyymmdd, so that days compare as numbers; an unknown part counts as 1, no date as 0.
func Day(d nhs.Date) int {
	if d.IsZero() {
		return 0
	}
	return d.Year*10000 + max(int(d.Month), 1)*100 + max(d.Day, 1)
}

// Known is a date as far as it is known, as it is stored: yyyymmdd with 0 for an unknown part, and 0 for no date. [Date] reads it.
func Known(d nhs.Date) int { return d.Year*10000 + int(d.Month)*100 + d.Day }

// LastDay is Day, where no date means that there is no end.
func LastDay(d nhs.Date) int {
	if d.IsZero() {
		return Always
	}
	return Day(d)
}

// Date is a stored day.
func Date(n int) nhs.Date {
	return nhs.Date{Year: n / 10000, Month: time.Month(n / 100 % 100), Day: n % 100}
}

// Instant is a time as it is stored: microseconds since 1970 UTC; the zero time is 0.
func Instant(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is a stored instant, in UTC.
func Time(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// Join writes NHS numbers in order, with spaces between.
func Join(numbers []nhs.Number) string {
	var b strings.Builder
	for i, n := range numbers {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(n.Digits())
	}
	return b.String()
}

// Split reads what Join wrote, to the letter: a space too many is a change to the record, and has to show as one.
func Split(s string) []nhs.Number {
	if s == "" {
		return nil
	}
	var numbers []nhs.Number
	for f := range strings.SplitSeq(s, " ") {
		numbers = append(numbers, nhs.Number(f))
	}
	return numbers
}
