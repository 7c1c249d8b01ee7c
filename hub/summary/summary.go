// Package summary defines Summary Care Records, who may view them, and the alerts about views without the patient's
// permission. Sources of summaries are the hub's own store and the national service (package hub/national/scr). The
// shapes are those of the NHS Summary Care Record FHIR R4 API.
package summary

import (
	"errors"
	"time"

	"wardlight/internal/nhs"
)

// Sharing is the patient's permission to share the summary (SCR-ACSPermission).
type Sharing string

// Permissions to share. Yes is a legacy value, which means the same as Ask.
const (
	Ask Sharing = "Ask" // the patient is asked before each view
	Yes Sharing = "Yes"
	No  Sharing = "No" // the patient has opted out: there is no summary to view
)

// Errors of sources. None of them reads "none on file".
var (
	// ErrNotHeld means that the hub has no summary of any patient. It reads "not checked".
	ErrNotHeld = errors.New("no summaries are on file")
	// ErrRestored means that a backup was restored, and later summaries may be missing.
	ErrRestored = errors.New("a backup was restored, and later summaries may be missing")
	// ErrOptedOut means that the patient doesn't share the summary.
	ErrOptedOut = errors.New("the patient does not share a summary")
	// ErrSensitive means that the record is restricted. Nothing is said about a summary, whether there is one or not.
	ErrSensitive = errors.New("no summary of a sensitive record is shown")
)

// Document is a stored summary. A patient has at most one.
type Document struct {
	Number  nhs.Number
	ID      string  // UUID in capitals; "" if only Sharing is known
	Sharing Sharing // ignored by writes with a Body
	Made    time.Time
	// Body is the Bundle. A write without it sets only Sharing. A read without it has no summary.
	Body []byte
	// Removed makes a write delete the stored summary. The permission stays. Reads don't set it.
	Removed bool
}

// Reference is what a source knows about a patient's latest summary without its contents.
type Reference struct {
	ID      string // "" if the patient has opted out, and no summary is on file
	Sharing Sharing
}

// Patient is the patient of a request, by NHS numbers.
type Patient struct {
	Number  nhs.Number   // the requested one
	Current nhs.Number   // that of the current record
	Numbers []nhs.Number // all of them
}
