package nhs

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"wardlight/internal/text"
)

// Number is an NHS number: ten digits whose last is the check digit, as ParseNumber gives it. The zero value stands for
// a patient without a known number.
type Number string

// numberDigits is the length of an NHS number.
const numberDigits = 10

// ParseNumber reads an NHS number as people type or paste it, with spaces, hyphens of any kind and characters that
// print nothing anywhere. It refuses with a *FormError, and a sentence of its own for each cause: nothing typed,
// another character, wrong length, ten equal digits (the arithmetic passes them all), wrong check digit.
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

// LooksLikeNumber reports whether s can only be meant as an NHS number, right or wrong: it has digits, and besides them
// nothing but what ParseNumber accepts between them.
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

// betweenDigits reports whether r may stand between the digits of an NHS number and counts for nothing there.
func betweenDigits(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || text.Ignorable(r)
}

func numberError(format string, args ...any) error {
	return &FormError{Field: FieldNumber, Sentence: fmt.Sprintf(format, args...)}
}

// CheckDigit works out the tenth digit ('0' to '9') for the first nine, by the modulus 11 rule of the NHS Data
// Dictionary. It reports false when nine isn't nine digits, and for the one nine in eleven that has no check digit:
// those numbers are never issued.
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

// String returns the number as it is shown, in groups of 3, 3 and 4: "999 000 0018". The zero value is NotKnown.
func (n Number) String() string {
	switch len(n) {
	case 0:
		return NotKnown
	case numberDigits:
		return string(n[:3] + " " + n[3:6] + " " + n[6:])
	}
	return string(n)
}

// Digits returns the number as interfaces carry it: "9990000018".
func (n Number) Digits() string { return string(n) }

// LogValue keeps the number out of logs, whoever passes it to slog.
func (n Number) LogValue() slog.Value { return slog.StringValue("NHS number withheld") }
