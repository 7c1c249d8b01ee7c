package worklist

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/nhs"
	"wardlight/internal/table"
)

// Entry is the texts of a patient of the list, for printing and for a table.
type Entry struct {
	Line         int // in the file
	Number       string
	Name, Born   string // as in the file
	State        string
	AsOf, Opened string   // times, or ""
	Remarks      []string // further sentences
}

// Entries returns the patients in order o, with times in location at.
func (c *Check) Entries(o Order, at *time.Location) []Entry {
	all := make([]Entry, 0, len(c.patients))
	for _, i := range c.Indexes(o) {
		p, a := c.patients[i], c.answers[i]
		e := Entry{Line: p.Line, Number: p.Number.String(), Name: p.Name, Born: p.Born, State: a.State.String()}
		if a.Known() {
			e.AsOf = nhs.Instant(a.AsOf, at)
		}

		if opened := c.opened[i]; !opened.IsZero() {
			e.Opened = nhs.Instant(opened, at)
		}

		switch {
		case !p.HasNumber():
			e.Number = p.NumberText
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

// CSV returns the list as a table for spreadsheets ([table.CSV]). ParseList can read it.
func (c *Check) CSV(o Order, at *time.Location) []byte {
	rows := [][]string{{
		"Line", "NHS number", "Name", "Date of birth", "Child protection alert", "As of", "Opened",
		"Remarks",
	}}

	for _, e := range c.Entries(o, at) {
		rows = append(rows, []string{
			strconv.Itoa(e.Line), e.Number, e.Name, e.Born, e.State, e.AsOf, e.Opened,
			strings.Join(e.Remarks, " "),
		})
	}

	return table.CSV(rows)
}

// SaveError reports that a table could not be written. Err is the cause.
type SaveError struct{ Err error }

// Error returns the sentence and the support code.
func (e *SaveError) Error() string { return e.Sentence() + " (" + e.Code() + ")" }

// Unwrap returns the cause.
func (e *SaveError) Unwrap() error { return e.Err }

// Sentence returns why the table was not written. It does not contain the path, which the user has just typed.
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

// Advice returns what the user can do.
func (e *SaveError) Advice() string {
	return "Type another name."
}

// Code returns the support code.
func (e *SaveError) Code() string { return "W13" }

// Name returns the name of the kind in JSON output.
func (e *SaveError) Name() string { return "table_not_saved" }

// Class returns fault.Usage.
func (e *SaveError) Class() fault.Class { return fault.Usage }
