// Package upload processes the files that local authorities send: plans to add, update, end or delete, as JSON or as
// CSV from a spreadsheet. An invalid row is refused; the other rows of the file are accepted.
//
// The parsers and the rules of a row are functions of their input. Service looks up patients and plans, and computes
// the changes of a file; it stores nothing.
package upload

import (
	"fmt"
)

// Limits for a file.
const (
	MaxBytes = 8 << 20
	MaxRows  = 20_000
)

// maxCell is the maximum length of a value in characters. It is longer than any name in PDS.
const maxCell = 200

// A RowCode is the answer code of a row (CP-IS Domain Message Specification, LA upload answer).
type RowCode string

// The row codes.
const (
	NoMatch     RowCode = "CPR01"
	Sensitive   RowCode = "CPR02"
	NotVerified RowCode = "CPR03"
	OldStyle    RowCode = "CPR04"
	Superseded  RowCode = "CPR05"
	Success     RowCode = "CPR06"
	Failure     RowCode = "CPR07"
)

// A FileCode is the answer code of a file (CP-IS Domain Message Specification, LA upload answer).
type FileCode string

// The file codes.
const (
	Corrupt        FileCode = "CPF01"
	AllAccepted    FileCode = "CPF02"
	PartlyAccepted FileCode = "CPF03"
	NoneAccepted   FileCode = "CPF04"
	PDSDown        FileCode = "CPF05"
	NotSupported   FileCode = "CPF06"
)

// A File is a parsed file, before its rows are compared with any record.
type File struct {
	ID   string // assigned by the authority
	Made int64  // creation time, as in [store.Plan]; 0 if the file does not state it
	Rows []Row
}

// A Row is one row as it was sent.
type Row struct {
	Number int // row of the spreadsheet, or position in the list from 1
	Cells  map[Column]string
	Fault  string // sentence that describes the parse error; "" if there is none
	Note   string // sentence to add to the answer; "" for none
}

// A FileError is returned for a file of which no row can be accepted.
type FileError struct {
	Code     FileCode
	Sentence string
}

// Error returns the code and the sentence. The sentence may quote the file's header but no row.
func (e *FileError) Error() string { return string(e.Code) + ": " + e.Sentence }

func corrupt(format string, args ...any) error {
	return &FileError{Corrupt, fmt.Sprintf(format, args...)}
}

// Answer is the response to a file whose rows were read. It contains no personal data except the 18th birthday, which
// is sent only to a sender who gave the birth date.
type Answer struct {
	Upload   string      `json:"upload"` // assigned by the hub
	File     string      `json:"file"`   // assigned by the authority
	Received string      `json:"received"`
	Code     FileCode    `json:"code"`
	Sentence string      `json:"sentence"`
	Accepted int         `json:"taken"`
	Refused  int         `json:"refused"`
	Rows     []RowAnswer `json:"rows"`
	// SendAgain lists up to maxSendAgain rows that were refused as sensitive and would be accepted now.
	SendAgain []Earlier `json:"sendAgain,omitempty"`
}

// Earlier identifies a row of an earlier file.
type Earlier struct {
	File string `json:"file"` // assigned by the authority
	Row  int    `json:"row"`
}

// RowAnswer is the response to one row.
type RowAnswer struct {
	Row      int     `json:"row"`
	Code     RowCode `json:"code"`
	Sentence string  `json:"sentence"`
}
