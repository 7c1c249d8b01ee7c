package corrupt_test

import (
	"math/rand/v2"
	"testing"

	"wardlight/internal/bench/corrupt"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

func TestEachKindOfMistakeIsMade(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	made := make(map[string]int)
	for p := range people.Seeded(people.Options{Seed: 1, Count: 3000, Today: nhs.Date{Year: 2026, Month: 7, Day: 15}}) {
		for _, k := range corrupt.Kinds() {
			typed, ok := k.Type(r, &p.Patient)
			if !ok {
				continue
			}
			made[k.Name]++
			if _, err := nhs.ParseDate(typed.Born.FHIR()); err != nil || typed.Family == "" || typed.Given == "" {
				t.Fatalf("%s: typed = %+v, want names and a valid date", k.Name, typed)
			}
			n := p.Patient.Name[0]
			same := typed.Family == n.Family && typed.Given == n.Given[0] && typed.Born.FHIR() == p.Patient.BirthDate
			if same != (k.Name == "nothing wrong") {
				t.Fatalf("%s: typed = %+v for %+v, want a difference only for “nothing wrong”", k.Name, typed, n)
			}
		}
	}

	for _, k := range corrupt.Kinds() {
		if made[k.Name] < 20 {
			t.Errorf("%s: applied %d times among 3000, want at least 20", k.Name, made[k.Name])
		}
	}
}

func TestHeavily_CorruptsEachFieldByItself(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	names := corrupt.Names{Family: []string{"Other"}, Given: []string{"Another"}}
	was := corrupt.Typed{
		Family: "Example", Given: "Tess", Gender: "female", Postcode: "LS1 4AP",
		Born: nhs.Date{Year: 2016, Month: 3, Day: 4},
	}

	const all = 10_000
	counts := make(map[string]int)
	for range all {
		typed := was
		corrupt.Heavily(r, &typed, names)
		if typed.Gender != was.Gender {
			t.Fatalf("gender = %q, want %q", typed.Gender, was.Gender)
		}

		for what, holds := range map[string]bool{
			"nothing wrong": typed == was, "family replaced": typed.Family == "Other",
			"given replaced": typed.Given == "Another", "no family": typed.Family == "",
			"no given": typed.Given == "", "changed over": typed.Family == "Tess", "no birth date": typed.Born.IsZero(),
			"birth date": typed.Born != was.Born, "postcode": typed.Postcode != was.Postcode,
		} {
			if holds {
				counts[what]++
			}
		}
	}

	for what, want := range map[string][2]int{ // in per cent
		"nothing wrong": {30, 50}, "family replaced": {3, 6}, "given replaced": {5, 9}, "no family": {1, 4},
		"no given": {1, 5}, "changed over": {3, 8},
		"no birth date": {3, 8}, "birth date": {8, 14}, "postcode": {14, 22},
	} {
		if got := counts[what] * 100 / all; got < want[0] || got > want[1] {
			t.Errorf("%s: got %d %%, want %d to %d %%", what, got, want[0], want[1])
		}
	}
}
