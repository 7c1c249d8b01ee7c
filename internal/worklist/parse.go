package worklist

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wardlight/internal/fault"
	"wardlight/internal/nhs"
	"wardlight/internal/table"
	"wardlight/internal/text"
)

// The bounds of a list. A waiting room has some dozens of patients, a clinic's month some thousands.
const (
	MostBytes    = 2 << 20
	MostPatients = 5000
)

// The most that is kept of what a line says, in letters.
const (
	longestName  = 80
	longestBorn  = 20
	longestGiven = 24
)

// ParseError is a file that gives no list.
type ParseError struct {
	What string // is the matter with it, in a sentence
	Do   string // what the user can do now
}

// Error is the user's sentence with the support code.
func (e *ParseError) Error() string { return e.Sentence() + " (" + e.Code() + ")" }

// Sentence is what to tell the user.
func (e *ParseError) Sentence() string { return e.What }

// Advice is what the user can do now.
func (e *ParseError) Advice() string { return e.Do }

// Code is what support asks for: one for all, as the sentence says which.
func (e *ParseError) Code() string { return "W10" }

// Name is the kind's name in documents for programs.
func (e *ParseError) Name() string { return "list" }

// Class is that of what was given.
func (e *ParseError) Class() fault.Class { return fault.Usage }

// Parse reads a list: a table with headings, one of which is the NHS number's, or NHS numbers alone, one a line. Every line that
// is not blank becomes a patient, or goes with the earlier one of the same number; a line without a valid number stays, with the
// reason. today is for birth dates with a year of two digits.
//
// The error is a *ParseError: then nothing was read.
func Parse(file []byte, today nhs.Date) ([]Patient, error) {
	if len(file) > MostBytes {
		return nil, &ParseError{"The file is too big for a list of patients.", fmt.Sprintf("Give a file of at most %d patients.", MostPatients)}
	}
	decoded, err := table.Decode(file)
	switch {
	case errors.Is(err, table.ErrNoTable):
		return nil, &ParseError{"The file is no list that can be read.", "Save the spreadsheet as “CSV UTF-8”, or give NHS numbers, one a line."}
	case err != nil:
		return nil, &ParseError{"The file is no text.", "Save the spreadsheet as “CSV UTF-8”, or give NHS numbers, one a line."}
	}
	p := parsing{today: today, at: make(map[nhs.Number]int), notUTF8: decoded.NotUTF8}
	lines := decoded.Lines
	begin, err := p.begin(lines)
	if err != nil {
		return nil, err
	}
	for i := begin; i < len(lines); i++ {
		if table.Blank(lines[i]) {
			continue
		}
		if p.rows++; p.rows > MostPatients {
			return nil, &ParseError{fmt.Sprintf("The list has more than %d lines.", MostPatients), "Give it in parts."}
		}
		p.take(i+1, lines[i])
	}
	if len(p.patients) == 0 {
		return nil, &ParseError{"The list is empty.", "Give a table with a column “NHS number”, or NHS numbers, one a line."}
	}
	return p.patients, nil
}

// parsing is a list that is being read.
type parsing struct {
	today     nhs.Date
	separator rune
	columns   columns
	rows      int
	patients  []Patient
	at        map[nhs.Number]int // where in patients each number stands
	notUTF8   []int              // the lines of which letters may be wrong
}

// begin finds out how the lines are made up, and where the patients begin.
func (p *parsing) begin(lines []string) (int, error) {
	first := 0
	for first < len(lines) && (table.Blank(lines[first]) || table.SeparatorLine(lines[first]) != 0) {
		if named := table.SeparatorLine(lines[first]); named != 0 {
			p.separator = named
		}
		first++
	}
	if first == len(lines) {
		return first, nil
	}
	if p.separator == 0 {
		p.separator = separatorOf(lines[first])
	}
	heads, err := headings(p.cells(lines[first]))
	if err != nil {
		return 0, err
	}
	if heads != nil {
		p.columns = *heads
		return first + 1, nil
	}
	p.columns = columns{number: p.numberColumn(lines[first:]), name: -1, family: -1, given: -1, born: -1}
	return first, nil
}

// separatorOf is what stands between the cells of a line: a tab or a semicolon where there is one, as names have commas in them.
func separatorOf(line string) rune {
	for _, s := range "\t;" {
		if cells, _ := table.Split(line, s); len(cells) > 1 {
			return s
		}
	}
	return ','
}

// numberColumn is the column of the NHS numbers in a table without headings: the one with the most of them.
func (p *parsing) numberColumn(lines []string) int {
	var found []int
	for _, line := range lines {
		for i, c := range p.cells(line) {
			if i == len(found) {
				found = append(found, 0)
			}
			if _, err := nhs.ParseNumber(c); err == nil {
				found[i]++
			}
		}
	}
	if len(found) == 0 {
		return 0
	}
	return slices.Index(found, slices.Max(found))
}

// cells are what the cells of a line say.
func (p *parsing) cells(line string) []string {
	cells, _ := table.Split(line, p.separator)
	for i := range cells {
		cells[i] = table.Cell(cells[i])
	}
	return cells
}

// take takes in one line.
func (p *parsing) take(line int, from string) {
	cells := p.cells(from)
	given := p.columns.of(cells, p.columns.number)
	_, notUTF8 := slices.BinarySearch(p.notUTF8, line)
	patient := Patient{Line: line, Name: p.columns.nameIn(cells), Born: p.bornIn(cells), NotUTF8: notUTF8}
	number, err := nhs.ParseNumber(given)
	if err != nil {
		patient.Given, patient.Fault = text.Clean(given, longestGiven), faultOf(given, err)
		p.patients = append(p.patients, patient)
		return
	}
	if at, twice := p.at[number]; twice {
		was := &p.patients[at]
		was.Again = append(was.Again, line)
		was.OtherName = was.OtherName || !strings.EqualFold(was.Name, patient.Name)
		return
	}
	patient.Number = number
	p.at[number] = len(p.patients)
	p.patients = append(p.patients, patient)
}

// faultOf is why what was given is no NHS number.
func faultOf(given string, err error) string {
	if given == "" {
		return "There is no NHS number in this line."
	}
	var form *nhs.FormError
	if errors.As(err, &form) {
		return form.Sentence
	}
	return err.Error()
}

// bornIn is the birth date, as it is shown where it can be read, else as it stands.
func (p *parsing) bornIn(cells []string) string {
	given := p.columns.of(cells, p.columns.born)
	date, _, _ := strings.Cut(given, " 00:00") // a midnight that databases add
	if born, err := nhs.ParseTyped(date, p.today); err == nil {
		return born.String()
	}
	return text.Clean(given, longestBorn)
}
