package store

import "regexp"

// The form of an authority's code, and of a phone number. A colon would end the user name in HTTP Basic authentication
// (RFC 7617 §2).
var (
	authorityCode = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,19}$`)
	phone         = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{5,24}$`)
)

// IsAuthorityCode reports whether code is valid for an authority: up to 20 letters, digits and hyphens, such as V999.
func IsAuthorityCode(code string) bool { return authorityCode.MatchString(code) }

// IsPhone reports whether a text is a phone number, such as 01632 960101.
func IsPhone(text string) bool { return phone.MatchString(text) }
