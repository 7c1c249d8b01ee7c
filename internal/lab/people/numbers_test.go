package people

import (
	"strings"
	"testing"

	"wardlight/internal/nhs"
)

// A stride without a common divisor visits every place of a block once, in whatever order.
func TestEveryNumberOfABlockComesUpOnce(t *testing.T) {
	gcd := func(a, b int) int {
		for b != 0 {
			a, b = b, a%b
		}
		return a
	}
	if d := gcd(stride, blockSize); d != 1 {
		t.Errorf("stride and block have the divisor %d", d)
	}
}

func TestWhenABlockIsUsedUpTheNextOneFollows(t *testing.T) {
	for candidate, prefix := range map[int]string{0: "999", blockSize - 1: "999", blockSize: "998", 2 * blockSize: "997"} {
		if got := nine(candidate); !strings.HasPrefix(got, prefix) || len(got) != 9 {
			t.Errorf("candidate %d is %s", candidate, got)
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
			t.Fatalf("%s: %v", n.Digits(), err)
		}
		seen[n] = true
	}
}

func TestTenEqualDigitsAreNobodysNumber(t *testing.T) {
	if n, ok := number("999999999"); ok {
		t.Errorf("%s is given out", n.Digits())
	}
}
