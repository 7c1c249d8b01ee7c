package nhs

import (
	"regexp"
	"strings"
	"unicode"

	"wardlight/internal/text"
)

// postcode is the shape of a postcode without its space: outward A9, A99, A9A, AA9, AA99 or AA9A, inward 9AA; and
// Girobank's and the forces' own. Looser than BS 7666, on purpose: the registers hold pseudo-codes (ZZ99) and slips,
// and a patient must be found by them.
var postcode = regexp.MustCompile(`^(?:([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})|(GIR)(0AA)|(BFPO)([0-9]{1,4}))$`)

// ParsePostcode reads a postcode as people type it, in any case, with spaces anywhere or nowhere, and gives it as it is
// shown and sent: "LS1 4AP". Wildcards are refused. The error is a *FormError.
func ParsePostcode(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", &FormError{FieldPostcode, "Type a postcode, as in LS1 4AP."}
	}
	if p, ok := splitPostcode(s); ok {
		return p, nil
	}
	return "", &FormError{FieldPostcode, "This is not a whole postcode, as in LS1 4AP."}
}

// DisplayPostcode shows a postcode that a server sent: in capitals with one space where it has a postcode's shape, and
// otherwise as it came. It never refuses; the registers hold invalid ones.
func DisplayPostcode(s string) string {
	if p, ok := splitPostcode(s); ok {
		return p
	}
	return squeeze(s)
}

// splitPostcode normalises a postcode, or reports that s hasn't the shape of one.
func splitPostcode(s string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || text.Ignorable(r) {
			return -1
		}
		return r
	}, s)
	m := postcode.FindStringSubmatch(strings.ToUpper(s))
	for i := 1; i < len(m); i += 2 {
		if m[i] != "" {
			return m[i] + " " + m[i+1], true
		}
	}
	return "", false
}
