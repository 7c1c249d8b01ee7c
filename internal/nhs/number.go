package nhs

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"wardlight/internal/text"
)

// Number is an NHS number of ten digits, the last of which is the check digit, as ParseNumber returns it. The zero
// value means that the patient's number is unknown.
type Number string

// numberDigits is the number of digits of an NHS number.
const numberDigits = 10

// ParseNumber parses an NHS number as people type or paste it, with spaces, hyphens of any kind and invisible
// characters anywhere. The error is a *FormError with a different sentence for each cause: empty, another character,
// wrong length, ten equal digits (whose check digit would be valid), wrong check digit.
func ParseNumber(s string) (Number, error) {
	digits := make([]byte, 0, numberDigits)
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, byte(r))
		case betweenDigits(r):
		default:
			return "", numberError("An NHS number has only digits; this has “%s”.", text.Clean(string(r), 1))
		}
	}

	switch {
	case len(digits) == 0:
		return "", numberError("Type an NHS number: 10 digits.")
	case len(digits) == 1:
		return "", numberError("An NHS number has 10 digits; this has only 1.")
	case len(digits) != numberDigits:
		return "", numberError("An NHS number has 10 digits; this has %d.", len(digits))
	case strings.Count(string(digits), string(digits[:1])) == numberDigits:
		return "", numberError("This is not an NHS number: all its digits are the same.")
	}

	if check, ok := CheckDigit(string(digits[:9])); !ok || check != digits[9] {
		return "", numberError("This is not a valid NHS number: one or more of its digits are wrong.")
	}

	return Number(digits), nil
}

// LooksLikeNumber reports whether s can only be intended as an NHS number, valid or not. It must contain digits, and
// besides them only what ParseNumber accepts between digits.
func LooksLikeNumber(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case betweenDigits(r):
		default:
			return false
		}
	}
	return digits > 0
}

// betweenDigits reports whether r is ignored between the digits of an NHS number.
func betweenDigits(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || text.Ignorable(r)
}

func numberError(format string, args ...any) error {
	return &FormError{Field: FieldNumber, Sentence: fmt.Sprintf(format, args...)}
}

// CheckDigit returns the tenth digit ('0' to '9') for the first nine, by the modulus 11 rule of the NHS Data
// Dictionary. It returns false if nine isn't nine digits, or if the result is 10, as for one in eleven: such numbers
// are never issued.
func CheckDigit(nine string) (byte, bool) {
	if len(nine) != numberDigits-1 {
		return 0, false
	}
	sum := 0
	for i := range len(nine) {
		if nine[i] < '0' || nine[i] > '9' {
			return 0, false
		}
		sum += int(nine[i]-'0') * (numberDigits - i)
	}
	check := 11 - sum%11
	switch check {
	case 10:
		return 0, false
	case 11:
		check = 0
	}
	return byte('0' + check), true
}

// String returns the number in display format, in groups of 3, 3 and 4 digits: "999 000 0018". For the zero value it
// returns NotKnown.
func (n Number) String() string {
	switch len(n) {
	case 0:
		return NotKnown
	case numberDigits:
		return string(n[:3] + " " + n[3:6] + " " + n[6:])
	}
	return string(n)
}

// Digits returns the number without spaces, as interfaces transfer it: "9990000018".
func (n Number) Digits() string { return string(n) }

// LogValue returns a placeholder, so that a number passed to slog isn't logged.
func (n Number) LogValue() slog.Value { return slog.StringValue("NHS number withheld") }
