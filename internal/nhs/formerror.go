// Package nhs holds the national rules for what identifies a patient: NHS numbers, names, dates, ages, genders and
// postcodes, how people type them and how they are shown.
//
// Display follows the NHS Common User Interface guides (ISB 1500 to 1508). The package is pure: it knows no clock, and
// 'today' comes in as a value. What it parses from a server is checked, but text for display must have been through
// internal/text.Clean where it entered.
package nhs

// The fields that a FormError can point at.
const (
	FieldNumber   = "NHS number"
	FieldDate     = "date"
	FieldBorn     = "birth date"
	FieldDied     = "date of death"
	FieldFamily   = "family name"
	FieldGiven    = "given name"
	FieldPostcode = "postcode"
)

// NotKnown is how every unknown value is shown; never blank, never a question mark (CUI).
const NotKnown = "Not Known"

// FormError says what is wrong with something that was typed, beside the field where it was typed. The sentence tells
// what is the matter with the text, so it is its own advice, and holds no personal data except the character in error.
type FormError struct {
	Field    string // one of the Field constants
	Sentence string // one plain sentence for the user
}

// Error returns the sentence.
func (e *FormError) Error() string { return e.Sentence }
