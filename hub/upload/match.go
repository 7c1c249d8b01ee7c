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

// demographics is what a row is held against.
type demographics struct {
	names      []fhir.HumanName
	born       nhs.Date
	codes      []string // of the NHS number's verification
	postcodes  []string // folded, former ones too
	restricted bool
}

// verificationURL is the extension that says how well a number is established; the code that says "Number present and
// verified".
const (
	verificationURL = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
	verifiedCode    = "01"
)

// demographicsOf reads a record.
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
		return demographics{}, fmt.Errorf("a record does not read: %w", err)
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
			return d, fmt.Errorf("a record does not read: %w", err)
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

// verified reports whether the number is established. A record that says nothing of it is taken at its word: PDS
// gives out numbers of ten digits as verified.
func (d demographics) verified() bool {
	for _, c := range d.codes {
		if c != verifiedCode {
			return false
		}
	}
	return true
}

// fit returns the match rule: the birth date, the family name folded but otherwise to the letter, and the given names
// (givenFit). Names no longer in use count, and so do nicknames, but what is right of those alone is a partFit: a
// name that was put on the wrong twin's record and corrected is still there.
func (d demographics) fit(c change, today nhs.Date, shortForm func(a, b string) bool) fit {
	best := noFit
	if !d.born.Fits(c.born, c.born) { // a partial date on record fits every day in it
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

// inUse reports whether a name is the one that somebody has today: not a former one, and no nickname.
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

// apart reports whether two records are not of one household, as both have an address and none that is the same.
// Former ones count. Of a restricted record no address is compared: the answer would say something of where somebody
// lives.
func (d demographics) apart(o demographics) bool {
	return !d.restricted && !o.restricted && len(d.postcodes) > 0 && len(o.postcodes) > 0 &&
		!slices.ContainsFunc(d.postcodes, func(p string) bool { return slices.Contains(o.postcodes, p) })
}
