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
	MostBytes    = 2 << 20
	MostPatients = 5000
)

// The maximum lengths of texts of a row, in characters. Longer ones are truncated.
const (
	longestName  = 80
	longestBorn  = 20
	longestGiven = 24
)

// ParseError reports that a file can't be read as a list.
type ParseError struct {
	What string // the problem, in a sentence
	Do   string // what the user can do
}

// Error returns the sentence and the support code.
func (e *ParseError) Error() string { return e.Sentence() + " (" + e.Code() + ")" }

// Sentence returns the problem.
func (e *ParseError) Sentence() string { return e.What }

// Advice returns what the user can do.
func (e *ParseError) Advice() string { return e.Do }

// Code returns the support code. It is the same for all problems, because the sentence names the problem.
func (e *ParseError) Code() string { return "W10" }

// Name returns the name of the kind in JSON output.
func (e *ParseError) Name() string { return "list" }

// Class returns fault.Usage.
func (e *ParseError) Class() fault.Class { return fault.Usage }

// maxTitleLines is the maximum number of lines above the headings, not counting blank ones.
const maxTitleLines = 30

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
	line, last int // in the file, from 1
	cells      []string
	unclosed   bool // a quotation mark is not closed
}

// parsing is the state of [ParseList].
type parsing struct {
	today     nhs.Date
	lines     []string
	separator rune
	from      int // index in lines of the first row
	columns   columns
	width     int // number of headings; 0 without headings
	rows      []row
	list      List
	at        map[nhs.Number][]int // indexes in the list, by number
	notUTF8   []int                // the lines that are not UTF-8, in order
}

// begin detects the separator of the cells and the headings.
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
	half := false // there are headings, but not the NHS number's
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

// head is a row of headings, read with one separator.
type head struct {
	separator rune
	columns   columns
	known     int // number of known headings; 0 if there is no such row
	width     int
	last      int // index of its last line
	skipped   int // number of lines above it
	half      bool
}

// head returns the row of headings with the given separator. It searches the first lines, up to the first NHS number.
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

// hasDigits reports whether a cell of the row has 7 or more digits, so that it may be meant as an NHS number.
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

// separatorOfNumbers returns the separator of a file without headings: the one with which the most lines have an NHS
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

// cleaned returns the contents of cells, without line breaks.
func cleaned(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = table.Cell(strings.ReplaceAll(c, "\n", " "))
	}
	return out
}

// readRows reads the rows below the headings. The error is a *[ParseError].
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

// findNumbers decides which columns contain NHS numbers: those with such a heading or, without headings, those with
// the most numbers. Columns without any number are ignored.
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
				return // use the first column
			}
		}
		return
	}
	used := slices.DeleteFunc(slices.Clone(p.columns.numbers), func(c int) bool { return c >= len(found) || found[c] == 0 })
	if len(used) > 0 {
		p.columns.numbers = used
	}
}

// take adds row r to the list as a patient, or to the earlier row that it repeats.
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

// samePerson reports whether row q, which has the same number, has no other name or birth date than p.
func (p Patient) samePerson(q Patient) bool {
	return (q.Name == "" || nhs.FoldName(p.Name, "") == nhs.FoldName(q.Name, "")) && (q.Born == "" || p.Born == q.Born)
}

// numberIn returns the NHS number of a row. If it has none, it returns the text in its place, the kind of fault and a
// sentence. If several columns have the number, they must agree.
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

// errPowerOfTen is returned by readNumber for a number such as 9.99E+09.
var errPowerOfTen = errors.New("a power of ten")

// The ways in which spreadsheets and databases write a number of ten digits.
var (
	powerOfTen = regexp.MustCompile(`^([0-9])(?:[.,]([0-9]+))?[eE]\+?0*([0-9]{1,3})$`)
	fraction   = regexp.MustCompile(`^([0-9]{10})[.,]0+$`)
	thousands  = regexp.MustCompile(`^[0-9](?:,[0-9]{3}){3}$|^[0-9](?:\.[0-9]{3}){3}$|^[0-9](?:['’][0-9]{3}){3}$`)
)

// readNumber reads a cell as an NHS number. A number with all its digits is accepted in any of these notations. The
// error is errPowerOfTen if digits are missing, and otherwise a *nhs.FormError.
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

// timeOfDay matches the time that databases and spreadsheets add to a date.
var timeOfDay = regexp.MustCompile(`(?i)[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[AP]M)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$`)

// bornIn returns the birth date of a row: as dates are shown if it can be read, and otherwise as it is.
func (p *parsing) bornIn(cells []string) string {
	given := p.columns.of(cells, p.columns.born)
	if born, err := nhs.ParseTyped(timeOfDay.ReplaceAllString(given, ""), p.today); err == nil {
		return born.String()
	}
	return text.Clean(given, longestBorn)
}
