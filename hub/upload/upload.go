// Package upload is what local authorities send: files of plans to add, update, end or delete, as JSON or as CSV from a
// spreadsheet. A row that is wrong is refused alone; the file is taken without it.
//
// The parsers and the rules of a row are functions of their input. Service looks up who is meant and what is on file,
// and works out what a file changes; it stores nothing.
package upload

import (
	"fmt"
)

// The bounds of a file.
const (
	MostBytes = 8 << 20
	MostRows  = 20_000
)

// mostCell is how many characters one value may have: more than any name that PDS holds.
const mostCell = 200

// RowCode is the answer to a row (CP-IS Domain Message Specification, LA upload answer).
type RowCode string

// The answers to a row.
const (
	NoMatch     RowCode = "CPR01"
	Sensitive   RowCode = "CPR02"
	NotVerified RowCode = "CPR03"
	OldStyle    RowCode = "CPR04"
	Superseded  RowCode = "CPR05"
	Success     RowCode = "CPR06"
	Failure     RowCode = "CPR07"
)

// FileCode is the answer to a file (same source).
type FileCode string

// The answers to a file.
const (
	Corrupt      FileCode = "CPF01"
	AllTaken     FileCode = "CPF02"
	PartlyTaken  FileCode = "CPF03"
	NoneTaken    FileCode = "CPF04"
	PDSDown      FileCode = "CPF05"
	NotSupported FileCode = "CPF06"
)

// File is a file as it was sent, before anything in it is held against any record.
type File struct {
	ID   string // the authority's own
	Made int64  // when it was made, as in [store.Plan]; 0 where it does not say
	Rows []Row
}

// Row is one row as it was sent.
type Row struct {
	Number int // as its sender counts: the row of the spreadsheet, or the place in the list, from 1
	Cells  map[Column]string
	Fault  string // why the row does not read, as a sentence; "" when it does
	Note   string // what its answer says besides, as a sentence; "" for nothing
}

// FileError is a file of which no row can be taken.
type FileError struct {
	Code     FileCode
	Sentence string
}

// Error returns the code and the sentence. A sentence may quote the file's header, never a row.
func (e *FileError) Error() string { return string(e.Code) + ": " + e.Sentence }

func corrupt(format string, args ...any) error {
	return &FileError{Corrupt, fmt.Sprintf(format, args...)}
}

// Answer is what the sender hears of a file whose rows were read. It names nobody: of a record it says the 18th
// birthday alone, and that to whoever sent the birth date.
type Answer struct {
	Upload   string      `json:"upload"` // the hub's id of it
	File     string      `json:"file"`   // the authority's own
	Received string      `json:"received"`
	Code     FileCode    `json:"code"`
	Sentence string      `json:"sentence"`
	Taken    int         `json:"taken"`
	Refused  int         `json:"refused"`
	Rows     []RowAnswer `json:"rows"`
	// SendAgain is which rows were refused as sensitive and would not be now; up to maxSendAgain of them.
	SendAgain []Earlier `json:"sendAgain,omitempty"`
}

// Earlier is a row of an earlier file.
type Earlier struct {
	File string `json:"file"` // the authority's own id
	Row  int    `json:"row"`
}

// RowAnswer is what the sender hears of a row.
type RowAnswer struct {
	Row      int     `json:"row"`
	Code     RowCode `json:"code"`
	Sentence string  `json:"sentence"`
}
