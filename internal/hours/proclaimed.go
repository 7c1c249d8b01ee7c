package hours

import (
	"cmp"
	"slices"
	"time"

	"wardlight/internal/nhs"
)

// proclamation is a change to the bank holidays of a year. It moves a holiday, or adds one if moves is "".
type proclamation struct {
	moves string // name of the holiday that is moved
	to    nhs.Date
	name  string // name of the holiday that is added
}

// proclamations returns the proclamations for a year since 1978 (London Gazette).
func proclamations(year int) []proclamation {
	on := func(month time.Month, day int) nhs.Date { return nhs.Date{Year: year, Month: month, Day: day} }
	const spring, earlyMay = "Spring bank holiday", "Early May bank holiday"
	switch year {
	case 1981:
		return []proclamation{{to: on(time.July, 29), name: "Wedding of the Prince of Wales"}}
	case 1995, 2020: // 50 and 75 years after the end of the war in Europe
		return []proclamation{{moves: earlyMay, to: on(time.May, 8)}}
	case 1999:
		return []proclamation{{to: on(time.December, 31), name: "Millennium holiday"}}
	case 2002:
		return []proclamation{{moves: spring, to: on(time.June, 4)}, {to: on(time.June, 3), name: "Golden Jubilee"}}
	case 2011:
		return []proclamation{{to: on(time.April, 29), name: "Royal wedding"}}
	case 2012:
		return []proclamation{{moves: spring, to: on(time.June, 4)}, {to: on(time.June, 5), name: "Diamond Jubilee"}}
	case 2022:
		return []proclamation{
			{moves: spring, to: on(time.June, 2)},
			{to: on(time.June, 3), name: "Platinum Jubilee"},
			{to: on(time.September, 19), name: "State Funeral of Queen Elizabeth II"},
		}
	case 2023:
		return []proclamation{{to: on(time.May, 8), name: "Coronation of King Charles III"}}
	default:
		return nil
	}
}

// applyProclamations applies the proclamations for the year and sorts the holidays by date.
func applyProclamations(all []Holiday, year int) []Holiday {
	for _, p := range proclamations(year) {
		if p.moves == "" {
			all = append(all, Holiday{Date: p.to, Name: p.name})
			continue
		}
		for i := range all {
			if all[i].Name == p.moves {
				all[i].Date = p.to
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Holiday) int {
		return cmp.Or(cmp.Compare(a.Date.Month, b.Date.Month), cmp.Compare(a.Date.Day, b.Date.Day))
	})
	return all
}
