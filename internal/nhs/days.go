package nhs

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"wardlight/internal/text"
)

// Days is a range of days, both ends included. The zero value is an empty range.
type Days struct {
	From, To Date // both complete, or both zero
}

// IsZero reports whether the range is empty.
func (d Days) IsZero() bool { return d == Days{} }

// IsSingleDay reports whether the range is a single day.
func (d Days) IsSingleDay() bool { return d.From == d.To && !d.IsZero() }

// String returns the range in display format: "04-Mar-2016", "01-Jan-2016 to 31-Dec-2016". ParseBirth and ParseDeath
// accept both. For the zero value it returns NotKnown.
func (d Days) String() string {
	if d.From == d.To {
		return d.From.String()
	}
	return d.From.String() + " to " + d.To.String()
}

// ParseBirth parses a birth date, or a range of birth dates, to search by:
//
//	4-3-2016             a whole date, as ParseTyped accepts it
//	03-2016   Mar 2016   a month and a year of four digits; also 2016-03
//	2016   2014-2016     a year, or a range of years
//	2014 to Mar 2016     from the first day of the one to the last of the other
//	age 4   4y   6m   3w   10d      those who are that many whole years, months, weeks or days old today
//	age 3-5   3-5y   6m-2y          those whose age is in this range
//
// Units may be spelt out (3 to 5 years, 6 mths, 4 years old). A number that may be either an age or a part of a date
// is refused, and so is a year of two digits without its day. A range that extends beyond today ends today. The error
// is a *FormError: as from ParseTyped, or for a range that ends before it begins. today must be complete.
func ParseBirth(s string, today Date) (Days, error) {
	r := dateParser{FieldBorn, today}
	if days, ok, err := r.age(s); ok {
		return days, err
	}
	return r.days(s)
}

// ParseDeath parses a date of death, or a range of them, to search by. It accepts the same formats as ParseBirth
// except ages.
func ParseDeath(s string, today Date) (Days, error) { return dateParser{FieldDied, today}.days(s) }

// between matches two dates separated by "to". A dash is no separator, because dates contain dashes.
var between = regexp.MustCompile(`(?i)^(.*\S)\s+to\s+(\S.*)$`)

// days parses a date, a month or a year, or a range of these.
func (r dateParser) days(s string) (Days, error) {
	ends := between.FindStringSubmatch(normaliseSpaces(s))
	if ends == nil {
		return r.period(s)
	}
	first, err := r.period(ends[1])
	if err != nil {
		return Days{}, err
	}
	last, err := r.period(ends[2])
	if err != nil {
		return Days{}, err
	}
	return r.ordered(Days{first.From, last.To})
}

// ordered returns d, or an error if it ends before it begins.
func (r dateParser) ordered(d Days) (Days, error) {
	if d.To.Before(d.From) {
		return Days{}, r.errorf("This ends before it begins.")
	}
	return d, nil
}

// period parses a whole date, a month with its year, a year, or a range of years.
func (r dateParser) period(s string) (Days, error) {
	parts, ok := splitTyped(text.WithoutIgnorable(s))
	switch {
	case !ok:
	case len(parts) == 1 && digits(parts[0]) && len(parts[0]) <= 4:
		return r.year(parts[0])
	case len(parts) == 2:
		return r.twoParts(parts[0], parts[1])
	}
	d, err := r.parseDate(s)
	return Days{d, d}, err
}

// year parses a year of four digits.
func (r dateParser) year(s string) (Days, error) {
	if len(s) != 4 {
		return Days{}, r.ambiguousError()
	}
	y, err := strconv.Atoi(s)
	if err != nil {
		return Days{}, r.ambiguousError()
	}
	return r.dateRange(Date{Year: y}, Date{Year: y})
}

