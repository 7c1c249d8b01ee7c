package client

import (
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/nhs"
)

// The types of other packages that the calls accept and return, under names that another module can use.
type (
	// NHSNumber is an NHS number with a valid check digit. [ParseNHSNumber] reads one.
	NHSNumber = nhs.Number
	// Date is a day of the calendar, known as far as it is known. [ParseDate] and [DateOf] return one.
	Date = nhs.Date
	// Gender is the administrative gender of FHIR R4; the zero value says that none was given.
	Gender = nhs.Gender
	// FormError says what is wrong with a number or a date, in a sentence for the user.
	FormError = nhs.FormError
	// ErrorClass is what an [Error] is about, for the exit codes of this module's own commands. Other programs decide
	// by the errors of this package, such as [ErrSessionEnded], or by [Kind].
	ErrorClass = fault.Class
)

// The genders that FHIR knows.
const (
	Male          = nhs.Male
	Female        = nhs.Female
	OtherGender   = nhs.OtherGender
	UnknownGender = nhs.UnknownGender
)

// ParseNHSNumber reads an NHS number as people type or paste it, with spaces and hyphens anywhere. The error is a
// *FormError with a sentence of its own for each cause, such as a wrong check digit.
func ParseNHSNumber(s string) (NHSNumber, error) { return nhs.ParseNumber(s) }

// ParseDate reads a date as FHIR writes it: yyyy, yyyy-mm or yyyy-mm-dd. The error is a *FormError.
func ParseDate(s string) (Date, error) { return nhs.ParseDate(s) }

// DateOf returns the day of t in t's own zone.
func DateOf(t time.Time) Date { return nhs.DateOf(t) }
