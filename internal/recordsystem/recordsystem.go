// Package recordsystem writes flags into the site's own record system: a FHIR R4 Flag that says that there is a child
// protection alert, so that the clinician who opens the patient's record there sees it. Nothing of a plan is in it.
//
// A flag is written once, however often it is tried and from however many terminals. One that could not be written is
// kept, encrypted, until it is.
package recordsystem

import (
	"time"

	"wardlight/internal/nhs"
)

// Flag says that there was an alert for the patient at a time, and who saw it.
type Flag struct {
	Number nhs.Number
	AsOf   time.Time // when the hub said that there is an alert
	Author Author
}

// Author is who sets a flag.
type Author struct {
	UUID string // of the smartcard, 12 digits
	Name string // "SAMPLE, Ada (Ms)"
}

// Answer is what became of a flag.
type Answer struct {
	Already bool      // it had been set before
	At      time.Time // when the record system said so
	Err     error     // *Error when it was not written; nil when it is there
	Kept    Keeping   // where it is kept when it was not written
	Unkept  error     // why it is only in memory: *sealed.Error; nil where it is not
}

// Keeping is where a flag that could not be written is kept.
type Keeping int

// The places.
const (
	NotKept  Keeping = iota
	OnDisk           // encrypted, across restarts of this computer
	InMemory         // until the program ends
)

// Kept is a flag that is not yet written.
type Kept struct {
	ID     string // of its own; says nothing of the patient
	Flag   Flag
	Since  time.Time
	Place  Keeping
	Reason string // the sentence of the last failure; "" when the program ended before there was an answer
	Code   string // and its code for support
}

// Waiting is what is not yet written.
type Waiting struct {
	Flags []Kept // the oldest first
	// Err is why what was kept on the disk could not be read: *sealed.Error. Flags are those in memory then.
	Err error
}

// InMemory returns how many would be lost if the program ended now.
func (w Waiting) InMemory() int {
	n := 0
	for _, k := range w.Flags {
		if k.Place == InMemory {
			n++
		}
	}
	return n
}
