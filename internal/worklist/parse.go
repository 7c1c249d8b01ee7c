package worklist

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"wardlight/internal/fault"
	"wardlight/internal/nhs"
	"wardlight/internal/table"
	"wardlight/internal/text"
)

// The limits of a list. A waiting room has dozens of patients, the clinics of a month have thousands.
const (
	MaxBytes    = 2 << 20
	MaxPatients = 5000
)

// The maximum lengths of texts of a row, in characters. Longer ones are truncated.
const (
	maxNameLength       = 80
	maxBornLength       = 20
	maxNumberTextLength = 24
)

// ParseError reports that a file can't be read as a list.
type ParseError struct {
	Problem string // the problem, in a sentence
	Remedy  string // what the user can do
}

// Error returns the sentence and the support code.
func (e *ParseError) Error() string { return e.Sentence() + " (" + e.Code() + ")" }

// Sentence returns the problem.
func (e *ParseError) Sentence() string { return e.Problem }

// Advice returns what the user can do.
func (e *ParseError) Advice() string { return e.Remedy }

// Code returns the support code. It is the same for all problems, because the sentence names the problem.
func (e *ParseError) Code() string { return "W10" }

// Name returns the name of the kind in JSON output.
func (e *ParseError) Name() string { return "list" }

// Class returns fault.Usage.
func (e *ParseError) Class() fault.Class { return fault.Usage }

// Parse returns the patients of [ParseList].
func Parse(file []byte, today nhs.Date) ([]Patient, error) {
	l, err := ParseList(file, today)
	return l.Patients, err
}

// ParseList reads a list: a table with headings that include the NHS number, or NHS numbers alone, one a line. Lines
// above the headings are skipped. Each row that is not blank becomes a patient, unless an earlier row has the same
// number, name and birth date. A row without a valid number is included, with the reason. today is used to read birth
// dates with a two-digit year.
//
// The error is a *[ParseError]; the list is then empty.
func ParseList(file []byte, today nhs.Date) (List, error) {
	if len(file) > MaxBytes {
		return List{}, &ParseError{
			"The file is too big for a list of patients.",
			fmt.Sprintf("Give a file of at most %d patients.", MaxPatients),
		}
	}

	decoded, err := table.Decode(file)
	switch {
	case errors.Is(err, table.ErrNoTable):
		return List{}, &ParseError{"The file is no list that can be read.", "Save the spreadsheet as “CSV UTF-8”, " +
			"or give NHS numbers, one a line."}
	case err != nil:
		return List{}, &ParseError{"The file is no text.", "Save the spreadsheet as “CSV UTF-8”, or give NHS " +
			"numbers, one a line."}
	}

	p := parser{
		today: today, byNumber: make(map[nhs.Number][]int), notUTF8: decoded.Windows1252Lines,
		lines: decoded.Lines,
	}

	if err := p.readHeadings(); err != nil {
		return List{}, err
	}
	if err := p.readRows(); err != nil {
		return List{}, err
	}
	if len(p.rows) == 0 {
		return List{},
			&ParseError{"The list is empty.", "Give a table with a column “NHS number”, or NHS numbers, one a line."}
	}

	p.findNumbers()
	if p.list.NoHeadings && !slices.ContainsFunc(p.rows, hasDigits) {
		return List{}, &ParseError{
			"The file has no headings that are known, and no NHS numbers.",
			"Head the column with the NHS numbers “NHS number”.",
		}
	}

	for _, r := range p.rows {
		p.addRow(r)
	}

	return p.list, nil
}

// row is one row of the file.
type row struct {
	line, last int // in the file, from 1
	cells      []string
	unclosed   bool // a quotation mark is not closed
}

// parser is the state of [ParseList].
type parser struct {
	today     nhs.Date
	lines     []string
	separator rune
	from      int // index in lines of the first row
	columns   columns
	width     int // number of headings; 0 without headings
	rows      []row
	list      List
	byNumber  map[nhs.Number][]int // indexes in the list, by number
	notUTF8   []int                // the lines that are not UTF-8, in order
}

// cleaned returns the contents of cells, without line breaks.
func cleaned(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = table.Cell(strings.ReplaceAll(c, "\n", " "))
	}
	return out
}

// readRows reads the rows below the headings. The error is a *[ParseError].
func (p *parser) readRows() error {
	fits := func(cells []string) bool { return p.width == 0 || len(cells) == p.width }
	for i := p.from; i < len(p.lines); i++ {
		if table.Blank(p.lines[i]) {
			continue
		}
		if len(p.rows) == MaxPatients {
			return &ParseError{fmt.Sprintf("The list has more than %d lines.", MaxPatients), "Give it in parts."}
		}
		text, last := table.Row(p.lines, i, p.separator, fits, hasNumber)
		cells, closed := table.Split(text, p.separator)
		p.rows = append(p.rows, row{i + 1, last + 1, cleaned(cells), !closed})
		i = last
	}
	return nil
}

// addRow adds row r to the list as a patient, or to the earlier row that it repeats.
func (p *parser) addRow(r row) {
	number, given, kind, fault := p.numberIn(r.cells)
	if fault != "" && r.unclosed {
		fault = "A quotation mark in this line is never closed."
	}

	notUTF8 := false
	for line := r.line; line <= r.last; line++ {
		_, is := slices.BinarySearch(p.notUTF8, line)
		notUTF8 = notUTF8 || is
	}

	patient := Patient{
		Line: r.line, Number: number, Name: p.columns.nameIn(r.cells), Born: p.bornIn(r.cells),
		NotUTF8: notUTF8,
	}

	if r.last > r.line {
		patient.LastLine = r.last
	}

	switch name, family := p.columns.cell(r.cells, p.columns.name), p.columns.cell(r.cells, p.columns.family); {
	case family != "":
		patient.Family = text.Clean(family, maxNameLength/2)
	case name == "":
		patient.NoFamily = patient.Name != ""
	}

	if fault != "" {
		patient.NumberText, patient.Fault, patient.FaultKind = text.Clean(given, maxNumberTextLength), fault, kind
		p.list.Patients = append(p.list.Patients, patient)
		return
	}

	for _, at := range p.byNumber[number] {
		was := &p.list.Patients[at]
		if was.samePerson(patient) {
			was.Again = append(was.Again, r.line)
			return
		}
	}

	for _, at := range p.byNumber[number] {
		p.list.Patients[at].Others = append(p.list.Patients[at].Others, r.line)
		patient.Others = append(patient.Others, p.list.Patients[at].Line)
	}

	p.byNumber[number] = append(p.byNumber[number], len(p.list.Patients))
	p.list.Patients = append(p.list.Patients, patient)
}

// samePerson reports whether row q, which has the same number, has no other name or birth date than p.
func (p Patient) samePerson(q Patient) bool {
	return (q.Name == "" || nhs.FoldName(p.Name, "") == nhs.FoldName(q.Name, "")) && (q.Born == "" || p.Born == q.Born)
}

// timeOfDay matches the time that databases and spreadsheets add to a date.
var timeOfDay = regexp.MustCompile(
	`(?i)[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[AP]M)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$`,
)

// bornIn returns the birth date of a row: as dates are shown if it can be read, and otherwise as it is.
func (p *parser) bornIn(cells []string) string {
	given := p.columns.cell(cells, p.columns.born)
	if born, err := nhs.ParseTyped(timeOfDay.ReplaceAllString(given, ""), p.today); err == nil {
		return born.String()
	}
	return text.Clean(given, maxBornLength)
}
