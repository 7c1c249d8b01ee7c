package upload

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// An action is the change that a row requests.
type action int

const (
	add action = iota + 1
	update
	end
	remove
)

// byReference reports whether the action ends or deletes a plan on file. Such a row needs neither the patient's birth
// date nor name, and is accepted in whatever state the patient's record is.
func (a action) byReference() bool { return a == end || a == remove }

// A change is a parsed row that has not yet been compared with any record.
type change struct {
	action        action
	kind          store.PlanKind
	number        nhs.Number
	born          nhs.Date
	family, given string
	start         nhs.Date // zero if a row that ends or deletes has a reference
	end, due      nhs.Date
	reference     string
}

// A refusal is the reason why a row is rejected.
type refusal struct {
	code     RowCode
	sentence string
}

// Error returns only the code.
func (r *refusal) Error() string { return string(r.code) }

func failure(c Column, format string, args ...any) error {
	return &refusal{Failure, c.title() + ": " + fmt.Sprintf(format, args...)}
}

// Accepted words for actions and kinds of plan, in the form that plain returns.
var (
	actionWords = map[string]action{
		"add": add, "new": add, "a": add, "update": update, "change": update, "amend": update, "u": update,
		"end": end, "ended": end, "close": end, "e": end, "delete": remove, "remove": remove, "d": remove,
	}
	kindWords = map[string]store.PlanKind{
		"cpp": store.ChildProtection, "childprotection": store.ChildProtection,
		"childprotectionplan": store.ChildProtection,
		"lac":                 store.LookedAfter, "cla": store.LookedAfter, "lookedafter": store.LookedAfter,
		"lookedafterchild": store.LookedAfter,
		"childlookedafter": store.LookedAfter,
		"ucpp":             store.UnbornChild, "unborn": store.UnbornChild, "unbornchild": store.UnbornChild,
		"unbornchildprotection": store.UnbornChild, "unbornchildprotectionplan": store.UnbornChild,
	}
)

// Limits for the values of a row.
const (
	maxReference = 64  // characters
	maxYears     = 18  // a plan ends by the 18th birthday
	maxDaysAhead = 366 // days from today to a start, and from a start to the day a child is due
	daysAfterDue = 28  // days an unborn child's plan is shown after the due date; one due earlier would never be shown
)

// read parses and validates a row. Every error is a *refusal.
func (r Row) read(today nhs.Date) (change, error) {
	if r.Fault != "" {
		return change{}, &refusal{Failure, r.Fault}
	}

	var c change
	var ok bool
	if c.action, ok = actionWords[plain(r.Cells[Action])]; !ok {
		return c, failure(Action, "it is not add, update, end or delete.")
	}

	if c.action.byReference() {
		r.Cells = r.byReference(today, c.action)
	}

	for _, known := range columns {
		if utf8.RuneCountInString(r.Cells[known.column]) > maxCell {
			return change{}, failure(known.column, "it is longer than %d characters.", maxCell)
		}
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
		if !c.action.byReference() && !hasLetter(r.Cells[name]) {
			return c, failure(name, "the name is missing.")
		}
	}

	c.reference = r.Cells[Reference]
	if utf8.RuneCountInString(c.reference) > maxReference || text.Clean(c.reference, 0) != c.reference {
		return c, failure(Reference, "it is longer than %d characters, or has unprintable characters.", maxReference)
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

// byReference returns the cells of a row that ends or deletes a plan, without those that aren't needed. It keeps birth
// date and names only if all three can be parsed, because an error in them is no reason to refuse the row.
func (r Row) byReference(today nhs.Date, a action) map[Column]string {
	cells := maps.Clone(r.Cells)
	delete(cells, Due)
	if a == remove {
		delete(cells, End)
	}
	born, err := date(BirthDate, cells[BirthDate])
	reads := err == nil && !today.Before(born)
	for _, name := range []Column{Family, Given} {
		reads = reads && hasLetter(cells[name]) && utf8.RuneCountInString(cells[name]) <= maxCell
	}
	if !reads {
		for _, c := range []Column{BirthDate, Family, Given} {
			delete(cells, c)
		}
	}
	return cells
}

// hasLetter reports whether s contains a letter that isn't an apostrophe, as every name does.
func hasLetter(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) && !nhs.Apostrophe(r) })
}

