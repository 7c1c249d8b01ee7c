// Package procedure is a site's own procedure for a patient of whom it is not known whether there is an alert.
package procedure

import (
	"strings"

	"wardlight/internal/nhs"
)

// Local is what the site's settings say of it (site.procedure, site.procedure_phone); either may be empty.
type Local struct {
	Text  string // what to do, in a line
	Phone string // whom to ring
}

// IsSet reports whether the settings say what it is.
func (l Local) IsSet() bool { return l != Local{} }

// Words returns what to do now, in sentences. Where nothing is set it is that there is a procedure.
func (l Local) Words() string {
	if !l.IsSet() {
		return "Use the local procedure."
	}
	words := "Local procedure:"
	if l.Text != "" {
		words += " " + strings.TrimSuffix(l.Text, ".") + "."
	}
	if l.Phone != "" {
		words += " Ring " + nhs.DisplayPhone(l.Phone) + "."
	}
	return words
}
