// Package nhs implements the national rules for what identifies a patient: NHS numbers, names, dates, ages, genders
// and postcodes, how people type them and how they are shown.
//
// Display follows the NHS Common User Interface guides (ISB 1500 to 1508). The package reads no clock; callers pass
// today's date. It validates what it parses. Text for display must have been sanitised by internal/text.Clean where it
// was received.
package nhs

// Values of FormError.Field.
const (
	FieldNumber   = "NHS number"
	FieldDate     = "date"
	FieldBorn     = "birth date"
	FieldDied     = "date of death"
	FieldFamily   = "family name"
	FieldGiven    = "given name"
	FieldPostcode = "postcode"
)

// NotKnown is shown for every unknown value, instead of a blank or a question mark (CUI).
const NotKnown = "Not Known"

// A FormError describes an error in typed text, for display next to the field. The sentence contains no personal data
// except the character in error.
type FormError struct {
	Field    string // one of the Field constants
	Sentence string // a sentence for the user
}

// Error returns the sentence.
func (e *FormError) Error() string { return e.Sentence }
