package people

import (
	"strings"
	"testing"

	"wardlight/internal/nhs"
)

// If stride and block size are coprime, every number of a block occurs exactly once.
func TestEveryNumberOfABlockComesUpOnce(t *testing.T) {
	gcd := func(a, b int) int {
		for b != 0 {
			a, b = b, a%b
		}
		return a
	}
	if d := gcd(stride, blockSize); d != 1 {
		t.Errorf("gcd(stride, blockSize) = %d, want 1", d)
	}
}

func TestWhenABlockIsUsedUpTheNextOneFollows(t *testing.T) {
	for candidate, prefix := range map[int]string{
		0: "999", blockSize - 1: "999", blockSize: "998",
		2 * blockSize: "997",
	} {
		if got := nine(candidate); !strings.HasPrefix(got, prefix) || len(got) != 9 {
			t.Errorf("nine(%d) = %s, want 9 digits beginning with %s", candidate, got, prefix)
		}
	}
}

func TestTheFirstNumbersAreValidAndDistinct(t *testing.T) {
	seen := make(map[nhs.Number]bool)
	for n := range Numbers() {
		if len(seen) == 20_000 {
			return
		}
		if _, err := nhs.ParseNumber(n.Digits()); err != nil || seen[n] {
			t.Fatalf("Numbers returned %s: error %v, seen before %v, want valid and distinct", n.Digits(), err, seen[n])
		}
		seen[n] = true
	}
}

func TestTenEqualDigitsAreNobodysNumber(t *testing.T) {
	if n, ok := number("999999999"); ok {
		t.Errorf("number(%q) = %s, want false", "999999999", n.Digits())
	}
}
