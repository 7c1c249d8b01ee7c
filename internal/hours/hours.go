// Package hours knows when a local authority's office answers its telephone: the hours of its week, the bank holidays
// of England by rule, and the days that a site adds. It is pure: it reads no clock, and all times are those of the
// clock on the wall, in the zone of the time that it is given.
package hours

import (
	"time"

	"wardlight/internal/nhs"
)

// Office is when offices answer. Use New; the zero value never answers.
type Office struct {
	week   Week
	closed map[nhs.Date]bool // by the site's settings
	open   map[nhs.Date]bool // likewise, in spite of a bank holiday
}

// New returns an office with the hours of a week, that is closed on bank holidays and on the days closed, and is not on
// the days open, whatever else they are.
func New(week Week, closed, open []nhs.Date) Office {
	return Office{week: week, closed: set(closed), open: set(open)}
}

func set(days []nhs.Date) map[nhs.Date]bool {
	s := make(map[nhs.Date]bool, len(days))
	for _, d := range days {
		s[d] = true
	}
	return s
}

// Answers reports whether the office answers at t, by the clock of t's zone: from the first minute of a span until
// before its last. Where the clocks go back, an hour that is there twice counts both times.
func (o Office) Answers(t time.Time) bool {
	_, closed := o.Closed(t)
	return !closed && o.week.at(t)
}

// Closed reports whether the office is closed for the whole day of t although its week has hours on it, and why: the
// name of the bank holiday, or "" for a day of the site's settings.
func (o Office) Closed(t time.Time) (why string, closed bool) {
	day := nhs.DateOf(t)
	switch {
	case !o.week.on(t) || o.open[day]:
		return "", false
	case o.closed[day]:
		return "", true
	}
	return holidayOn(day)
}

// String returns the hours of the week in words: "Mon-Fri 09:00-17:00".
func (o Office) String() string { return o.week.String() }

// holidayOn returns the holiday of a day. An office with hours at the weekend is closed as well on the day itself that
// another one stands for, and on Easter Sunday.
func holidayOn(day nhs.Date) (name string, holiday bool) {
	for _, h := range BankHolidays(day.Year) {
		if h.Date == day {
			return h.Name, true
		}
	}
	switch {
	case day.Month == time.January && day.Day == 1:
		return "New Year’s Day", true
	case day.Month == time.December && day.Day == 25:
		return "Christmas Day", true
	case day.Month == time.December && day.Day == 26:
		return "Boxing Day", true
	case day == Easter(day.Year):
		return "Easter Sunday", true
	}
	return "", false
}
