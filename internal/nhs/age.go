package nhs

import (
	"fmt"
	"strings"
	"time"
)

// Age returns how old someone born on a date is at a moment (its day, in its own zone), by the bands of the CUI:
//
//	under 4 weeks    12d
//	under 1 year     7w 3d
//	under 2 years    12m 8d
//	under 18 years   4y 1m
//	from then on     61y
//
// Units that are zero are left out ("7w"), as CUI D+Tb-0026 demands. The CUI counts minutes and hours in the first two
// days; a birth date has none, so those days are "0d" and "1d". Someone born on 29 February grows older on 1 March in
// other years.
//
// A partial birth date gives the years between which the age lies: "Approx 9-10y", or "Approx 9y" when it is the same
// for every day the date could be, or "Under 1y". With no date, or one after the moment, the age is "".
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
		return units(months, "m", daysPast(born, months, today), "d")
	case months < 18*12:
		return units(months/12, "y", months%12, "m")
	}
	return fmt.Sprintf("%dy", months/12)
}

// approximateAge returns the age by a birth date of which only the year, or the year and month, are known.
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

// monthsBetween counts the whole calendar months from one date to a later one.
func monthsBetween(from, to Date) int {
	n := (to.Year-from.Year)*12 + int(to.Month-from.Month)
	if to.Day < from.Day {
		n--
	}
	return n
}

// daysPast counts the days since someone's last monthly birthday; where the month has no such day, since its last day.
func daysPast(born Date, months int, today Date) int {
	first := time.Date(born.Year, born.Month+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	birthday := DateOf(first)
	birthday.Day = min(born.Day, daysIn(birthday.Year, birthday.Month))
	return birthday.DaysUntil(today)
}

// units joins two counts with their units and leaves out what is zero.
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
