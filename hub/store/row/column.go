package row

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"wardlight/internal/nhs"
)

// Number returns an NHS number as it is stored. The error is for what has not ten digits.
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

// Digits returns a stored NHS number in ten digits.
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

// Day returns a date as it is stored: yyyymmdd, so that days compare as numbers. An unknown part is 00: 20160300 is a
// day of March 2016, and comes before all of them. No date is 0.
func Day(d nhs.Date) int { return d.Year*10000 + int(d.Month)*100 + d.Day }

// Fitting returns what a stored date must be to fit the days from one date to another ([nhs.Date.Fits]). Dates of
// which no part is before from's fit from First to Last. Of the partial ones before First, the month and the year of
// from fit.
func Fitting(from, to nhs.Date) (f Fit) {
	f = Fit{First: 1, Month: 1, Year: 1, Last: LastDay(to)}
	if !from.IsZero() {
		f.First = Day(from)
		f.Month, f.Year = f.First/100*100, f.First/10000*10000
	}
	return f
}

// Fit is the bounds that Fitting returns, as dates are stored.
type Fit struct{ First, Month, Year, Last int }

// Condition returns the condition in SQL that the date of that name fits; value adds an argument to the statement and
// returns how it stands there. It begins with a range, for an index.
func (f Fit) Condition(name string, value func(int) string) string {
	if f.First == f.Last {
		return name + " IN (" + value(f.First) + ", " + value(f.Month) + ", " + value(f.Year) + ")"
	}
	return name + " BETWEEN " + value(f.Year) + " AND " + value(f.Last) +
		" AND (" + name + " >= " + value(f.First) + " OR " + name + " IN (" + value(f.Month) + ", " + value(f.Year) + "))"
}

// LastDay returns Day, where no date means that there is no end.
func LastDay(d nhs.Date) int {
	if d.IsZero() {
		return Always
	}
	return Day(d)
}

// Date returns a stored day.
func Date(n int) nhs.Date {
	return nhs.Date{Year: n / 10000, Month: time.Month(n / 100 % 100), Day: n % 100}
}

// Instant returns a time as it is stored: microseconds since 1970 UTC; the zero time is 0.
func Instant(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time returns a stored instant, in UTC.
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
