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

// Error returns the user's sentence with the support code.
func (e *ParseError) Error() string { return e.Sentence() + " (" + e.Code() + ")" }

// Sentence returns what to tell the user.
func (e *ParseError) Sentence() string { return e.What }

// Advice returns what the user can do now.
func (e *ParseError) Advice() string { return e.Do }

// Code returns what support asks for: one for all, as the sentence says which.
func (e *ParseError) Code() string { return "W10" }

// Name returns the kind's name in documents for programs.
func (e *ParseError) Name() string { return "list" }

// Class returns that of what was given.
func (e *ParseError) Class() fault.Class { return fault.Usage }

// maxTitleLines is the most lines above the headings, blank ones aside.
const maxTitleLines = 30

// Parse returns the patients of [ParseList].
func Parse(file []byte, today nhs.Date) ([]Patient, error) {
	l, err := ParseList(file, today)
	return l.Patients, err
}

// ParseList reads a list: a table with headings, one of which is the NHS number's, or NHS numbers alone, one a line.
// Lines above the headings are skipped. Every row below that is not blank becomes a patient, or goes with the earlier
// one of the same number, name and birth date; a row without a valid number stays, with the reason. today is for
// birth dates with a year of two digits.
//
// The error is a *ParseError: then nothing was read.
func ParseList(file []byte, today nhs.Date) (List, error) {
	if len(file) > MostBytes {
		return List{}, &ParseError{"The file is too big for a list of patients.", fmt.Sprintf("Give a file of at most %d patients.", MostPatients)}
	}
	decoded, err := table.Decode(file)
	switch {
	case errors.Is(err, table.ErrNoTable):
		return List{}, &ParseError{"The file is no list that can be read.", "Save the spreadsheet as “CSV UTF-8”, or give NHS numbers, one a line."}
	case err != nil:
		return List{}, &ParseError{"The file is no text.", "Save the spreadsheet as “CSV UTF-8”, or give NHS numbers, one a line."}
	}
	p := parsing{today: today, at: make(map[nhs.Number][]int), notUTF8: decoded.NotUTF8, lines: decoded.Lines}
	if err := p.begin(); err != nil {
		return List{}, err
	}
	if err := p.readRows(); err != nil {
		return List{}, err
	}
	if len(p.rows) == 0 {
		return List{}, &ParseError{"The list is empty.", "Give a table with a column “NHS number”, or NHS numbers, one a line."}
	}
	p.findNumbers()
	if p.list.NoHeadings && !slices.ContainsFunc(p.rows, hasDigits) {
		return List{}, &ParseError{"The file has no headings that are known, and no NHS numbers.", "Head the column with the NHS numbers “NHS number”."}
	}
	for _, r := range p.rows {
		p.take(r)
	}
	return p.list, nil
}

// row is one row of the file.
type row struct {
	line, last int // of the file, from 1
	cells      []string
	unclosed   bool // a quotation mark in it is never closed
}

// parsing is a list that is being read.
type parsing struct {
	today     nhs.Date
	lines     []string
	separator rune
	from      int // the place in lines where the rows begin
	columns   columns
	width     int // how many cells the headings have; 0 without headings
	rows      []row
	list      List
	at        map[nhs.Number][]int // where in the list each number is
	notUTF8   []int                // the lines of which letters may be wrong
}

// begin finds out what separates the cells, and where the headings are.
func (p *parsing) begin() error {
	for p.from < len(p.lines) && (table.Blank(p.lines[p.from]) || table.SeparatorLine(p.lines[p.from]) != 0) {
		if named := table.SeparatorLine(p.lines[p.from]); named != 0 {
			p.separator = named
		}
		p.from++
	}
	separators := table.Separators
	if p.separator != 0 {
		separators = string(p.separator)
	}
	var best head
	half := false // there are headings, and none is the number's
	for _, s := range "\t;," {
		if !strings.ContainsRune(separators, s) {
			continue
		}
		h := p.head(s)
		if len(h.columns.numbers) > 0 && h.known > best.known {
			best = h
		}
		half = half || h.half
	}
	switch {
	case best.known > 0:
		p.separator, p.columns, p.width = best.separator, best.columns, best.width
		p.list.Skipped, p.from = best.skipped, best.last+1
	case half:
		return &ParseError{"None of the columns is headed “NHS number”.", "Head the column with the NHS numbers so."}
	default:
		p.list.NoHeadings = p.from < len(p.lines)
		p.columns = columns{nil, -1, -1, -1, -1}
		if p.separator == 0 {
			p.separator = p.separatorOfNumbers()
		}
	}
	return nil
}

