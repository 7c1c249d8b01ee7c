// Package recordsystem writes flags into the site's own record system. A flag is a FHIR R4 Flag that states that there
// is a child protection alert, so that a clinician who opens the patient's record there sees it. It contains nothing
// about the plan.
//
// A flag is written once, even after retries and from several terminals. A flag that could not be written is stored
// encrypted until it is.
package recordsystem

import (
	"time"

	"wardlight/internal/nhs"
)

// Flag states that there was an alert for a patient at a time, and who saw it.
type Flag struct {
	Number nhs.Number
	AsOf   time.Time // when the hub reported the alert
	Author Author
}

// Author is the user who sets a flag.
type Author struct {
	UUID string // UUID on the smartcard, 12 digits
	Name string // "SAMPLE, Ada (Ms)"
}

// Result is the result of setting a flag.
type Result struct {
	Existed  bool      // the flag already existed
	At       time.Time // time of the record system's response
	Err      error     // *Error if the flag was not written
	StoredIn Storage   // where the flag is stored if it was not written
	StoreErr error     // *sealed.Error if it could only be stored in memory
}

// Storage is the place where a pending flag is stored.
type Storage int

// The values of Storage.
const (
	NotStored Storage = iota
	OnDisk            // encrypted; survives a restart of the computer
	InMemory          // until the program ends
)

// PendingFlag is a pending flag.
type PendingFlag struct {
	ID      string // random; not derived from the patient
	Flag    Flag
	Since   time.Time
	Storage Storage
	Reason  string // sentence of the last error; "" if the program ended before there was a response
	Code    string // support code of the last error
}

// PendingFlags lists the pending flags.
type PendingFlags struct {
	Flags []PendingFlag // oldest first
	// Err is the *sealed.Error of reading the file. Flags then contains only those in memory.
	Err error
}

// InMemory returns the number of flags that would be lost if the program ended now.
func (w PendingFlags) InMemory() int {
	n := 0
	for _, k := range w.Flags {
		if k.Storage == InMemory {
			n++
		}
	}
	return n
}
