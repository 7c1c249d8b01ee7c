// Package hours computes whether a local authority's office answers its telephone: from the weekly hours, the bank
// holidays of England, and the days in a site's settings. It reads no clock. All times are local times in the time
// zone of the argument.
package hours

import (
	"time"

	"wardlight/internal/nhs"
)

// Office defines when offices answer. Use New; an office with the zero value never answers.
type Office struct {
	week   Week
	closed map[nhs.Date]bool // days in the site's settings
	open   map[nhs.Date]bool // days in the site's settings that override bank holidays
}

// New returns an office with the weekly hours. It is closed on bank holidays and on the days in closed, except for the
// days in open.
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

// Answers reports whether the office answers at t, in t's time zone. A span includes its first minute and excludes its
// last. When the clocks go back, both occurrences of the repeated hour count.
func (o Office) Answers(t time.Time) bool {
	_, closed := o.Closed(t)
	return !closed && o.week.includes(t)
}

// Closed reports whether the office is closed for the whole day of t although its week has hours on that weekday. why
// is the name of the bank holiday, or "" for a day in the site's settings.
func (o Office) Closed(t time.Time) (why string, closed bool) {
	day := nhs.DateOf(t)
	switch {
	case !o.week.hasDay(t) || o.open[day]:
		return "", false
	case o.closed[day]:
		return "", true
	}
	return holidayOn(day)
}

// String returns the weekly hours: "Mon-Fri 09:00-17:00".
func (o Office) String() string { return o.week.String() }

// holidayOn returns the name of the holiday on a day. For offices with hours at the weekend, this includes the
// original day of a holiday with a substitute day, and Easter Sunday.
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
