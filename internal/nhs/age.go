package nhs

import (
	"fmt"
	"strings"
	"time"
)

// Age returns the age at a given time of someone born on a date, in the format of the CUI. The day is that of at in
// its own time zone.
//
//	under 4 weeks    12d
//	under 1 year     7w 3d
//	under 2 years    12m 8d
//	under 18 years   4y 1m
//	from then on     61y
//
// Zero units are omitted ("7w"), as CUI D+Tb-0026 requires. The CUI counts minutes and hours in the first two days; a
// birth date has none, so those days are "0d" and "1d". In years without a 29 February, the birthday of someone born
// on that day is 1 March.
//
// For a partial birth date, Age returns the range of possible ages in years: "Approx 9-10y", "Approx 9y" if all
// possible days have the same age, or "Under 1y". It returns "" if the birth date is zero or after at.
func Age(born Date, at time.Time) string {
	today := DateOf(at)
	if born.IsZero() || today.Before(born) {
		return ""
	}
	if !born.Complete() {
		return approximateAge(born, today)
	}
	months := monthsBetween(born, today)
	switch days := born.DaysUntil(today); {
	case days < 4*7:
		return fmt.Sprintf("%dd", days)
	case months < 12:
		return units(days/7, "w", days%7, "d")
	case months < 2*12:
		return units(months, "m", daysSinceMonthlyBirthday(born, months, today), "d")
	case months < 18*12:
		return units(months/12, "y", months%12, "m")
	}
	return fmt.Sprintf("%dy", months/12)
}

// approximateAge returns the age for a birth date of which only the year, or only the year and month, are known.
func approximateAge(born, today Date) string {
	first, last := born, born
	if born.Month == 0 {
		first.Month, last.Month = time.January, time.December
	}
	first.Day, last.Day = 1, daysIn(last.Year, last.Month)
	if today.Before(last) {
		last = today
	}
	low, high := monthsBetween(last, today)/12, monthsBetween(first, today)/12
	switch {
	case high == 0:
		return "Under 1y"
	case low == high:
		return fmt.Sprintf("Approx %dy", low)
	}
	return fmt.Sprintf("Approx %d-%dy", low, high)
}

// monthsBetween returns the number of whole calendar months between two dates.
func monthsBetween(from, to Date) int {
	n := (to.Year-from.Year)*12 + int(to.Month-from.Month)
	if to.Day < from.Day {
		n--
	}
	return n
}

// daysSinceMonthlyBirthday returns the number of days since the last monthly birthday. If the month has no such day,
// the birthday is its last day.
func daysSinceMonthlyBirthday(born Date, months int, today Date) int {
	first := time.Date(born.Year, born.Month+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	birthday := DateOf(first)
	birthday.Day = min(born.Day, daysIn(birthday.Year, birthday.Month))
	return birthday.DaysUntil(today)
}

// units joins two counts with their units, omitting zero counts.
func units(a int, aUnit string, b int, bUnit string) string {
	var parts []string
	if a > 0 {
		parts = append(parts, fmt.Sprintf("%d%s", a, aUnit))
	}
	if b > 0 {
		parts = append(parts, fmt.Sprintf("%d%s", b, bUnit))
	}
	return strings.Join(parts, " ")
}
