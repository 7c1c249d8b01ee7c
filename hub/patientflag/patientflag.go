// Package patientflag defines the flags of patients besides child protection: reasonable adjustments, and female
// genital mutilation (FGM). Sources of flags are the hub's own store, and a national service.
package patientflag

import (
	"errors"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Kind is a kind of flag. The values are codes of England-FlagCategoryPatient.
type Kind string

// Kinds of flags.
const (
	ReasonableAdjustments Kind = fhir.CodeAdjustmentsFlag
	FGM                   Kind = fhir.CodeFGMFlag
)

// Kinds returns all kinds, in the order in which they are shown.
func Kinds() []Kind { return []Kind{ReasonableAdjustments, FGM} }

// Display returns the kind's display in England-FlagCategoryPatient, or "" for an unknown kind.
func (k Kind) Display() string {
	switch k {
	case ReasonableAdjustments:
		return "National Reasonable Adjustments Flag"
	case FGM:
		return "Female Genital Mutilation Flag"
	default:
		return ""
	}
}

// ErrNotHeld means that the source has no flags of the kind of any patient, so that the absence of a flag means
// nothing. It reads "not checked".
var ErrNotHeld = errors.New("no flags of this kind are on file")

// ErrRestored means that a backup was restored, and it has not been confirmed that later data were sent again, so that
// the absence of a flag means nothing. It reads "could not check".
var ErrRestored = errors.New("a backup was restored, and later flags may be missing")

// Flag is a flag of a patient. A patient has at most one of each kind. Its source cleans the texts.
type Flag struct {
	Number   nhs.Number
	Kind     Kind
	Active   bool      // false once it was removed
	Recorded time.Time // zero if it is not known
	By       string    // ODS code or name of the organisation that recorded it; "" if it is not known
	Details  []Detail
}

// Detail is a detail of a flag: an adjustment, an impairment, or a note.
type Detail struct {
	Type     DetailType  `json:"type"`
	Category fhir.Coding `json:"category,omitzero"` // of an adjustment, in England-FlagCategoryRA; may be zero
	Code     fhir.Coding `json:"code,omitzero"`     // zero for a note
	Note     string      `json:"note,omitempty"`    // "" for none
}

// DetailType is the type of a detail.
type DetailType string

// Types of details, with the resources that have them.
const (
	Adjustment DetailType = "adjustment" // Flag
	Impairment DetailType = "impairment" // Condition
	Finding    DetailType = "finding"    // the code of an FGM flag
	Note       DetailType = "note"       // Extension-FlagNotes of the flag itself
)

// Result is what a source knows about one kind of flag of a patient. With Err, it is not known whether there is a flag.
type Result struct {
	Kind Kind
	Flag *Flag // active; nil if none is on file
	// Err is ErrNotHeld, ErrRestored, a *national.Failure, or a failure of the store.
	Err error
}

// adult is the age of majority in years.
const adult = 18

// MayHaveFGM reports whether FGM flags of a patient are shown: a girl under 18, whose gender is female, unknown or
// indeterminate (DCB2112 Amd 28/2019). gender and born are those of the current record. A partial birth date counts as
// its latest day. Without a birth date it returns false.
func MayHaveFGM(gender nhs.Gender, born, today nhs.Date) bool {
	return gender != nhs.Male && !born.IsZero() && today.Before(born.Latest().Anniversary(adult))
}
