package upload

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// action is what a row does.
type action int

const (
	add action = iota + 1
	update
	end
	remove
)

// change is a row that reads, before it is held against any record.
type change struct {
	action        action
	kind          store.PlanKind
	number        nhs.Number
	born          nhs.Date
	family, given string
	start         nhs.Date // zero where a row that ends or deletes goes by the reference
	end, due      nhs.Date
	reference     string
}

// refusal is why a row is not taken.
type refusal struct {
	code     RowCode
	sentence string
}

// Error is the code alone.
func (r *refusal) Error() string { return string(r.code) }

func failure(c Column, format string, args ...any) error {
	return &refusal{Failure, c.title() + ": " + fmt.Sprintf(format, args...)}
}

// The words for what a row does and for the kinds of plan, as plain leaves them.
var (
	actionWords = map[string]action{
		"add": add, "new": add, "a": add, "update": update, "change": update, "amend": update, "u": update,
		"end": end, "ended": end, "close": end, "e": end, "delete": remove, "remove": remove, "d": remove,
	}
	kindWords = map[string]store.PlanKind{
		"cpp": store.ChildProtection, "childprotection": store.ChildProtection, "childprotectionplan": store.ChildProtection,
		"lac": store.LookedAfter, "cla": store.LookedAfter, "lookedafter": store.LookedAfter, "lookedafterchild": store.LookedAfter,
		"childlookedafter": store.LookedAfter,
		"ucpp":             store.UnbornChild, "unborn": store.UnbornChild, "unbornchild": store.UnbornChild,
		"unbornchildprotection": store.UnbornChild, "unbornchildprotectionplan": store.UnbornChild,
	}
)

// The bounds of what a row may say.
const (
	mostReference = 64  // characters
	mostYears     = 18  // a plan ends by the 18th birthday
	mostEarly     = 366 // days from today to a start, and from a start to the day a child is due
	afterDue      = 28  // days: an unborn child's plan shows no longer, so that one due before that never would
)

// read makes sense of a row. Every error is a *refusal.
func (r Row) read(today nhs.Date) (change, error) {
	if r.Fault != "" {
		return change{}, &refusal{Failure, r.Fault}
	}
	for _, known := range columns {
		if utf8.RuneCountInString(r.Cells[known.column]) > mostCell {
			return change{}, failure(known.column, "it is longer than %d characters.", mostCell)
		}
	}
	var c change
	var ok bool
	if c.action, ok = actionWords[plain(r.Cells[Action])]; !ok {
		return c, failure(Action, "it is not add, update, end or delete.")
	}
	if c.kind, ok = kindWords[plain(r.Cells[Kind])]; !ok {
		return c, failure(Kind, "it is not CPP, LAC or UCPP.")
	}
	var err error
	if c.number, err = number(r.Cells[NHSNumber]); err != nil {
		return c, err
	}
	c.family, c.given = r.Cells[Family], r.Cells[Given]
	for _, name := range []Column{Family, Given} {
		if !strings.ContainsFunc(r.Cells[name], unicode.IsLetter) {
			return c, failure(name, "there is no name.")
		}
	}
	c.reference = r.Cells[Reference]
	if utf8.RuneCountInString(c.reference) > mostReference || text.Clean(c.reference, 0) != c.reference {
		return c, failure(Reference, "it is longer than %d characters, or has characters that do not print.", mostReference)
	}
	for _, d := range []struct {
		column Column
		into   *nhs.Date
	}{{BirthDate, &c.born}, {Start, &c.start}, {End, &c.end}, {Due, &c.due}} {
		if *d.into, err = date(d.column, r.Cells[d.column]); err != nil {
			return c, err
		}
	}
	return c, c.check(today)
}

// check holds the row's dates against each other and against today.
func (c change) check(today nhs.Date) error {
	goesByReference := c.action >= end && c.reference != ""
	switch {
	case c.born.IsZero():
		return failure(BirthDate, "there is no date.")
	case today.Before(c.born):
		return failure(BirthDate, "it is yet to come.")
	case c.start.IsZero() && !goesByReference:
		return failure(Start, "there is no date. Only a row that ends or deletes a plan with a reference can do without.")
	case today.AddDays(mostEarly).Before(c.start):
		return failure(Start, "it is more than a year ahead.")
	case c.action == end && c.end.IsZero():
		return failure(End, "there is no date.")
	case years(today, mostYears).Before(c.end):
		return failure(End, "it is more than %d years ahead.", mostYears)
	case c.kind != store.UnbornChild && !c.due.IsZero():
		return failure(Due, "only an unborn child's plan has one.")
	}
	return c.checkPlan(c.start, c.end)
}

