package people

import (
	"math/rand/v2"
	"strings"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// otherNames generates additional names: a maiden name for one woman in four, a former name for one child in thirty, a
// nickname for a few.
func otherNames(r *rand.Rand, d details, child bool, today nhs.Date) []fhir.HumanName {
	var all []fhir.HumanName
	born := d.born.FHIR()
	switch {
	case !child && d.gender == nhs.Female && r.IntN(4) == 0:
		all = append(all, fhir.HumanName{
			ID: "n2", Use: "maiden", Family: familyName(r), Given: d.given,
			Period: &fhir.Period{Start: born, End: d.born.AddDays(18*366 + r.IntN(10*365)).FHIR()},
		})
	case child && r.IntN(30) == 0:
		if lived := d.born.DaysUntil(today); lived > 60 {
			all = append(all, fhir.HumanName{
				ID: "n2", Use: "old", Family: familyName(r), Given: d.given,
				Period: &fhir.Period{Start: born, End: d.born.AddDays(30 + r.IntN(lived-30)).FHIR()},
			})
		}
	}

	if short, ok := nicknames[d.given[0]]; ok && r.IntN(8) == 0 {
		all = append(all, fhir.HumanName{
			ID: "n3", Use: "nickname", Family: d.family, Given: []string{short},
			Period: &fhir.Period{Start: born},
		})
	}

	return all
}

// related generates a mother and, for half of the children, a father.
func related(r *rand.Rand, n nhs.Number, d details) []fhir.RelatedPerson {
	all := []fhir.RelatedPerson{relative(n, d, "R1", "MTH", "mother", "Ms", skewed(r, girls))}
	if r.IntN(2) == 0 {
		all = append(all, relative(n, d, "R2", "FTH", "father", "Mr", skewed(r, boys)))
	}
	return all
}

func relative(n nhs.Number, d details, id, code, display, title, given string) fhir.RelatedPerson {
	active := true
	period := &fhir.Period{Start: d.born.FHIR()}
	p := fhir.RelatedPerson{
		ResourceType: "RelatedPerson", ID: id, Active: &active, Period: period,
		Patient: *fhir.NHSNumberReference(n.Digits()),
		Relationship: []fhir.CodeableConcept{{Coding: []fhir.Coding{{
			System: fhir.SystemRelationship, Code: code,
			Display: display,
		}}}},
		Name: []fhir.HumanName{{
			Use: "usual", Period: period, Family: d.family, Given: []string{given},
			Prefix: []string{title},
		}},
		Address: []fhir.Address{{
			Use: "home", Period: period, Line: []string{"", d.street, "", d.town, ""},
			PostalCode: strings.ToUpper(d.postcode),
		}},
	}

	if d.phone != "" {
		p.Telecom = []fhir.ContactPoint{{System: "phone", Use: "home", Value: d.phone, Period: period}}
	}

	return p
}
