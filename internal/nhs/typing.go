package nhs

import (
	"strings"
	"unicode"

	"wardlight/internal/text"
)

// GroupTyped groups an NHS number while it is typed: 3, 3 and 4 digits with single spaces; further digits stay in the
// last group. at is the cursor's position in runes; the returned position is after the same digit. Text with anything
// but digits, spaces, hyphens and invisible characters is returned unchanged.
func GroupTyped(typed []rune, at int) ([]rune, int) {
	at = max(0, min(at, len(typed)))
	digits := make([]rune, 0, len(typed))
	before := 0
	for i, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, r)
			if i < at {
				before++
			}
		case betweenDigits(r):
		default:
			return typed, at
		}
	}

	grouped := make([]rune, 0, len(digits)+2)
	for i, r := range digits {
		if i == 3 || i == 6 {
			grouped = append(grouped, ' ')
		}
		grouped = append(grouped, r)
	}

	switch {
	case before > 6:
		before += 2
	case before > 3:
		before++
	}

	return grouped, before
}

// CheckTyped returns the error in an NHS number that is still being typed, as ParseNumber returns it, or nil if more
// digits can make it valid. An invalid character is reported at once, a wrong check digit once there are ten digits.
func CheckTyped(s string) error {
	digits, other := 0, false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case betweenDigits(r):
		default:
			other = true
		}
	}
	if digits < numberDigits && !other {
		return nil
	}
	_, err := ParseNumber(s)
	return err
}

// MaxNameLength is the maximum length of a name in a search, in characters (PDS FHIR R4 API, family and given).
const MaxNameLength = 35

// ParseName parses a name to search by. A * after at least two letters matches any characters (PDS FHIR R4 API). field
// is FieldFamily or FieldGiven, and is used in the *FormError.
func ParseName(s, field string) (string, error) {
	s = squeeze(text.WithoutIgnorable(s))
	switch {
	case s == "":
		return "", &FormError{field, "Type a " + field + "."}
	case len([]rune(s)) > MaxNameLength:
		return "", &FormError{field, "A name has 35 letters at the most."}
	}
	return s, checkStar(s, field)
}

// ParsePostcodePattern parses a postcode to search by: a whole one, as in ParsePostcode, or the beginning of one
// followed by a *. The error is a *FormError.
func ParsePostcodePattern(s string) (string, error) {
	if !strings.Contains(s, "*") {
		return ParsePostcode(s)
	}
	s = strings.ToUpper(squeeze(text.WithoutIgnorable(s)))
	begin, rest, _ := strings.Cut(s, "*")
	for _, r := range begin {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != ' ' {
			return "", &FormError{FieldPostcode, "This is not a postcode, as in LS1 4AP or LS1*."}
		}
	}
	if rest != "" || len(begin) > len("AA9A 9AA") {
		return "", &FormError{FieldPostcode, "The * stands at the end, as in LS1*."}
	}
	return s, checkStar(s, FieldPostcode)
}

// HasWildcard reports whether a name or postcode to search by contains a wildcard.
func HasWildcard(s string) bool { return strings.Contains(s, "*") }

// checkStar returns an error if there are fewer than two letters or digits before a wildcard, or if s has no wildcard
// and no letter or digit.
func checkStar(s, field string) error {
	begin, _, wild := strings.Cut(s, "*")
	letters := 0
	for _, r := range begin {
		if (unicode.IsLetter(r) || unicode.IsDigit(r)) && !Apostrophe(r) {
			letters++
		}
	}
	switch {
	case wild && letters < 2:
		return &FormError{field, "Type two letters before the *."}
	case letters == 0:
		return &FormError{field, "Type letters."}
	}
	return nil
}
