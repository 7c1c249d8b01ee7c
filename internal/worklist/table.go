package worklist

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/nhs"
)

// Entry is a patient of the list in words, as it goes on paper and into a table.
type Entry struct {
	Line         int // of the file
	Number       string
	Name, Born   string // as the file has them
	State        string
	AsOf, Opened string   // the times, where there are any
	Remarks      []string // what else there is to say, a sentence each
}

// Entries returns the patients in the order, with the times at the place.
func (c *Check) Entries(o Order, at *time.Location) []Entry {
	all := make([]Entry, 0, len(c.patients))
	for _, i := range c.In(o) {
		p, a := c.patients[i], c.answers[i]
		e := Entry{Line: p.Line, Number: p.Number.String(), Name: p.Name, Born: p.Born, State: a.State.String()}
		if a.Known() {
			e.AsOf = nhs.Instant(a.AsOf, at)
		}
		if opened := c.opened[i]; !opened.IsZero() {
			e.Opened = nhs.Instant(opened, at)
		}
		switch {
		case !p.CanBeAsked():
			e.Number = p.Given
			e.Remarks = append(e.Remarks, p.Fault)
		case a.Why != nil:
			e.Remarks = append(e.Remarks, a.Why.Sentence+" ("+a.Why.Code+")")
		}
		e.Remarks = append(e.Remarks, Notes(p, a)...)
		e.Remarks = append(e.Remarks, LineNotes(p)...)
		all = append(all, e)
	}
	return all
}

// CSV returns the list as a table for a spreadsheet: UTF-8 with a byte order mark, without which Excel takes it for
// another encoding. ParseList reads it again.
func (c *Check) CSV(o Order, at *time.Location) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows := [][]string{{"Line", "NHS number", "Name", "Date of birth", "Child protection alert", "As of", "Opened", "Remarks"}}
	for _, e := range c.Entries(o, at) {
		rows = append(rows, []string{strconv.Itoa(e.Line), e.Number, e.Name, e.Born, e.State, e.AsOf, e.Opened, strings.Join(e.Remarks, " ")})
	}
	for _, row := range rows {
		for i, cell := range row {
			row[i] = noFormula(cell)
		}
		_ = w.Write(row) // a buffer takes everything
	}
	w.Flush()
	return b.Bytes()
}

// noFormula returns a cell that no spreadsheet takes for a formula (OWASP, CSV injection): names come from a file.
func noFormula(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r") == 0 {
		return "'" + cell
	}
	return cell
}

// SaveError is a table that could not be written. Err is why, for errors.Is.
type SaveError struct{ Err error }

// Error returns the user's sentence with the support code.
func (e *SaveError) Error() string { return e.Sentence() + " (" + e.Code() + ")" }

// Unwrap returns the cause.
func (e *SaveError) Unwrap() error { return e.Err }

// Sentence says that the table was not written. The path stays out of the words: the user has just typed it.
func (e *SaveError) Sentence() string {
	switch {
	case errors.Is(e.Err, fs.ErrExist):
		return "There is a file of this name already. Nothing was written."
	case errors.Is(e.Err, fs.ErrNotExist):
		return "There is no such folder. Nothing was written."
	case errors.Is(e.Err, fs.ErrPermission):
		return "You may not write there. Nothing was written."
	default:
		return "The file could not be written."
	}
}

// Advice returns what the user can do now.
func (e *SaveError) Advice() string {
	return "Type another name."
}

// Code returns what support asks for.
func (e *SaveError) Code() string { return "W13" }

// Name returns the kind's name in documents for programs.
func (e *SaveError) Name() string { return "table_not_saved" }

// Class returns that of what was given.
func (e *SaveError) Class() fault.Class { return fault.Usage }
