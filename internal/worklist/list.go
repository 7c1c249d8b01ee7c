// Package worklist checks the patients of a list, such as those in a waiting room, for alerts. It reads the list,
// decides whom to ask about and when, and stores the answers. It asks for the lamp only (client.Acting.Lamp), which
// notifies nobody; it never opens an alert.
//
// The package has no side effects: each call is given the time, and the caller sends requests, shows the list and
// stores it.
package worklist

import (
	"fmt"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// Patient is one row of the list.
type Patient struct {
	Line       int        `json:"line"`             // line in the file, from 1
	Number     nhs.Number `json:"number,omitempty"` // "" if the row has no valid one
	NumberText string     `json:"given,omitempty"`  // the text in place of the number, if Number is ""
	Fault      string     `json:"fault,omitempty"`  // a sentence that explains why Number is ""
	Name       string     `json:"name,omitempty"`   // as in the file; it may not belong to the number
	Born       string     `json:"born,omitempty"`   // as in the file, like Name
	// Family is the family name, if the file has a column for it. FailureNone is set if Name is only given names.
	Family   string `json:"family,omitempty"`
	NoFamily bool   `json:"no_family,omitempty"`
	// FaultKind is the kind of Fault: [NoNumber], [TwoNumbers] or [PowerOfTen]; "" if Number is set.
	FaultKind string `json:"fault_kind,omitempty"`
	// LastLine is the last line of the row in the file, if it differs from Line: cells can contain line breaks.
	LastLine int   `json:"last_line,omitempty"`
	Again    []int `json:"again,omitempty"` // further lines of the same patient; not listed themselves
	// Others are the lines with the same number and another name or birth date. They are listed as patients
	// themselves.
	Others []int `json:"others,omitempty"`
	// OtherName is set if one of those lines has another name: one number for two people is a mistake in the list.
	OtherName bool `json:"other_name,omitempty"`
	// Windows1252Lines is set if the row is Windows-1252 in a file that is otherwise UTF-8: letters of the name may be
	// wrong.
	NotUTF8 bool `json:"not_utf8,omitempty"`
}

// The kinds of fault of an NHS number.
const (
	NoNumber   = "not_a_number"
	TwoNumbers = "two_numbers"  // two columns have different numbers
	PowerOfTen = "power_of_ten" // a spreadsheet wrote it as a power of ten, without the last digits
)

// FaultCode is the support code for a row without a valid number.
const FaultCode = "W12"

// List is the content of a list file.
type List struct {
	Patients []Patient
	// Skipped is the number of lines above the headings, such as titles, that were ignored. Blank lines don't count.
	Skipped int
	// NoHeadings is set if no headings were found. Then only NHS numbers were read.
	NoHeadings bool
}

// HasNumber reports whether the row has an NHS number to ask about.
func (p Patient) HasNumber() bool { return p.Number != "" }

// Answer is the result of asking about a patient. The zero Answer means not checked.
type Answer struct {
	State     client.State
	AsOf      time.Time // the hub's time; zero unless State is client.Alert or client.NoneRecorded
	RequestID string    // of the request, for support
	Why       *Reason   // if State is client.CouldNotCheck
	// RecordMissing is set for an alert if no current patient record has the number (client.WordsRecordMissing).
	RecordMissing bool
	// RecordUnread is set for an alert if the record could not be read, so that the row was not compared with it.
	RecordUnread bool
	Name, Born   Comparison // of the row with the record
	Current      nhs.Number // the number that superseded the row's, or ""
	Flags        Flags      // the flags other than child protection
}

// Known reports whether the hub has answered: alert or none recorded.
func (a Answer) Known() bool { return a.State == client.Alert || a.State == client.NoneRecorded }

// isOtherPatient reports whether the record of the row's number is another patient's.
func (a Answer) isOtherPatient() bool { return a.Why != nil && a.Why.Kind == KindOtherPatient }

// Failed reports whether the patient could not be checked for a reason that support may need.
func (a Answer) Failed() bool { return a.Why != nil && !a.restricted() }

// restricted reports whether the record is restricted, so that the hub answers nothing about alerts.
func (a Answer) restricted() bool { return a.Why != nil && a.Why.Kind == client.Sensitive.String() }

// OlderThan reports whether the answer is known and older than bound at time now. It returns false if bound is 0 or
// less.
func (a Answer) OlderThan(now time.Time, bound time.Duration) bool {
	return a.Known() && bound > 0 && now.Sub(a.AsOf) > bound
}

// Reason explains why a patient could not be checked. Unlike the error, it can be saved.
type Reason struct {
	Kind     string `json:"kind"` // client.Kind's name
	Sentence string `json:"sentence"`
	Advice   string `json:"advice"`
	Code     string `json:"code"`
}

// Tally is the number of patients in each state. NotChecked includes Faulty.
type Tally struct {
	All, Alerts, NoneRecorded, CouldNotCheck, NotChecked int
	Faulty                                               int // rows without a valid NHS number
}

// Words returns the counts in words, the most urgent states first, separated by between.
func (t Tally) Words(between string) string {
	return fmt.Sprintf("%d %s%s%d %s%s%d %s%s%d %s", t.Alerts, client.Alert, between, t.CouldNotCheck,
		client.CouldNotCheck, between,
		t.NotChecked, client.NotChecked, between, t.NoneRecorded, client.NoneRecorded)
}

// Finished returns the number of patients that need not be asked about now: answered, failed, or without a number.
func (t Tally) Finished() int { return t.Alerts + t.NoneRecorded + t.CouldNotCheck + t.Faulty }

// Unanswered returns the number of patients without an answer.
func (t Tally) Unanswered() int { return t.CouldNotCheck + t.NotChecked }
