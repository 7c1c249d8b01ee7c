package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// ReadSpan parses a duration and checks that it is between two limits.
func ReadSpan(s string, lower, limit time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a time", s)
	case d < lower || d > limit:
		return 0, fmt.Errorf("%s is not between %s and %s", s, Short(lower), Short(limit))
	}
	return d, nil
}

// Short returns a duration without zero parts: "15m", not "15m0s".
func Short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// ReadNumber parses a whole number and checks that it is between two limits.
func ReadNumber(s string, lower, limit int) (int, error) {
	n, err := strconv.Atoi(s)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a whole number", s)
	case n < lower || n > limit:
		return 0, fmt.Errorf("%d is not between %d and %d", n, lower, limit)
	}
	return n, nil
}

// ReadSwitch parses true or false.
func ReadSwitch(s string) (bool, error) {
	if s != "true" && s != "false" {
		return false, fmt.Errorf("%q is neither true nor false", s)
	}
	return s == "true", nil
}

// ReadOne checks that s is one of several words.
func ReadOne(s string, words ...string) (string, error) {
	for _, w := range words {
		if s == w {
			return s, nil
		}
	}
	return "", fmt.Errorf("%q is none of %s", s, strings.Join(words, ", "))
}

// OneLine returns an error if s is longer than 1024 bytes or contains unprintable characters.
func OneLine(s string) error {
	if len(s) > 1024 || strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 {
		return errors.New("this is not one line of plain text")
	}
	return nil
}
