package client

import (
	"net/url"

	"wardlight/internal/nhs"
)

// Query is a search by demographics (PDS FHIR R4 API, GET /Patient). Names and postcode may have the wildcard * after
// two letters.
type Query struct {
	Family   string
	Given    string     // optional
	Born     nhs.Date   // complete
	BornTo   nhs.Date   // complete, if Born is the first day of a range; zero for a single day
	Died     nhs.Date   // complete, or zero for both the living and the dead
	DiedTo   nhs.Date   // complete, if Died is the first day of a range; zero for a single day
	Gender   nhs.Gender // empty for any; the NHS advises against searching on it
	Postcode string     // optional; excludes restricted patients
	Wider    bool       // includes names that sound alike or are swapped, and former names (_fuzzy-match)
}

// Lack is the reason why the hub would reject a search.
type Lack int

// Reasons. The zero Lack is LacksNothing.
const (
	LacksNothing   Lack = iota
	LacksFamily         // a family name
	LacksBorn           // a complete birth date
	LacksOrder          // the range of birth dates ends before it begins
	HasWildcard         // a wider search allows no wildcard
	LacksMore           // a wider search needs both names, or one with gender and postcode
	LacksDied           // a complete date of death
	LacksDiedOrder      // the range of dates of death ends before it begins
	LacksDiedLater      // the date of death is before the birth date
)

// Sentence returns the reason in words, or "" for LacksNothing.
func (l Lack) Sentence() string {
	switch l {
	case LacksFamily:
		return "a search needs a family name"
	case LacksBorn:
		return "a search needs a complete birth date"
	case LacksOrder:
		return "the range of birth dates ends before it begins"
	case HasWildcard:
		return "a wider search takes no *"
	case LacksMore:
		return "a wider search needs family name and given name, or one of them with gender and postcode"
	case LacksDied:
		return "a date of death to search by is a complete one"
	case LacksDiedOrder:
		return "the range of dates of death ends before it begins"
	case LacksDiedLater:
		return "the date of death is before the birth date"
	default:
		return ""
	}
}

// Lacks returns what the query lacks of the minimum for a search (PDS FHIR R4 API).
func (q Query) Lacks() Lack {
	switch {
	case !q.Born.Complete() || !q.BornTo.IsZero() && !q.BornTo.Complete():
		return LacksBorn
	case q.BornTo.Complete() && q.BornTo.Before(q.Born):
		return LacksOrder
	}

	if lack := q.lacksOfDeath(); lack != LacksNothing {
		return lack
	}

	switch {
	case !q.Wider && q.Family == "":
		return LacksFamily
	case !q.Wider:
		return LacksNothing
	case nhs.HasWildcard(q.Family) || nhs.HasWildcard(q.Given) || nhs.HasWildcard(q.Postcode):
		return HasWildcard
	case q.Family != "" && q.Given != "", q.Family+q.Given != "" && q.Gender != "" && q.Postcode != "":
		return LacksNothing
	default:
		return LacksMore
	}
}

// lacksOfDeath returns what Lacks reports about the date of death. The birth date must be complete.
func (q Query) lacksOfDeath() Lack {
	last := q.Died
	if !q.DiedTo.IsZero() {
		last = q.DiedTo
	}
	switch {
	case last.IsZero():
		return LacksNothing
	case !q.Died.Complete() || !last.Complete():
		return LacksDied
	case last.Before(q.Died):
		return LacksDiedOrder
	case last.Before(q.Born):
		return LacksDiedLater
	default:
		return LacksNothing
	}
}

// values returns the query parameters of the call.
func (q Query) values() url.Values {
	v := url.Values{"birthdate": spanOf(q.Born, q.BornTo)}
	if !q.Died.IsZero() {
		v["death-date"] = spanOf(q.Died, q.DiedTo)
	}
	for name, value := range map[string]string{
		"family": q.Family, "given": q.Given, "gender": string(q.Gender), "address-postalcode": q.Postcode,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Wider {
		v.Set("_fuzzy-match", "true")
	}
	return v
}

// spanOf returns a day, or the two ends of a range, as values of a parameter.
func spanOf(from, to nhs.Date) []string {
	if to.IsZero() || to == from {
		return []string{"eq" + from.FHIR()}
	}
	return []string{"ge" + from.FHIR(), "le" + to.FHIR()}
}
