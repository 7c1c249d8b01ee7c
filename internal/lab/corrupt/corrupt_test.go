package corrupt_test

import (
	"math/rand/v2"
	"testing"

	"wardlight/internal/lab/corrupt"
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
				t.Fatalf("%s: %+v", k.Name, typed)
			}
			n := p.Patient.Name[0]
			same := typed.Family == n.Family && typed.Given == n.Given[0] && typed.Born.FHIR() == p.Patient.BirthDate
			if same != (k.Name == "nothing wrong") {
				t.Fatalf("%s: %+v of %+v", k.Name, typed, n)
			}
		}
	}
	for _, k := range corrupt.Kinds() {
		if made[k.Name] < 20 {
			t.Errorf("%s: made %d times of 3000", k.Name, made[k.Name])
		}
	}
}
