package people

import (
	"testing"

	"wardlight/internal/nhs"
)

func TestAMillionNumbersGoPastTheFirstBlockWithoutRepeating(t *testing.T) {
	seen := make(map[nhs.Number]struct{}, 1_000_000)
	for n := range numbers() {
		if len(seen) == 1_000_000 {
			break
		}
		if _, twice := seen[n]; twice {
			t.Fatalf("%s comes twice", n.Digits())
		}
		seen[n] = struct{}{}
	}
}
