package upload

import (
	"strings"
	"unicode"
)

// A Column identifies a value of a row. It is also the name of the member in JSON.
type Column string

// The columns.
const (
	Action    Column = "action"
	Kind      Column = "kind"
	NHSNumber Column = "nhsNumber"
	BirthDate Column = "birthDate"
	Family    Column = "family"
	Given     Column = "given"
	Start     Column = "start"
	End       Column = "end"
	Due       Column = "due"
	Reference Column = "reference"
)

// columns lists every column in the order of the template, with its title in sentences and the other headings under
// which it is accepted.
var columns = []struct {
	column Column
	title  string
	also   []string
}{
	{Action, "Action", []string{"change", "update type", "record action"}},
	{Kind, "Kind", []string{"plan", "plan type", "plan kind", "type", "type of plan", "kind of plan"}},
	{NHSNumber, "NHS number", []string{"nhs no", "nhs num", "nhs", "nhs id"}},
	{BirthDate, "Birth date", []string{"date of birth", "dob", "born", "d o b"}},
	{Family, "Family name", []string{"family", "surname", "last name"}},
	{Given, "Given name", []string{"given", "given names", "forename", "forenames", "first name", "first names"}},
	{Start, "Start", []string{"start date", "plan start", "plan start date", "date started"}},
	{End, "End", []string{"end date", "plan end", "plan end date", "date ended"}},
	{Due, "Due date", []string{"due", "expected delivery date", "expected date of delivery", "edd", "baby due"}},
	{Reference, "Reference", []string{"ref", "our reference", "local reference", "plan reference", "plan id"}},
}

// required are the columns that every row must have. needed are those that rows which add or update a plan must also
// have.
var (
	required = []Column{Action, Kind, NHSNumber}
	needed   = []Column{BirthDate, Family, Given, Start}
)

// title returns the column's name as sentences show it.
func (c Column) title() string {
	for _, known := range columns {
		if known.column == c {
			return known.title
		}
	}
	return string(c)
}

// columnOf returns the column with the given heading, ignoring case, spaces and punctuation; false if there is none.
func columnOf(heading string) (Column, bool) {
	heading = plain(heading)
	for _, known := range columns {
		for _, name := range append([]string{string(known.column), known.title}, known.also...) {
			if plain(name) == heading {
				return known.column, true
			}
		}
	}
	return "", false
}

// plain returns the letters and digits of s in lower case: plain("NHS_No.") is "nhsno".
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// titles returns the titles of the columns, separated by commas.
func titles(all []Column) string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.title()
	}
	return strings.Join(names, ", ")
}

// everyColumn returns all columns.
func everyColumn() []Column {
	all := make([]Column, len(columns))
	for i, known := range columns {
		all[i] = known.column
	}
	return all
}