// check compares the row's dates with each other and with today. A row that ends or deletes needs a start if it has no
// reference. A row that ends a plan needs the end date.
func (c change) check(today nhs.Date) error {
	byReference := c.action.byReference()
	switch {
	case c.born.IsZero() && !byReference:
		return failure(BirthDate, "the date is missing.")
	case today.Before(c.born):
		return failure(BirthDate, "it is in the future.")
	case c.start.IsZero() && (!byReference || c.reference == ""):
		return failure(Start, "the date is missing. It is optional only in a row that ends or deletes a plan with "+
			"a reference.")
	case today.AddDays(maxDaysAhead).Before(c.start) && !byReference:
		return failure(Start, "it is more than a year ahead.")
	case c.action == end && c.end.IsZero():
		return failure(End, "the date is missing.")
	case years(today, maxYears).Before(c.end):
		return failure(End, "it is more than %d years ahead.", maxYears)
	case c.kind != store.UnbornChild && !c.due.IsZero():
		return failure(Due, "only an unborn child's plan has one.")
	case byReference:
		return nil
	}

	return c.checkPlan()
}

// checkEnd returns an error if the end of a plan is before its start.
func checkEnd(start, end nhs.Date) error {
	if !end.IsZero() && end.Before(start) {
		return failure(End, "it is before the start.")
	}
	return nil
}

// checkPlan compares the dates of a plan with each other, with the birth date and with the due date.
func (c change) checkPlan() error {
	if err := checkEnd(c.start, c.end); err != nil {
		return err
	}
	switch unborn := c.kind == store.UnbornChild; {
	case !unborn && c.start.Before(c.born):
		return failure(Start, "it is before the birth. An unborn child's plan is of kind UCPP, with the mother's "+
			"number, birth date and name.")
	case !unborn && !c.start.Before(years(c.born, maxYears)):
		return failure(Start, "it is after the 18th birthday.")
	case unborn && c.start.Before(c.born):
		return failure(Start, "it is before the mother's birth.")
	case !c.due.IsZero() && (c.start.AddDays(maxDaysAhead).Before(c.due) ||
		c.due.AddDays(daysAfterDue).Before(c.start)):
		return failure(Due, "it does not go with the start.")
	}
	return nil
}

// years returns the same day n years later.
func years(d nhs.Date, n int) nhs.Date {
	return nhs.DateOf(time.Date(d.Year+n, d.Month, d.Day, 0, 0, 0, 0, time.UTC))
}

var (
	// oldStyle matches NHS numbers issued before 1996: letters and digits, up to 17 characters (NHS Data Dictionary,
	// OLD NHS NUMBER).
	oldStyle = regexp.MustCompile(`^[A-Z0-9][A-Z0-9 /.:-]{2,16}$`)
	// shortened matches a number that a spreadsheet converted to scientific notation.
	shortened = regexp.MustCompile(`^[0-9][.,]?[0-9]*[Ee][+]?[0-9]+$`)
)

// number parses an NHS number. The error is a *refusal.
func number(s string) (nhs.Number, error) {
	n, err := nhs.ParseNumber(s)
	if err == nil {
		return n, nil
	}
	upper := strings.ToUpper(s)
	switch letters := strings.ContainsFunc(upper, unicode.IsLetter); {
	case shortened.MatchString(s):
		return "", failure(NHSNumber, "the spreadsheet has changed it to a short form. Format the column as text "+
			"and type the number again.")
	case letters && strings.ContainsAny(upper, "0123456789") && oldStyle.MatchString(upper):
		return "", &refusal{OldStyle, NHSNumber.title() + ": it is an old-style number. Send the ten-digit number."}
	}
	var form *nhs.FormError
	if errors.As(err, &form) && s != "" {
		return "", failure(NHSNumber, "%s", form.Sentence)
	}
	return "", failure(NHSNumber, "it is missing.")
}

var (
	yearFirst = regexp.MustCompile(`^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]0?0:00(?::00)?(?:\.0+)?Z?)?$`)
	dayFirst  = regexp.MustCompile(`^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?: 0?0:00(?::00)?)?$`)
)

// date parses dd/mm/yyyy or yyyy-mm-dd. An empty string is the zero date. A time of midnight that a spreadsheet
// appends is ignored.
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
		return nhs.Date{}, failure(c, "this date does not exist. Write the day before the month, as in 31/12/2016.")
	}
	return got, nil
}
