package store

import "regexp"

// An authority's code, and a phone number as people write it. A colon would end the code in HTTP Basic (RFC 7617 §2).
var (
	authorityCode = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,19}$`)
	phone         = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{5,24}$`)
)

// IsAuthorityCode reports whether an authority can have the code: up to 20 letters, digits and hyphens, such as V999.
func IsAuthorityCode(code string) bool { return authorityCode.MatchString(code) }

// IsPhone reports whether a text is a phone number, such as 01632 960101.
func IsPhone(text string) bool { return phone.MatchString(text) }
