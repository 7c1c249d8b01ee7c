// Package procedure defines a site's procedure for patients for whom it is unknown whether there is an alert.
package procedure

import (
	"strings"

	"wardlight/internal/nhs"
)

// Local is the procedure in the site's settings (site.procedure, site.procedure_phone). Either field may be empty.
type Local struct {
	Text  string // what to do, in one line
	Phone string // telephone number
}

// IsSet reports whether the settings define a procedure.
func (l Local) IsSet() bool { return l != Local{} }

// Words returns the procedure in sentences. If it isn't set, they refer to the local procedure.
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
