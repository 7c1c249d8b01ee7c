package nhs

import (
	"regexp"
	"strings"
	"unicode"

	"wardlight/internal/text"
)

// postcode matches a postcode without its space: outward code A9, A99, A9A, AA9, AA99 or AA9A, inward code 9AA; and
// those of Girobank and the forces. It is less strict than BS 7666, because registers contain pseudo-codes (ZZ99) and
// misspelt codes, and users must be able to search by them.
var postcode = regexp.MustCompile(`^(?:([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})|(GIR)(0AA)|(BFPO)([0-9]{1,4}))$`)

// ParsePostcode parses a postcode as people type it, in any case, with or without spaces. It returns the format for
// display and requests: "LS1 4AP". Wildcards are refused. The error is a *FormError.
func ParsePostcode(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", &FormError{FieldPostcode, "Type a postcode, as in LS1 4AP."}
	}
	if p, ok := splitPostcode(s); ok {
		return p, nil
	}
	return "", &FormError{FieldPostcode, "This is not a whole postcode, as in LS1 4AP."}
}

// DisplayPostcode formats a postcode that a server sent: in capitals with one space if it is valid, otherwise
// unchanged except for white space. It never fails, because registers contain invalid ones.
func DisplayPostcode(s string) string {
	if p, ok := splitPostcode(s); ok {
		return p
	}
	return squeeze(s)
}

// splitPostcode normalises a postcode. It returns false if s isn't in the form of one.
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
