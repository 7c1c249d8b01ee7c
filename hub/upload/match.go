package upload

import (
	"encoding/json"
	"fmt"
	"slices"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// demographics are the values of a record with which a row is compared.
type demographics struct {
	names      []fhir.HumanName
	born       nhs.Date
	codes      []string // verification status codes of the NHS number
	postcodes  []string // folded; includes former ones
	restricted bool
}

// verificationURL is the extension for the verification status of an NHS number. verifiedCode means "Number present
// and verified".
const (
	verificationURL = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
	verifiedCode    = "01"
)

// demographicsOf decodes a record.
func demographicsOf(p store.Patient) (demographics, error) {
	var document struct {
		BirthDate  string           `json:"birthDate"`
		Name       []fhir.HumanName `json:"name"`
		Address    []fhir.Address   `json:"address"`
		Identifier []struct {
			System    string `json:"system"`
			Extension []struct {
				URL   string `json:"url"`
				Value struct {
					Coding []fhir.Coding `json:"coding"`
				} `json:"valueCodeableConcept"`
			} `json:"extension"`
		} `json:"identifier"`
	}

	if err := json.Unmarshal(p.Body, &document); err != nil {
		return demographics{}, fmt.Errorf("a record cannot be parsed: %w", err)
	}

	d := demographics{names: document.Name, restricted: p.Confidential}
	for _, a := range document.Address {
		if postcode := trace.Fold(a.PostalCode); postcode != "" {
			d.postcodes = append(d.postcodes, postcode)
		}
	}

	if document.BirthDate != "" {
		born, err := nhs.ParseDate(document.BirthDate)
		if err != nil {
			return d, fmt.Errorf("a record cannot be parsed: %w", err)
		}
		d.born = born
	}

	for _, i := range document.Identifier {
		for _, x := range i.Extension {
			if i.System != fhir.SystemNHSNumber || x.URL != verificationURL {
				continue
			}
			for _, c := range x.Value.Coding {
				d.codes = append(d.codes, c.Code)
			}
		}
	}

	return d, nil
}

// verified reports whether the NHS number is verified. A record without a status counts as verified: PDS returns
// numbers of ten digits as verified.
func (d demographics) verified() bool {
	for _, c := range d.codes {
		if c != verifiedCode {
			return false
		}
	}
	return true
}

// fit applies the match rule: the birth date must be equal, the family name equal after folding, and the given names
// must agree (givenFit). Former names and nicknames are compared too, but lead to a partFit at most: a name that was
// put on the wrong twin's record by mistake stays there as a former name.
func (d demographics) fit(c change, today nhs.Date, shortForm func(a, b string) bool) fit {
	best := noFit
	if !d.born.Fits(c.born, c.born) { // a partial date on record matches every day in it
		return best
	}
	family := trace.Fold(c.family)
	for _, n := range d.names {
		if trace.Fold(n.Family) != family {
			continue
		}
		got := givenFit(n.Given, c.given, shortForm)
		if got == wholeFit && !inUse(n, today) {
			got = partFit
		}
		best = max(best, got)
	}
	return best
}

// inUse reports whether a name is in use today: neither a former name nor a nickname.
func inUse(n fhir.HumanName, today nhs.Date) bool {
	switch n.Use {
	case "", "usual", "official":
	default:
		return false
	}
	if n.Period == nil || n.Period.End == "" {
		return true
	}
	end, err := nhs.ParseDate(n.Period.End)
	return err == nil && !end.Before(today)
}

// apart reports whether two records belong to different households: both have postcodes, former ones included, and
// none in common. It returns false if a record is restricted, because the answer would disclose something about the
// address.
func (d demographics) apart(o demographics) bool {
	return !d.restricted && !o.restricted && len(d.postcodes) > 0 && len(o.postcodes) > 0 &&
		!slices.ContainsFunc(d.postcodes, func(p string) bool { return slices.Contains(o.postcodes, p) })
}
