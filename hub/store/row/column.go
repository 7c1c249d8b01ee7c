package row

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"wardlight/internal/nhs"
)

// Number returns an NHS number as stored. It returns an error unless it has ten digits.
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

// Digits returns a stored NHS number with ten digits.
func Digits(n int64) nhs.Number {
	var b [10]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return nhs.Number(b[:])
}

// OneNumber reads a row with an NHS number only.
func OneNumber(r Row) (nhs.Number, error) {
	var n int64
	err := r.Scan(&n)
	return Digits(n), err
}

// Always is the stored end of something without an end.
const Always = 99991231

// Day returns a date as stored: yyyymmdd, so that dates compare as numbers. An unknown part is 00: 20160300 is a day
// in March 2016, and sorts before all of them. The zero date is 0.
func Day(d nhs.Date) int { return d.Year*10000 + int(d.Month)*100 + d.Day }

// Fitting returns the bounds of stored dates that match a range of days ([nhs.Date.Fits]). All dates from First to
// Last match, except partial ones below First. Of the partial dates below First, those with the month or only the year
// of from match.
func Fitting(from, to nhs.Date) (f Fit) {
	f = Fit{First: 1, Month: 1, Year: 1, Last: LastDay(to)}
	if !from.IsZero() {
		f.First = Day(from)
		f.Month, f.Year = f.First/100*100, f.First/10000*10000
	}
	return f
}

// Fit are the bounds of Fitting, as dates are stored.
type Fit struct{ First, Month, Year, Last int }

// Condition returns the SQL condition that the date in a column matches. value adds an argument to the statement and
// returns its placeholder. The condition begins with a range, for an index.
func (f Fit) Condition(name string, value func(int) string) string {
	if f.First == f.Last {
		return name + " IN (" + value(f.First) + ", " + value(f.Month) + ", " + value(f.Year) + ")"
	}
	return name + " BETWEEN " + value(f.Year) + " AND " + value(f.Last) +
		" AND (" + name + " >= " + value(f.First) + " OR " + name + " IN (" + value(f.Month) + ", " + value(f.Year) +
		"))"
}

// LastDay returns a date as Day does, but Always for the zero date.
func LastDay(d nhs.Date) int {
	if d.IsZero() {
		return Always
	}
	return Day(d)
}

// Date returns a stored date.
func Date(n int) nhs.Date {
	return nhs.Date{Year: n / 10000, Month: time.Month(n / 100 % 100), Day: n % 100}
}

// Instant returns a time as stored: microseconds since 1970 UTC, or 0 for the zero time.
func Instant(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time returns a stored time in UTC.
func Time(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// Join encodes NHS numbers in order, separated by spaces.
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

// Split decodes what Join has encoded. It doesn't tolerate additional spaces, because they change the record's hash.
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
