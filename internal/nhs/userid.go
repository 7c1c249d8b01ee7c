package nhs

import "strings"

// userIDDigits is the length of a UUID.
const userIDDigits = 12

// IsUserID reports whether s is of the form of an SDS user id, which people know as the UUID on their smartcard: 12 digits.
// A common name of any other form names nobody by UUID.
func IsUserID(s string) bool {
	return len(s) == userIDDigits && strings.Trim(s, "0123456789") == ""
}
