package client

import (
	"net/url"

	"wardlight/internal/nhs"
)

// Query is a search by demographics (PDS FHIR R4 API, GET /Patient). Names and postcode may have a * after two letters.
type Query struct {
	Family   string
	Given    string     // may be empty
	Born     nhs.Date   // complete
	BornTo   nhs.Date   // complete, and Born is the first day of a range; zero is Born alone
	Gender   nhs.Gender // may be empty; the NHS advises against searching on it
	Postcode string     // may be empty; hides restricted patients
	Wider    bool       // also names that sound alike or were swapped, and earlier ones (_fuzzy-match)
}

// Lack is why the hub would refuse a search.
type Lack int

// What a search can lack. The zero Lack is nothing.
const (
	LacksNothing Lack = iota
	LacksFamily       // a family name
	LacksBorn         // a complete birth date
	LacksOrder        // the range of birth dates ends before it begins
	LacksWhole        // a wider search takes no wildcard
	LacksMore         // a wider search needs both names, or one with gender and postcode
)

// Sentence returns what is lacking in words; "" for nothing.
func (l Lack) Sentence() string {
	switch l {
	case LacksFamily:
		return "a search needs a family name"
	case LacksBorn:
		return "a search needs a complete birth date"
	case LacksOrder:
		return "the range of birth dates ends before it begins"
	case LacksWhole:
		return "a wider search takes no *"
	case LacksMore:
		return "a wider search needs family name and given name, or one of them with gender and postcode"
	default:
		return ""
	}
}

// Lacks returns what the query lacks (PDS FHIR R4 API, the least that a search needs).
func (q Query) Lacks() Lack {
	switch {
	case !q.Born.Complete() || !q.BornTo.IsZero() && !q.BornTo.Complete():
		return LacksBorn
	case q.BornTo.Complete() && q.BornTo.Before(q.Born):
		return LacksOrder
	case !q.Wider && q.Family == "":
		return LacksFamily
	case !q.Wider:
		return LacksNothing
	case nhs.Wild(q.Family) || nhs.Wild(q.Given) || nhs.Wild(q.Postcode):
		return LacksWhole
	case q.Family != "" && q.Given != "", q.Family+q.Given != "" && q.Gender != "" && q.Postcode != "":
		return LacksNothing
	default:
		return LacksMore
	}
}

// values returns the query as the parameters of the call.
func (q Query) values() url.Values {
	v := url.Values{"birthdate": {"eq" + q.Born.FHIR()}}
	if !q.BornTo.IsZero() && q.BornTo != q.Born {
		v["birthdate"] = []string{"ge" + q.Born.FHIR(), "le" + q.BornTo.FHIR()}
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
