package hours

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Week is the weekly hours in which an office answers. Use ParseWeek; an office with the zero value never answers.
type Week struct {
	spans []span // in the order in which they were given
	words string
}

// span is a time on one weekday, in minutes of the day. It includes from and excludes to, which is at most 1440.
type span struct {
	day      time.Weekday
	from, to int
}

// maxWeekText is the maximum length of a week's text, which is shown next to a telephone number.
const maxWeekText = 80

// DefaultWeek is the default for offices without configured hours.
const DefaultWeek = "Mon-Fri 09:00-17:00"

// daysForm matches the days of a part of a week, and timeForm a time span.
var (
	daysForm = regexp.MustCompile(`^([A-Za-z]+)(?:[-–]([A-Za-z]+))?$`)
	timeForm = regexp.MustCompile(`^([0-9]{1,2}):([0-9]{2})[-–]([0-9]{1,2}):([0-9]{2})$`)
)

var (
	errNoWeek   = errors.New("there are no hours in it")
	errLongWeek = fmt.Errorf("it is longer than %d letters", maxWeekText)
)

// ParseWeek parses weekly hours. Parts are separated by commas. Each consists of a day or a range of days, followed by
// one or more time spans on the 24-hour clock.
//
//	Mon-Fri 09:00-17:00
//	Mon-Thu 08:30-12:30 13:15-17:00, Fri 08:30-16:30, Sat 10:00-12:00
//
// A span ends on the day on which it begins (at 24:00 at the latest). Spans must not overlap or touch. The error names
// the invalid part.
func ParseWeek(s string) (Week, error) {
	if len(s) > maxWeekText {
		return Week{}, errLongWeek
	}

	var w Week
	var parts []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' }) {
		fields := strings.Fields(part)
		if len(fields) == 0 {
			continue
		}

		days, dayWords, err := parseDays(fields[0])
		if err != nil {
			return Week{}, err
		}
		if len(fields) == 1 {
			return Week{}, fmt.Errorf("%s has no hours", dayWords)
		}

		words := []string{dayWords}
		for _, f := range fields[1:] {
			from, to, err := parseTimes(f)
			if err != nil {
				return Week{}, err
			}
			words = append(words, clock(from)+"-"+clock(to))
			for _, d := range days {
				if w.overlaps(span{d, from, to}) {
					return Week{}, fmt.Errorf("%s has %s twice", short(d), clock(from)+"-"+clock(to))
				}
				w.spans = append(w.spans, span{d, from, to})
			}
		}

		parts = append(parts, strings.Join(words, " "))
	}

	if len(w.spans) == 0 {
		return Week{}, errNoWeek
	}

	w.words = strings.Join(parts, ", ")
	return w, nil
}

// String returns the week in display format: "Mon-Fri 09:00-17:00".
func (w Week) String() string { return w.words }

// includes reports whether the local time of t is within a span.
func (w Week) includes(t time.Time) bool {
	minute := t.Hour()*60 + t.Minute()
	for _, s := range w.spans {
		if s.day == t.Weekday() && s.from <= minute && minute < s.to {
			return true
		}
	}
	return false
}

// hasDay reports whether the week has any hours on the weekday of t.
func (w Week) hasDay(t time.Time) bool {
	for _, s := range w.spans {
		if s.day == t.Weekday() {
			return true
		}
	}
	return false
}

func (w Week) overlaps(o span) bool {
	for _, s := range w.spans {
		if s.day == o.day && s.from < o.to && o.from < s.to {
			return true
		}
	}
	return false
}

// parseDays parses a day or a range of days, which may include the end of the week: Sat-Mon.
func parseDays(s string) (days []time.Weekday, words string, err error) {
	m := daysForm.FindStringSubmatch(s)
	if m == nil {
		return nil, "", fmt.Errorf("%q is no day; begin with days, as in Mon-Fri", s)
	}
	first, err := parseDay(m[1])
	if err != nil || m[2] == "" {
		return []time.Weekday{first}, short(first), err
	}
	last, err := parseDay(m[2])
	if err != nil {
		return nil, "", err
	}
	for d := first; ; d = (d + 1) % 7 {
		days = append(days, d)
		if d == last {
			return days, short(first) + "-" + short(last), nil
		}
	}
}

// parseDay parses a weekday's English name, or the first three or more letters of it.
func parseDay(s string) (time.Weekday, error) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if len(s) >= 3 && len(s) <= len(d.String()) && strings.EqualFold(s, d.String()[:len(s)]) {
			return d, nil
		}
	}
	return 0, fmt.Errorf("there is no day %q", s)
}

// parseTimes parses a time span and returns its ends in minutes of the day.
func parseTimes(s string) (from, to int, err error) {
	m := timeForm.FindStringSubmatch(s)
	if m == nil {
		return 0, 0, fmt.Errorf("%q is no span of time, as in 09:00-17:00", s)
	}

	minutes := func(hour, minute string) int {
		h, _ := strconv.Atoi(hour) // digits by the expression
		m, _ := strconv.Atoi(minute)
		if h > 24 || m > 59 || h == 24 && m > 0 {
			return -1
		}
		return h*60 + m
	}

	from, to = minutes(m[1], m[2]), minutes(m[3], m[4])
	switch {
	case from < 0 || to < 0:
		return 0, 0, fmt.Errorf("%q has a time that no clock shows", s)
	case to <= from:
		return 0, 0, fmt.Errorf("%q ends before it begins; write a night as two spans", s)
	}

	return from, to, nil
}

// clock formats minutes of the day as hh:mm.
func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func short(d time.Weekday) string { return d.String()[:3] }
