package linkset

import (
	"fmt"
	"math/rand/v2"

	"wardlight/internal/bench/corrupt"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// Synthetic generates a set like FEBRL's fourth: n people, and a heavily corrupted copy of each. As in FEBRL, births
// are distributed over the twentieth century. The same seed generates the same set.
func Synthetic(seed uint64, n int) Set {
	r := rand.New(rand.NewPCG(seed, 0xfeb7))
	var names corrupt.Names
	originals, copies := make([]Row, 0, n), make([]Row, 0, n)
	for p := range people.Seeded(people.Options{Seed: seed ^ 0xfeb7, Count: n, Today: nhs.Date{
		Year: 2000, Month: 1,
		Day: 1,
	}}) {
		o := Row{
			Link: fmt.Sprintf("rec-%d", len(originals)), Family: p.Patient.Name[0].Family,
			Given:    p.Patient.Name[0].Given[0],
			Postcode: p.Patient.Address[0].PostalCode,
			Born:     corrupt.Birth(r),
		}
		originals = append(originals, o)
		names.Family, names.Given = append(names.Family, o.Family), append(names.Given, o.Given)
	}

	for _, o := range originals {
		t := corrupt.Typed{Family: o.Family, Given: o.Given, Postcode: o.Postcode, Born: o.Born}
		corrupt.Heavily(r, &t, names)
		copies = append(copies, Row{
			Link: o.Link, Copy: true, Family: t.Family, Given: t.Given, Postcode: t.Postcode,
			Born: t.Born,
		})
	}

	return Join(originals, copies)
}
