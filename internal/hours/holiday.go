package hours

import (
	"time"

	"wardlight/internal/nhs"
)

// Holiday is a bank holiday of England.
type Holiday struct {
	Date       nhs.Date
	Name       string // "Early May bank holiday"
	Substitute bool   // in place of one that fell on a weekend
}

// firstYear is the first year of today's rule: the early May bank holiday came in 1978 (Banking and Financial
// Dealings Act 1971, and the proclamations made under it).
const firstYear = 1978

// BankHolidays returns the bank holidays of England in a year, in order: those of the rule, as far as no proclamation
// moved them, and those that were proclaimed until 2023. What is proclaimed later can't be known here; a site adds it
// to its settings. There are none before 1978, from when on the rule holds.
func BankHolidays(year int) []Holiday {
	if year < firstYear {
		return nil
	}
	easter := Easter(year)
	all := []Holiday{
		newYear(year),
		{Date: easter.AddDays(-2), Name: "Good Friday"},
		{Date: easter.AddDays(1), Name: "Easter Monday"},
		{Date: firstMonday(year, time.May), Name: "Early May bank holiday"},
		{Date: lastMonday(year, time.May), Name: "Spring bank holiday"},
		{Date: lastMonday(year, time.August), Name: "Summer bank holiday"},
	}
	return proclaim(append(all, christmas(year)...), year)
}

// Easter returns Easter Sunday of a year of the Gregorian calendar, by the rule of Meeus, Jones and Butcher.
func Easter(year int) nhs.Date {
	golden := year % 19
	century, ofCentury := year/100, year%100
	moon := (19*golden + century - century/4 - (century-(century+8)/25+1)/3 + 15) % 30
	weekday := (32 + 2*(century%4) + 2*(ofCentury/4) - moon - ofCentury%4) % 7
	late := (golden + 11*moon + 22*weekday) / 451
	n := moon + weekday - 7*late + 114
	return nhs.Date{Year: year, Month: time.Month(n / 31), Day: n%31 + 1}
}

// newYear returns New Year's Day, or the Monday after when it is at a weekend.
func newYear(year int) Holiday {
	h := Holiday{Date: nhs.Date{Year: year, Month: time.January, Day: 1}, Name: "New Year’s Day"}
	switch weekday(h.Date) {
	case time.Saturday:
		h.Date, h.Substitute = h.Date.AddDays(2), true
	case time.Sunday:
		h.Date, h.Substitute = h.Date.AddDays(1), true
	default:
	}
	return h
}

// christmas returns Christmas Day and Boxing Day, or the working days that stand for them, in the order of the
// calendar: of the two the one that is not at the weekend stays where it is.
func christmas(year int) []Holiday {
	day := Holiday{Date: nhs.Date{Year: year, Month: time.December, Day: 25}, Name: "Christmas Day"}
	boxing := Holiday{Date: day.Date.AddDays(1), Name: "Boxing Day"}
	switch weekday(day.Date) {
	case time.Friday:
		boxing.Date, boxing.Substitute = boxing.Date.AddDays(2), true
	case time.Saturday:
		day.Date, day.Substitute = day.Date.AddDays(2), true
		boxing.Date, boxing.Substitute = boxing.Date.AddDays(2), true
	case time.Sunday:
		day.Date, day.Substitute = day.Date.AddDays(2), true
		return []Holiday{boxing, day}
	default:
	}
	return []Holiday{day, boxing}
}

// firstMonday returns the first Monday of a month.
func firstMonday(year int, month time.Month) nhs.Date {
	first := nhs.Date{Year: year, Month: month, Day: 1}
	return first.AddDays((int(time.Monday) - int(weekday(first)) + 7) % 7)
}

// lastMonday returns the last Monday of a month.
func lastMonday(year int, month time.Month) nhs.Date {
	last := nhs.Date{Year: year, Month: month + 1, Day: 1}.AddDays(-1)
	return last.AddDays(-(int(weekday(last)) - int(time.Monday) + 7) % 7)
}

func weekday(d nhs.Date) time.Weekday { return d.Time(time.UTC).Weekday() }
