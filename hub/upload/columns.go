package upload

import (
	"strings"
	"unicode"
)

// Column is what a value of a row is, and the name of its member in JSON.
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

// columns is every column in the order of the template, with what it is called in sentences, and what else people
// head it.
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

// required are the columns without which no row can be taken, and needed those that a row needs besides that does
// more than end or delete a plan.
var (
	required = []Column{Action, Kind, NHSNumber}
	needed   = []Column{BirthDate, Family, Given, Start}
)

// title returns what a column is called in sentences.
func (c Column) title() string {
	for _, known := range columns {
		if known.column == c {
			return known.title
		}
	}
	return string(c)
}

// columnOf returns the column with that heading, however it is written; false when it is none.
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

// plain returns text by its letters and digits alone, in lower case: "NHS_No." is "nhsno".
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// titles lists columns for a sentence.
func titles(all []Column) string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.title()
	}
	return strings.Join(names, ", ")
}

// everyColumn returns all of them.
func everyColumn() []Column {
	all := make([]Column, len(columns))
	for i, known := range columns {
		all[i] = known.column
	}
	return all
}
