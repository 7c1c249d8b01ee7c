package nhs

import (
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"time"
)

// Date is a day of the calendar, without time or zone, known as far as it is known: Day 0 means that only the month is
// known, Month 0 that only the year is, and the zero value that nothing is.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// fhirDate is FHIR R4's date and dateTime (Data Types, 'date' and 'dateTime'); seconds and zone may be absent, because
// the date part is all that is wanted here.
var fhirDate = regexp.MustCompile(`^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})` +
	`(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:\.[0-9]+)?)?(?:Z|[+-][01][0-9]:[0-5][0-9])?)?)?)?$`)

// ParseDate reads a date as FHIR writes it: yyyy, yyyy-mm, yyyy-mm-dd, or a dateTime, of which it takes the date as
// written, without moving it to another zone. The error is a *FormError; absent is an error too, the caller knows
// whether the element was there.
func ParseDate(s string) (Date, error) {
	m := fhirDate.FindStringSubmatch(s)
	if m == nil {
		return Date{}, &FormError{FieldDate, "This is not a date of the form 2016-03-04."}
	}
	part := func(i int) int {
		n, _ := strconv.Atoi(m[i]) // digits by the expression, or absent: 0
		return n
	}
	d := Date{part(1), time.Month(part(2)), part(3)}
	if d.Year == 0 || m[2] != "" && d.Month == 0 || m[3] != "" && d.Day == 0 || !d.exists() {
		return Date{}, &FormError{FieldDate, "There is no such date."}
	}
	return d, nil
}

// DateOf returns the day of t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero tells whether nothing of the date is known.
func (d Date) IsZero() bool { return d == Date{} }

// Complete tells whether year, month and day are known.
func (d Date) Complete() bool { return d.Year != 0 && d.Month != 0 && d.Day != 0 }

// Fits reports whether d may be a day from one complete date to another, both included: where d is partial, whether a
// day of its month or year is. A zero date leaves that end open. A d of which nothing is known fits no days.
func (d Date) Fits(from, to Date) bool {
	return !d.IsZero() && !d.Latest().Before(from) && (to.IsZero() || !to.Before(d))
}

// Latest returns the last day that d may be: d itself where it is complete, the last day of its month or year where
// it is partial, and the zero value where nothing is known.
func (d Date) Latest() Date {
	switch {
	case d.IsZero() || d.Complete():
		return d
	case d.Month == 0:
		return Date{d.Year, time.December, 31}
	}
	return Date{d.Year, d.Month, daysIn(d.Year, d.Month)}
}

// exists tells whether the calendar has the date, as far as it is known.
func (d Date) exists() bool {
	switch {
	case d.Month == 0:
		return d.Day == 0
	case d.Month < 0 || d.Month > 12 || d.Day < 0:
		return false
	}
	return d.Day <= daysIn(d.Year, d.Month)
}

// daysIn returns the number of days in a month.
func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// Before orders dates. What isn't known counts as the earliest it could be, so 2016 is before Mar-2016 and that is
// before 04-Mar-2016; the zero value is before all.
func (d Date) Before(e Date) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

// AddDays returns the date n days later (earlier when n is negative). A date that isn't complete stays as it is.
func (d Date) AddDays(n int) Date {
	if !d.Complete() {
		return d
	}
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// DaysUntil returns the number of days from d to e, negative when e is earlier. It is 0 unless both are complete.
func (d Date) DaysUntil(e Date) int {
	if !d.Complete() || !e.Complete() {
		return 0
	}
	const day = 24 * 60 * 60
	return int((e.Time(time.UTC).Unix() - d.Time(time.UTC).Unix()) / day)
}

// Time returns the first moment of the date in loc (nil means UTC); of a partial date, of the first day it could be.
// The zero value gives the zero time.
func (d Date) Time(loc *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	if loc == nil {
		loc = time.UTC
	}
	return time.Date(d.Year, max(d.Month, 1), max(d.Day, 1), 0, 0, 0, 0, loc)
}

// String returns the date as it is shown: "04-Mar-2016", "Mar-2016", "2016" or NotKnown. The months are English
// whatever the locale (CUI, date display).
func (d Date) String() string {
	switch {
	case d.IsZero():
		return NotKnown
	case d.Month == 0:
		return fmt.Sprintf("%04d", d.Year)
	case d.Day == 0:
		return fmt.Sprintf("%s-%04d", short(d.Month), d.Year)
	}
	return fmt.Sprintf("%02d-%s-%04d", d.Day, short(d.Month), d.Year)
}

// short returns the first three letters of a month's name.
func short(m time.Month) string {
	s := m.String()
	return s[:min(3, len(s))]
}

// FHIR returns the date as FHIR writes it: "2016-03-04", "2016-03", "2016", and "" for the zero value.
func (d Date) FHIR() string {
	switch {
	case d.IsZero():
		return ""
	case d.Month == 0:
		return fmt.Sprintf("%04d", d.Year)
	case d.Day == 0:
		return fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// LogValue keeps the date out of logs, whoever passes it to slog: most dates here are a patient's.
func (d Date) LogValue() slog.Value { return slog.StringValue("date withheld") }

// Instant returns a date and time of day as it is shown, on the 24-hour clock of loc: "12-Jun-2006 02:30". A nil loc
// keeps t's own zone; the zero time is NotKnown.
func Instant(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return NotKnown
	}
	if loc != nil {
		t = t.In(loc)
	}
	return t.Format("02-Jan-2006 15:04")
}
