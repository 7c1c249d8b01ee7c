package trace

import (
	"slices"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// oldest is how many years before today a birth date is searched at most.
const oldest = 130

// confusableDates returns the birth dates that are easily confused with d, without d itself. They differ by exchanged
// day and month, one wrong digit or two exchanged digits of the year, one, two, ten or a hundred years, one day, and
// one wrong digit or exchanged digits of the day. None is after today.
func confusableDates(d, today nhs.Date) []nhs.Date {
	var all []nhs.Date
	add := func(year int, month time.Month, day int) {
		s := nhs.Date{Year: year, Month: month, Day: day}
		if month > time.December || s == d || today.Before(s) || year < today.Year-oldest || !valid(s) ||
			slices.Contains(all, s) {
			return
		}
		all = append(all, s)
	}

	add(d.Year, time.Month(d.Day), int(d.Month))
	for place := 1; place <= 1000; place *= 10 {
		digit := d.Year / place % 10
		for other := range 10 {
			add(d.Year+(other-digit)*place, d.Month, d.Day)
		}
	}

	add(d.Year/100*100+d.Year%10*10+d.Year/10%10, d.Month, d.Day)
	for _, years := range []int{-100, -10, -2, -1, 1, 2, 10, 100} {
		add(d.Year+years, d.Month, d.Day)
	}

	for _, days := range []int{-1, 1} {
		next := d.AddDays(days)
		add(next.Year, next.Month, next.Day)
	}

	for day := 1; day <= 31; day++ {
		if slipped(d.Day, day, 2) {
			add(d.Year, d.Month, day)
		}
	}

	return all
}

// partsOf returns the partial dates that may stand for a day in a short span.
func partsOf(span store.Span) []nhs.Date {
	var all []nhs.Date
	for _, d := range []nhs.Date{span.From, span.To} {
		for _, part := range []nhs.Date{{Year: d.Year, Month: d.Month}, {Year: d.Year}} {
			if !slices.Contains(all, part) {
				all = append(all, part)
			}
		}
	}
	return all
}

// valid reports whether the calendar has the day.
func valid(d nhs.Date) bool {
	return d.Day >= 1 && nhs.DateOf(d.Time(time.UTC)) == d
}

// Likeness of a birth date that differs from the one in the query.
const (
	changedOver = 0.92 // day and month exchanged
	nearYear    = 0.88 // one digit of the year wrong, or one, two, ten or a hundred years
	nearDay     = 0.90 // one digit of the day wrong, or its two digits exchanged
	nearMonth   = 0.85
	otherDay    = 0.72 // another day of the same month
	otherMonth  = 0.62 // the same day of another month in the same year
	firstOfYear = 0.70 // 1 January, which stands for an unknown day
	knownMonth  = 0.97 // a partial date with the same month and year
	knownYear   = 0.94 // a partial date with the same year
	sameYear    = 0.35
	otherYear   = 0.30 // the same day of another year
)

// birthLikeness returns the likeness of a birth date on record with the one in the query, from 0 to 1.
func birthLikeness(asked store.Span, stored nhs.Date) float64 {
	if stored.Fits(asked.From, asked.To) {
		switch {
		case stored.Complete():
			return 1
		case stored.Month != 0:
			return knownMonth
		default:
			return knownYear
		}
	}

	if asked.From != asked.To {
		return 0
	}

	d := asked.From
	year, month, day := d.Year == stored.Year, d.Month == stored.Month, d.Day == stored.Day
	switch {
	case stored.IsZero():
		return 0
	case year && int(d.Month) == stored.Day && int(stored.Month) == d.Day:
		return changedOver
	case month && day:
		if slices.Contains([]int{1, 2, 10, 100}, max(d.Year-stored.Year, stored.Year-d.Year)) ||
			slipped(d.Year, stored.Year, 4) {
			return nearYear
		}
		return otherYear
	case year && stored.Month == time.January && stored.Day == 1:
		return firstOfYear
	case year && month:
		if slipped(d.Day, stored.Day, 2) {
			return nearDay
		}
		return otherDay
	case year && day:
		if slipped(int(d.Month), int(stored.Month), 2) {
			return nearMonth
		}
		return otherMonth
	case year:
		return sameYear
	default:
		return 0
	}
}

// slipped reports whether two numbers with that many digits differ in one digit, or in the order of two neighbouring
// digits.
func slipped(a, b, places int) bool {
	differ, first := 0, 0
	var x, y [4]int
	for i := range places {
		x[i], y[i] = a%10, b%10
		if x[i] != y[i] {
			if differ == 0 {
				first = i
			}
			differ++
		}
		a, b = a/10, b/10
	}
	return differ == 1 || differ == 2 && first+1 < places && x[first] == y[first+1] && x[first+1] == y[first]
}
