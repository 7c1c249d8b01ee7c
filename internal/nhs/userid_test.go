package nhs_test

import (
	"testing"

	"wardlight/internal/nhs"
)

func TestIsUserID(t *testing.T) {
	for s, want := range map[string]bool{
		"999000000111": true, "99900000011": false, "9990000001112": false, "": false, "Ada Sample": false,
		"+99000000111": false, "９９９0": false,
		"999 00000111": false,
	} {
		if got := nhs.IsUserID(s); got != want {
			t.Errorf("IsUserID(%q) = %v, want %v", s, got, want)
		}
	}
}