// checkPlan holds a plan from start to end against the birth date and the day a child is due; what is not known is not checked.
func (c change) checkPlan(start, end nhs.Date) error {
	switch unborn := c.kind == store.UnbornChild; {
	case start.IsZero():
		return nil
	case !end.IsZero() && end.Before(start):
		return failure(End, "it is before the start.")
	case !unborn && start.Before(c.born):
		return failure(Start, "it is before the birth. An unborn child's plan is of kind UCPP, with the mother's number, birth date and name.")
	case !unborn && !start.Before(years(c.born, mostYears)):
		return failure(Start, "it is after the 18th birthday.")
	case unborn && start.Before(c.born):
		return failure(Start, "it is before the mother's birth.")
	case !c.due.IsZero() && (start.AddDays(mostEarly).Before(c.due) || c.due.AddDays(afterDue).Before(start)):
		return failure(Due, "it does not go with the start.")
	}
	return nil
}

// years is the same day that many years later.
func years(d nhs.Date, n int) nhs.Date {
	return nhs.DateOf(time.Date(d.Year+n, d.Month, d.Day, 0, 0, 0, 0, time.UTC))
}

var (
	// oldStyle is an NHS number of before 1996: letters and figures, in up to 17 characters (NHS Data Dictionary, OLD NHS NUMBER).
	oldStyle = regexp.MustCompile(`^[A-Z0-9][A-Z0-9 /.:-]{2,16}$`)
	// shortened is a number that a spreadsheet took for a quantity.
	shortened = regexp.MustCompile(`^[0-9][.,]?[0-9]*[Ee][+]?[0-9]+$`)
)

// number reads an NHS number.
func number(s string) (nhs.Number, error) {
	n, err := nhs.ParseNumber(s)
	if err == nil {
		return n, nil
	}
	upper := strings.ToUpper(s)
	switch letters := strings.ContainsFunc(upper, unicode.IsLetter); {
	case shortened.MatchString(s):
		return "", failure(NHSNumber, "the spreadsheet has shortened it. Make the column a text column and type the number again.")
	case letters && strings.ContainsAny(upper, "0123456789") && oldStyle.MatchString(upper):
		return "", &refusal{OldStyle, NHSNumber.title() + ": it is an old-style number. Send the number of ten digits."}
	}
	var form *nhs.FormError
	if errors.As(err, &form) && s != "" {
		return "", failure(NHSNumber, "%s", form.Sentence)
	}
	return "", failure(NHSNumber, "there is none.")
}

var (
	yearFirst = regexp.MustCompile(`^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]0?0:00(?::00)?(?:\.0+)?Z?)?$`)
	dayFirst  = regexp.MustCompile(`^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?: 0?0:00(?::00)?)?$`)
)

// date reads dd/mm/yyyy or yyyy-mm-dd; "" is no date. A midnight that a spreadsheet puts behind it is not looked at.
func date(c Column, s string) (nhs.Date, error) {
	if s == "" {
		return nhs.Date{}, nil
	}
	var y, m, d string
	if parts := yearFirst.FindStringSubmatch(s); parts != nil {
		y, m, d = parts[1], parts[2], parts[3]
	} else if parts := dayFirst.FindStringSubmatch(s); parts != nil {
		y, m, d = parts[3], parts[2], parts[1]
	} else {
		return nhs.Date{}, failure(c, "it is not a date such as 04/03/2016 or 2016-03-04.")
	}
	two := func(s string) string { return strings.Repeat("0", 2-len(s)) + s }
	got, err := nhs.ParseDate(y + "-" + two(m) + "-" + two(d))
	if err != nil {
		return nhs.Date{}, failure(c, "there is no such date. Days come before months, as in 31/12/2016.")
	}
	return got, nil
}
