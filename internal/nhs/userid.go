package nhs

import "strings"

// userIDDigits is the number of digits of an SDS user ID.
const userIDDigits = 12

// IsUserID reports whether s has the form of an SDS user ID, the UUID on a smartcard: 12 digits. A certificate's
// common name of another form does not identify a user.
func IsUserID(s string) bool {
	return len(s) == userIDDigits && strings.Trim(s, "0123456789") == ""
}