// head is a row of headings.
type head struct {
	separator rune
	columns   columns
	known     int // how many cells are known headings; 0 where there is no such row
	width     int
	last      int // the place of its last line
	skipped   int // how many lines are above it
	half      bool
}

// head looks for the headings with a separator: in the first lines, above the first NHS number.
func (p *parsing) head(separator rune) head {
	h := head{separator: separator}
	for i := p.from; i < len(p.lines) && h.skipped <= maxTitleLines; i++ {
		if table.Blank(p.lines[i]) {
			continue
		}
		text, last := table.Row(p.lines, i, separator, func(cells []string) bool {
			c, _ := headings(cleaned(cells))
			return len(c.numbers) > 0
		}, holdsNumber)
		cells, _ := table.Split(text, separator)
		if holdsNumber(cells) {
			break
		}
		c, known := headings(cleaned(cells))
		if len(c.numbers) > 0 {
			h.columns, h.known, h.width, h.last = c, known, len(cells), last
			return h
		}
		h.half = h.half || known > 1 || known > 0 && h.skipped == 0
		h.skipped++
	}
	return head{half: h.half}
}

// holdsNumber reports whether one of the cells is an NHS number.
func holdsNumber(cells []string) bool {
	return slices.ContainsFunc(cells, func(c string) bool {
		_, err := readNumber(table.Cell(c))
		return err == nil
	})
}

// hasDigits reports whether a cell of the row may be meant as an NHS number.
func hasDigits(r row) bool {
	return slices.ContainsFunc(r.cells, func(c string) bool {
		n := 0
		for _, d := range c {
			if d >= '0' && d <= '9' {
				n++
			}
		}
		return n >= 7 || powerOfTen.MatchString(c)
	})
}

// separatorOfNumbers returns what separates the cells of a file without headings: with it most lines have an NHS
// number.
func (p *parsing) separatorOfNumbers() rune {
	best, most := ',', -1
	for _, s := range ",\t;" {
		n := 0
		for _, line := range p.lines[p.from:] {
			if cells, _ := table.Split(line, s); holdsNumber(cells) {
				n++
			}
		}
		if n > most {
			best, most = s, n
		}
	}
	return best
}

// cleaned returns what the cells say, on one line each.
func cleaned(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = table.Cell(strings.ReplaceAll(c, "\n", " "))
	}
	return out
}

// readRows reads the rows below the headings. The error is a *ParseError.
func (p *parsing) readRows() error {
	fits := func(cells []string) bool { return p.width == 0 || len(cells) == p.width }
	for i := p.from; i < len(p.lines); i++ {
		if table.Blank(p.lines[i]) {
			continue
		}
		if len(p.rows) == MostPatients {
			return &ParseError{fmt.Sprintf("The list has more than %d lines.", MostPatients), "Give it in parts."}
		}
		text, last := table.Row(p.lines, i, p.separator, fits, holdsNumber)
		cells, closed := table.Split(text, p.separator)
		p.rows = append(p.rows, row{i + 1, last + 1, cleaned(cells), !closed})
		i = last
	}
	return nil
}

// findNumbers decides which columns have the NHS numbers: those that are headed so, or, without headings, that have
// the most. A column without any is none.
func (p *parsing) findNumbers() {
	var found []int
	for _, r := range p.rows {
		for i, c := range r.cells {
			if i >= len(found) {
				found = append(found, 0)
			}
			if _, err := readNumber(c); err == nil {
				found[i]++
			}
		}
	}
	most := 0
	if len(found) > 0 {
		most = slices.Max(found)
	}
	if len(p.columns.numbers) == 0 {
		for i, n := range found {
			if n == most || n > 0 && 2*n >= most {
				p.columns.numbers = append(p.columns.numbers, i)
			}
			if most == 0 {
				return // the first
			}
		}
		return
	}
	used := slices.DeleteFunc(slices.Clone(p.columns.numbers), func(c int) bool { return c >= len(found) || found[c] == 0 })
	if len(used) > 0 {
		p.columns.numbers = used
	}
}