// twoParts parses a month and a year in either order, or two years.
func (r dateParser) twoParts(first, second string) (Days, error) {
	isYear := func(part string) bool { return len(part) == 4 && digits(part) }
	if isYear(first) && isYear(second) {
		from, err := r.year(first)
		if err != nil {
			return Days{}, err
		}
		to, err := r.year(second)
		if err != nil {
			return Days{}, err
		}
		return r.ordered(Days{from.From, to.To})
	}

	if isYear(first) {
		first, second = second, first
	}

	switch {
	case isYear(second):
		m, err := r.month(first)
		if err != nil {
			return Days{}, err
		}
		y, err := strconv.Atoi(second)
		if err != nil {
			return Days{}, r.ambiguousError()
		}
		return r.dateRange(Date{Year: y, Month: m}, Date{Year: y, Month: m})
	case digits(first) && digits(second):
		return Days{}, r.ambiguousError()
	}

	name := second // the month: 4 Mar, or Mar 16
	if digits(second) {
		name = first
	}

	if _, err := r.month(name); err != nil || digits(name) {
		return Days{}, r.errorf("Type the %s day first, as in 04-03-2016.", r.field)
	}

	return Days{}, r.errorf("Type the year with 4 digits, as in Mar 2016 or 04-Mar-2016.")
}

// dateRange returns the range from the first possible day of first to the last possible day of last, but not beyond
// today.
func (r dateParser) dateRange(first, last Date) (Days, error) {
	d := Days{Date{first.Year, max(first.Month, time.January), 1}, last.Latest()}
	if err := r.check(d.From); err != nil {
		return Days{}, err
	}
	if r.today.Before(d.To) {
		d.To = r.today
	}
	return d, nil
}

// ambiguousError returns the error for a number that has several possible meanings.
func (r dateParser) ambiguousError() error {
	if r.field == FieldBorn {
		return r.errorf("This may be an age or a date. Type an age with its unit, as in 3-5y, or a year with 4 digits.")
	}
	return r.errorf("Type the year with 4 digits, as in 2016 or 03-2016.")
}

// ageTyped matches an age or a range of ages. Its groups are the word "age" or "aged", and each number with its unit.
var ageTyped = regexp.MustCompile(`^(aged?)? ?([0-9]{1,5}) ?(` + ageUnit + `)?(?: ?(?:-|to) ?([0-9]{1,5}) ?(` +
	ageUnit + `)?)?(?: old)?$`)

// ageUnit matches a unit of an age, which its first letter identifies.
const ageUnit = `years?|yrs?|yo|y|months?|mths?|m|weeks?|wks?|w|days?|d`

// age parses an age or a range of ages. It returns false if s is neither.
func (r dateParser) age(s string) (days Days, ok bool, err error) {
	m := ageTyped.FindStringSubmatch(normaliseSpaces(strings.ToLower(s)))
	if m == nil {
		return Days{}, false, nil
	}

	word, youngest, unit, oldest, oldestUnit := m[1], m[2], m[3], m[4], m[5]
	switch {
	case word == "" && unit == "" && oldestUnit == "":
		return Days{}, false, nil
	case oldest == "":
		oldest, oldestUnit = youngest, unit
	case unit != "" && oldestUnit == "":
		return Days{}, true, r.errorf("Type the unit of both ages, as in 6m-2y.")
	case unit == "":
		unit = oldestUnit
	}

	days = Days{r.latestBirth(oldest, 1, oldestUnit).AddDays(1), r.latestBirth(youngest, 0, unit)}
	if days.From.Before(r.earliest()) || days.To.Before(r.earliest()) {
		return Days{}, true, r.errorf("An age is less than %d years.", maxAge)
	}

	days, err = r.ordered(days)
	return days, true, err
}

// latestBirth returns the latest birth date of people who are n+more units old today. Years and months are counted as
// in Age. An empty unit means years.
func (r dateParser) latestBirth(n string, more int, unit string) Date {
	count, _ := strconv.Atoi(n) // five digits at most, by the expression
	count += more
	switch {
	case strings.HasPrefix(unit, "w"):
		return r.today.AddDays(-7 * count)
	case strings.HasPrefix(unit, "d"):
		return r.today.AddDays(-count)
	case !strings.HasPrefix(unit, "m"):
		count *= 12
	}
	year, month, _ := time.Date(r.today.Year, r.today.Month-time.Month(count), 1, 0, 0, 0, 0, time.UTC).Date()
	return Date{year, month, min(r.today.Day, daysIn(year, month))}
}

// normaliseSpaces replaces dashes by hyphens and runs of blanks by one space, and removes invisible characters.
func normaliseSpaces(s string) string {
	return squeeze(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Pd, r) {
			return '-'
		}
		return r
	}, text.WithoutIgnorable(s)))
}
