package nhs

import (
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"time"
)

// A Date is a calendar date without time or zone. It may be partial: if Day is 0, only the month is known; if Month is
// 0, only the year. The zero value means that nothing is known.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// fhirDate matches FHIR R4's date and dateTime (Data Types, 'date' and 'dateTime'). Seconds and zone may be absent,
// because only the date part is used.
var fhirDate = regexp.MustCompile(`^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})` +
	`(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:\.[0-9]+)?)?(?:Z|[+-][01][0-9]:[0-5][0-9])?)?)?)?$`)

// ParseDate parses a date in FHIR format: yyyy, yyyy-mm, yyyy-mm-dd, or a dateTime. Of a dateTime it returns the date
// as written, without converting the time zone. The error is a *FormError. An empty string is an error, too; the
// caller knows whether the element was present.
func ParseDate(s string) (Date, error) {
	m := fhirDate.FindStringSubmatch(s)
	if m == nil {
		return Date{}, &FormError{FieldDate, "This is not a date of the form 2016-03-04."}
	}
	part := func(i int) int {
		n, _ := strconv.Atoi(m[i]) // digits by the expression, or an empty string, which yields 0
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

// IsZero reports whether nothing of the date is known.
func (d Date) IsZero() bool { return d == Date{} }

// Complete reports whether year, month and day are known.
func (d Date) Complete() bool { return d.Year != 0 && d.Month != 0 && d.Day != 0 }

// Fits reports whether d may be a day between two complete dates, both included. A partial d fits if any day of its
// month or year does. A zero from or to leaves that end open. A zero d never fits.
func (d Date) Fits(from, to Date) bool {
	return !d.IsZero() && !d.Latest().Before(from) && (to.IsZero() || !to.Before(d))
}

// Latest returns the last day that d may be. That is d if it is complete, the last day of its month or year if it is
// partial, and the zero value if it is zero.
func (d Date) Latest() Date {
	switch {
	case d.IsZero() || d.Complete():
		return d
	case d.Month == 0:
		return Date{d.Year, time.December, 31}
	}
	return Date{d.Year, d.Month, daysIn(d.Year, d.Month)}
}

// exists reports whether the known parts of the date are valid in the calendar.
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

// Before reports whether d is before e. Unknown parts sort first, so 2016 is before Mar-2016, which is before
// 04-Mar-2016. The zero value is before all others.
func (d Date) Before(e Date) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

// AddDays returns the date n days later, or earlier if n is negative. It returns d unchanged if d isn't complete.
func (d Date) AddDays(n int) Date {
	if !d.Complete() {
		return d
	}
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// Anniversary returns the anniversary of the date after that many years. For 29 February in a year without one it is
// 1 March, as is usual in England for an age. It returns d unchanged if d isn't complete.
func (d Date) Anniversary(years int) Date {
	if !d.Complete() {
		return d
	}
	return DateOf(time.Date(d.Year+years, d.Month, d.Day, 0, 0, 0, 0, time.UTC))
}

// MonthEnd returns the last day of the month that begins on d: 14 February for 15 January, and the last day of February
// for 30 January, because there is no 30 February. It returns d unchanged if d isn't complete.
func (d Date) MonthEnd() Date {
	if !d.Complete() {
		return d
	}
	corresponding := time.Date(d.Year, d.Month+1, d.Day, 0, 0, 0, 0, time.UTC)
	if corresponding.Day() != d.Day {
		return DateOf(time.Date(d.Year, d.Month+2, 0, 0, 0, 0, 0, time.UTC))
	}
	return DateOf(corresponding).AddDays(-1)
}

// DaysUntil returns the number of days from d to e, negative if e is earlier. It returns 0 unless both are complete.
func (d Date) DaysUntil(e Date) int {
	if !d.Complete() || !e.Complete() {
		return 0
	}
	const day = 24 * 60 * 60
	return int((e.Time(time.UTC).Unix() - d.Time(time.UTC).Unix()) / day)
}

// Time returns the first moment of the date in loc; nil means UTC. For a partial date it uses the first possible day.
// For the zero value it returns the zero time.
func (d Date) Time(loc *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	if loc == nil {
		loc = time.UTC
	}
	return time.Date(d.Year, max(d.Month, 1), max(d.Day, 1), 0, 0, 0, 0, loc)
}

// String returns the date in display format: "04-Mar-2016", "Mar-2016", "2016" or NotKnown. The months are in English
// in every locale (CUI, date display).
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

// FHIR returns the date in FHIR format: "2016-03-04", "2016-03", "2016", or "" for the zero value.
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

// LogValue returns a placeholder, so that a date passed to slog isn't logged: most dates here belong to a patient.
func (d Date) LogValue() slog.Value { return slog.StringValue("date withheld") }

// Instant returns a date and time in display format, on the 24-hour clock of loc: "12-Jun-2006 02:30". If loc is nil,
// it uses t's own zone. For the zero time it returns NotKnown.
func Instant(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return NotKnown
	}
	if loc != nil {
		t = t.In(loc)
	}
	return t.Format("02-Jan-2006 15:04")
}