// take makes one row a patient, or part of an earlier one.
func (p *parsing) take(r row) {
	number, given, kind, fault := p.numberIn(r.cells)
	if fault != "" && r.unclosed {
		fault = "A quotation mark in this line is never closed."
	}
	notUTF8 := false
	for line := r.line; line <= r.last; line++ {
		_, is := slices.BinarySearch(p.notUTF8, line)
		notUTF8 = notUTF8 || is
	}
	patient := Patient{Line: r.line, Number: number, Name: p.columns.nameIn(r.cells), Born: p.bornIn(r.cells), NotUTF8: notUTF8}
	if r.last > r.line {
		patient.LastLine = r.last
	}
	switch name, family := p.columns.of(r.cells, p.columns.name), p.columns.of(r.cells, p.columns.family); {
	case family != "":
		patient.Family = text.Clean(family, longestName/2)
	case name == "":
		patient.NoFamily = patient.Name != ""
	}
	if fault != "" {
		patient.Given, patient.Fault, patient.FaultKind = text.Clean(given, longestGiven), fault, kind
		p.list.Patients = append(p.list.Patients, patient)
		return
	}
	for _, at := range p.at[number] {
		was := &p.list.Patients[at]
		if was.samePerson(patient) {
			was.Again = append(was.Again, r.line)
			return
		}
	}
	for _, at := range p.at[number] {
		p.list.Patients[at].Others = append(p.list.Patients[at].Others, r.line)
		patient.Others = append(patient.Others, p.list.Patients[at].Line)
	}
	p.at[number] = append(p.at[number], len(p.list.Patients))
	p.list.Patients = append(p.list.Patients, patient)
}

// samePerson reports whether another row with the same number says nothing else of who it is.
func (p Patient) samePerson(q Patient) bool {
	return (q.Name == "" || nhs.FoldName(p.Name, "") == nhs.FoldName(q.Name, "")) && (q.Born == "" || p.Born == q.Born)
}

// numberIn returns the NHS number of a row; or what is in its place, the kind of fault and why it is none. Columns
// that have the number twice must agree.
func (p *parsing) numberIn(cells []string) (n nhs.Number, given, kind, fault string) {
	var all []string
	for _, c := range p.columns.numbers {
		if cell := p.columns.of(cells, c); cell != "" {
			all = append(all, cell)
		}
	}
	if len(all) == 0 {
		return "", "", NoNumber, "There is no NHS number in this line."
	}
	n, err := readNumber(all[0])
	for _, other := range all[1:] {
		if m, otherErr := readNumber(other); m != n || (err == nil) != (otherErr == nil) || err != nil && other != all[0] {
			return "", all[0] + " / " + other, TwoNumbers, "Two columns of this line have different NHS numbers."
		}
	}
	if err == nil {
		return n, "", "", ""
	}
	if errors.Is(err, errPowerOfTen) {
		return "", all[0], PowerOfTen, "A spreadsheet has made a power of ten of this number, and its last digits are lost. Format the column as text and put the number in again."
	}
	var form *nhs.FormError
	if errors.As(err, &form) {
		return "", all[0], NoNumber, form.Sentence
	}
	return "", all[0], NoNumber, err.Error()
}

// errPowerOfTen is what readNumber returns of 9.99E+09.
var errPowerOfTen = errors.New("a power of ten")

// The ways in which spreadsheets and data programs write a number of ten digits.
var (
	powerOfTen = regexp.MustCompile(`^([0-9])(?:[.,]([0-9]+))?[eE]\+?0*([0-9]{1,3})$`)
	fraction   = regexp.MustCompile(`^([0-9]{10})[.,]0+$`)
	thousands  = regexp.MustCompile(`^[0-9](?:,[0-9]{3}){3}$|^[0-9](?:\.[0-9]{3}){3}$|^[0-9](?:['’][0-9]{3}){3}$`)
)

// readNumber reads a cell as an NHS number. A number with all its ten digits is read however it is written; the error
// is errPowerOfTen for one that has lost some, else a *nhs.FormError.
func readNumber(cell string) (nhs.Number, error) {
	if m := powerOfTen.FindStringSubmatch(cell); m != nil {
		if len(m[1]+m[2]) != 10 || m[3] != "9" {
			return "", errPowerOfTen
		}
		return nhs.ParseNumber(m[1] + m[2])
	}
	if m := fraction.FindStringSubmatch(cell); m != nil {
		return nhs.ParseNumber(m[1])
	}
	if thousands.MatchString(cell) {
		return nhs.ParseNumber(strings.NewReplacer(",", "", ".", "", "'", "", "’", "").Replace(cell))
	}
	return nhs.ParseNumber(cell)
}

// timeOfDay is what databases and spreadsheets add to a date.
var timeOfDay = regexp.MustCompile(`(?i)[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[AP]M)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$`)

// bornIn returns the birth date, as it is shown where it can be read, else as it is.
func (p *parsing) bornIn(cells []string) string {
	given := p.columns.of(cells, p.columns.born)
	if born, err := nhs.ParseTyped(timeOfDay.ReplaceAllString(given, ""), p.today); err == nil {
		return born.String()
	}
	return text.Clean(given, longestBorn)
}
