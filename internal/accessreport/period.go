package accessreport

import (
	"wardlight/internal/nhs"
)

// PeriodError describes why a typed period can't be the period of a report.
type PeriodError struct {
	Last     bool     // the last day is wrong, and otherwise the first
	Sentence string   // for the user
	Latest   nhs.Date // the latest possible last day, if the period is too long
}

// Error returns the sentence.
func (e *PeriodError) Error() string { return e.Sentence }

// ParsePeriod parses the first and the last day of a report as people type them. Without a last day it is today. The
// error is a *[PeriodError]: not a date, a last day before the first, or more than a month.
func ParsePeriod(from, to string, today nhs.Date) (first, last nhs.Date, err error) {
	if from == "" {
		return first, last, &PeriodError{Sentence: "Type the first day, as in " + today.AddDays(-7).String() + "."}
	}
	if to == "" {
		to = today.String()
	}
	if first, last, err = ParseDays(from, to, today); err != nil {
		return first, last, err
	}
	if latest := first.MonthEnd(); latest.Before(last) {
		return first, last, &PeriodError{
			Last: true, Sentence: "A report covers a month at most: until " + latest.String() + ".", Latest: latest,
		}
	}
	return first, last, nil
}

// ParseDays parses the first and the last day of a list, of which both are optional: a day that was not typed is zero.
// The error is a *[PeriodError]: not a date, or a last day before the first.
func ParseDays(from, to string, today nhs.Date) (first, last nhs.Date, err error) {
	if from != "" {
		if first, err = nhs.ParseDay(from, today); err != nil {
			return first, last, &PeriodError{Sentence: err.Error()}
		}
	}
	if to != "" {
		if last, err = nhs.ParseDay(to, today); err != nil {
			return first, last, &PeriodError{Last: true, Sentence: err.Error()}
		}
	}
	if !first.IsZero() && !last.IsZero() && last.Before(first) {
		return first, last, &PeriodError{Last: true, Sentence: "The last day is before the first."}
	}
	return first, last, nil
}

// BadPerson is the sentence for text that is not a person's UUID.
const BadPerson = "Type the person's UUID: 12 digits, as in 999000000111."
