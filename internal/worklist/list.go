// Package worklist is a waiting room's patients and what is known of each one's alert: it reads the list, says whom
// to ask when, and takes in the answers. Asking is the lamp alone (client.Acting.Lamp), which notifies nobody;
// nothing here opens an alert.
//
// The package is pure: the clock comes in with each call, and the caller asks the hub, draws and keeps.
package worklist

import (
	"fmt"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// Patient is one line of the list.
type Patient struct {
	Line   int        `json:"line"`             // of the file, counted from 1
	Number nhs.Number `json:"number,omitempty"` // "" where the line has none that is valid
	Given  string     `json:"given,omitempty"`  // what stands in the number's place where Number is ""
	Fault  string     `json:"fault,omitempty"`  // why it is none, in a sentence; "" where Number is set
	Name   string     `json:"name,omitempty"`   // as the file has it: nobody has checked that it goes with the number
	Born   string     `json:"born,omitempty"`   // likewise
	// Family is the family name alone, where the file has a column for it; NoFamily is set where Name is given names
	// alone.
	Family   string `json:"family,omitempty"`
	NoFamily bool   `json:"no_family,omitempty"`
	// FaultKind is what Fault is: [NoNumber], [TwoNumbers] or [PowerOfTen]; "" where Number is set.
	FaultKind string `json:"fault_kind,omitempty"`
	// LastLine is the last line of the file that belongs to the row, where it is another one than Line: cells can have
	// line breaks.
	LastLine int   `json:"last_line,omitempty"`
	Again    []int `json:"again,omitempty"` // the further lines with the same number, which stand for this one
	// Others are the lines with the same number for somebody else, by name or birth date: they are patients of the list
	// themselves.
	Others []int `json:"others,omitempty"`
	// OtherName is set where one of those lines has another name: one number for two people is a slip in the list.
	OtherName bool `json:"other_name,omitempty"`
	// NotUTF8 is set where the line is Windows-1252 and the file is UTF-8 elsewhere: letters of the name may be wrong.
	NotUTF8 bool `json:"not_utf8,omitempty"`
}

// The kinds of fault.
const (
	NoNumber   = "not_a_number"
	TwoNumbers = "two_numbers"  // two columns have different ones
	PowerOfTen = "power_of_ten" // a spreadsheet has replaced the number, and its last digits are lost
)

// FaultCode is what support asks for about a line whose number has a fault.
const FaultCode = "W12"

// List is a list as it was read.
type List struct {
	Patients []Patient
	// Skipped is how many lines above the headings, such as titles, are no part of the list. Blank lines do not count.
	Skipped int
	// NoHeadings is set where no headings were found: then the NHS numbers alone were read.
	NoHeadings bool
}

// CanBeAsked reports whether the line has an NHS number to ask about.
func (p Patient) CanBeAsked() bool { return p.Number != "" }

// Answer is what is known of a patient's alert. The zero Answer is not checked.
type Answer struct {
	State     client.State
	AsOf      time.Time // the hub's time; zero unless State is client.Alert or client.NoneRecorded
	RequestID string    // of the asking, for support
	Why       *Reason   // of client.CouldNotCheck
	// RecordMissing is set of client.Alert where no current patient record has the number (client.WordsRecordMissing).
	RecordMissing bool
	// RecordUnread is set of client.Alert where the record could not be read, so that the line was not compared with it.
	RecordUnread bool
	Name, Born   Comparison // of the line with the record
	Current      nhs.Number // the number that superseded the line's; "" where none did
}

// Known reports whether the hub has answered.
func (a Answer) Known() bool { return a.State == client.Alert || a.State == client.NoneRecorded }

// ofAnother reports whether the record of the line's number is another patient's.
func (a Answer) ofAnother() bool { return a.Why != nil && a.Why.Kind == KindOtherPatient }

// Failed reports whether the patient could not be checked for a reason that support may have to hear.
func (a Answer) Failed() bool { return a.Why != nil && !a.restricted() }

// restricted reports whether the record is restricted, so that nobody is told whether there is an alert.
func (a Answer) restricted() bool { return a.Why != nil && a.Why.Kind == client.Sensitive.String() }

// Old reports whether the answer is known, and older than the bound at the time. A bound of 0 or less makes none old.
func (a Answer) Old(now time.Time, bound time.Duration) bool {
	return a.Known() && bound > 0 && now.Sub(a.AsOf) > bound
}

// Reason is why a patient could not be checked, in words that outlast the error.
type Reason struct {
	Kind     string `json:"kind"` // client.Kind's name
	Sentence string `json:"sentence"`
	Advice   string `json:"advice"`
	Code     string `json:"code"`
}

// Tally is how many patients are in each state. Faulty ones are among those not checked.
type Tally struct {
	All, Alerts, NoneRecorded, CouldNotCheck, NotChecked int
	Faulty                                               int // lines without a valid NHS number
}

// Words counts the states, those that may need somebody first, with between after each but the last.
func (t Tally) Words(between string) string {
	return fmt.Sprintf("%d %s%s%d %s%s%d %s%s%d %s", t.Alerts, client.Alert, between, t.CouldNotCheck, client.CouldNotCheck, between,
		t.NotChecked, client.NotChecked, between, t.NoneRecorded, client.NoneRecorded)
}

// Settled returns how many need not be asked for now: answered, failed for good, or without a number.
func (t Tally) Settled() int { return t.Alerts + t.NoneRecorded + t.CouldNotCheck + t.Faulty }

// Unanswered returns how many patients there is no answer about.
func (t Tally) Unanswered() int { return t.CouldNotCheck + t.NotChecked }
