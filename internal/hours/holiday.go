package hours

import (
	"time"

	"wardlight/internal/nhs"
)

// A Holiday is a bank holiday of England.
type Holiday struct {
	Date       nhs.Date
	Name       string // "Early May bank holiday"
	Substitute bool   // replaces a holiday at a weekend
}

// firstYear is the first year to which the present rule applies: the early May bank holiday was introduced in 1978
// (Banking and Financial Dealings Act 1971, and the proclamations made under it).
const firstYear = 1978

// BankHolidays returns the bank holidays of England in a year, in order. They are computed by the rule, with the
// changes proclaimed until 2023. Later proclamations are unknown here; a site adds them to its settings. It returns
// nil for years before 1978, to which the rule doesn't apply.
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
	return applyProclamations(append(all, christmas(year)...), year)
}

// Easter returns Easter Sunday of a year in the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher.
func Easter(year int) nhs.Date {
	golden := year % 19
	century, ofCentury := year/100, year%100
	moon := (19*golden + century - century/4 - (century-(century+8)/25+1)/3 + 15) % 30
	weekday := (32 + 2*(century%4) + 2*(ofCentury/4) - moon - ofCentury%4) % 7
	late := (golden + 11*moon + 22*weekday) / 451
	n := moon + weekday - 7*late + 114
	return nhs.Date{Year: year, Month: time.Month(n / 31), Day: n%31 + 1}
}

// newYear returns New Year's Day, or the following Monday if it is at a weekend.
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

// christmas returns Christmas Day and Boxing Day in calendar order. A day at the weekend is replaced by a substitute
// day; the other one stays where it is.
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
