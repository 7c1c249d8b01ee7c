package trace

import (
	"math/rand/v2"
	"strings"
	"testing"

	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// someNames returns folded names: names of people, and random letters, among them short and long ones and ones with
// few different letters.
func someNames(r *rand.Rand) []string {
	var names []string
	for p := range people.Seeded(people.Options{Seed: 5, Count: 150, Today: nhs.Date{Year: 2026, Month: 7, Day: 15}}) {
		names = append(names, Fold(p.Patient.Name[0].Family), Fold(p.Patient.Name[0].Given[0]))
	}
	for range 200 {
		var b strings.Builder
		letters := 2 + r.IntN(25)
		for range r.IntN(80) {
			b.WriteByte(byte('a' + r.IntN(letters)))
		}
		names = append(names, b.String())
	}
	for _, start := range openings {
		names = append(names, start.written+start.before, start.written+"an", string(start.spoken)+"an",
			string(start.spoken)+start.before)
	}
	return append(names, "", "a", "b", "ab", "ba", "7", "a7", "李", "李a")
}

// Names in a to z have their own implementation, whose results must be identical to those of the general one.
func TestJaroWinkler_LettersAsAnyOther(t *testing.T) {
	names := someNames(rand.New(rand.NewPCG(1, 2)))
	for _, a := range names {
		for _, b := range names {
			want := 1.0
			if a != b {
				want = winkler([]rune(a), []rune(b))
			}
			if got := JaroWinkler(a, b); got != want {
				t.Fatalf("JaroWinkler(%q, %q) = %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestSoundAlike_OneCode(t *testing.T) {
	names := someNames(rand.New(rand.NewPCG(3, 4)))
	alike := 0
	for _, a := range names {
		for _, b := range names {
			want := Sound(a) == Sound(b)
			if got := soundAlike(a, b); got != want {
				t.Fatalf("soundAlike(%q, %q) = %v, want %v", a, b, got, want)
			}
			if want && a != b {
				alike++
			}
		}
	}
	if alike < 1000 {
		t.Errorf("got %d pairs that sound alike, want at least 1000", alike)
	}
}
