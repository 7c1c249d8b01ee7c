package privacy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wardlight/internal/nhs"
	"wardlight/internal/table"
)

// Attendances is a site's list of patients and the days on which they attended.
type Attendances struct {
	// Written is when the list was written. Accesses of later are not compared with it.
	Written time.Time
	first   nhs.Date // the first day of the earliest attendance; earlier accesses are not compared
	days    map[nhs.Number][]attendance
}

// attendance is the days of an attendance. to is the zero value while it lasts.
type attendance struct{ from, to nhs.Date }

// The headings of a list, in any order. Case is ignored.
const (
	headNumber = "nhs number"
	headFrom   = "from"
	headTo     = "to"
)

// ParseAttendances parses a list that was written at a time: a table with the columns "NHS number", "From" and "To",
// as spreadsheets save it (package table). Dates are 2026-11-22 or day first, also with a time, which is ignored. An
// empty last day means that the patient is still there. The errors name the line and never a patient. A row that can't
// be read is an error for the whole list: without it, accesses would look like those of a patient who did not attend.
func ParseAttendances(file []byte, written time.Time, uk *time.Location) (*Attendances, error) {
	text, err := table.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("%w: save the spreadsheet as CSV", err)
	}

	p := attendanceParser{today: nhs.DateOf(written.In(uk)), columns: make(map[string]int)}
	list := &Attendances{Written: written, days: make(map[nhs.Number][]attendance)}
	for i, line := range text.Lines {
		if named := table.SeparatorLine(line); named != 0 && len(p.columns) == 0 {
			p.separator = named
			continue
		}
		if table.Blank(line) {
			continue
		}

		if len(p.columns) == 0 {
			if err := p.readHeadings(line); err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			continue
		}

		n, a, err := p.row(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		list.days[n] = append(list.days[n], a)
		if list.first.IsZero() || a.from.Before(list.first) {
			list.first = a.from
		}
	}

	if len(list.days) == 0 {
		return nil, errors.New("the list has no attendances")
	}
	return list, nil
}

// attendanceParser is the state of [ParseAttendances].
type attendanceParser struct {
	today     nhs.Date
	separator rune
	columns   map[string]int // by heading
	width     int
}

// readHeadings finds the separator and the columns.
func (p *attendanceParser) readHeadings(line string) error {
	separators := table.Separators
	if p.separator != 0 {
		separators = string(p.separator)
	}

	for _, separator := range separators {
		cells, closed := table.Split(line, separator)
		if !closed {
			continue
		}
		columns := make(map[string]int)
		for i, c := range cells {
			name := strings.ToLower(strings.TrimSpace(table.Cell(c)))
			if _, twice := columns[name]; twice && slices.Contains([]string{headNumber, headFrom, headTo}, name) {
				return fmt.Errorf("two columns have the heading %q", name)
			}
			columns[name] = i
		}

		_, number := columns[headNumber]
		_, from := columns[headFrom]
		_, to := columns[headTo]
		if number && from && to {
			p.separator, p.columns, p.width = separator, columns, len(cells)
			return nil
		}
	}
	return errors.New(`found no headings, expected "NHS number", "From" and "To"`)
}

// row parses a row.
func (p *attendanceParser) row(line string) (nhs.Number, attendance, error) {
	var a attendance
	cells, closed := table.Split(line, p.separator)
	switch {
	case !closed:
		return "", a, errors.New("a quotation mark is not closed")
	case len(cells) != p.width:
		return "", a, fmt.Errorf("found %d cells, expected %d", len(cells), p.width)
	}

	cell := func(heading string) string { return strings.TrimSpace(table.Cell(cells[p.columns[heading]])) }
	n, err := nhs.ParseNumber(cell(headNumber))
	if err != nil {
		return "", a, errors.New("found no valid NHS number") // without the cause, which may quote it
	}
	if a.from, err = p.day(cell(headFrom)); err != nil {
		return "", a, fmt.Errorf("from: %w", err)
	}
	if to := cell(headTo); to != "" {
		if a.to, err = p.day(to); err != nil {
			return "", a, fmt.Errorf("to: %w", err)
		}
		if a.to.Before(a.from) {
			return "", a, errors.New("the last day is before the first")
		}
	}
	return n, a, nil
}

// day parses a date, with or without a time.
func (p *attendanceParser) day(s string) (nhs.Date, error) {
	s, _, _ = strings.Cut(s, "T")
	if before, clock, ok := strings.Cut(s, " "); ok && strings.Contains(clock, ":") {
		s = before
	}
	if d, err := nhs.ParseDate(s); err == nil && d.Complete() {
		return d, nil
	}
	d, err := nhs.ParseDay(s, p.today.AddDays(366)) // a last day may be planned
	if err != nil {
		return d, errors.New("found no date, expected 2026-11-22 or 22/11/2026")
	}
	return d, nil
}

// From returns the first moment from which accesses are compared with the list.
func (a *Attendances) From(uk *time.Location) time.Time { return a.first.Time(uk) }

// Attended reports whether the list has an attendance of a patient on a day. numbers are all numbers of the patient.
func (a *Attendances) Attended(day nhs.Date, numbers ...nhs.Number) bool {
	for _, n := range numbers {
		for _, d := range a.days[n] {
			if !day.Before(d.from) && (d.to.IsZero() || !d.to.Before(day)) {
				return true
			}
		}
	}
	return false
}

// compares reports whether an access at a time is compared with the list.
func (a *Attendances) compares(at time.Time, uk *time.Location) bool {
	return !at.Before(a.From(uk)) && at.Before(a.Written)
}
