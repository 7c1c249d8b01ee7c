package upload

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// leastBeginning is how many letters of a given name must agree where only its beginning was sent, or is on record.
const leastBeginning = 3

// demographics is what a row is held against.
type demographics struct {
	names []fhir.HumanName
	born  nhs.Date
	codes []string // of the NHS number's verification
}

// verificationURL is the extension that says how well a number is established; the code that says "Number present and verified".
const (
	verificationURL = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
	verifiedCode    = "01"
)

// demographicsOf reads a record.
func demographicsOf(p store.Patient) (demographics, error) {
	var document struct {
		BirthDate  string           `json:"birthDate"`
		Name       []fhir.HumanName `json:"name"`
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
	d := demographics{names: document.Name}
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

// verified reports whether the number is established. A record that says nothing of it is taken at its word: PDS gives out
// numbers of ten digits as verified.
func (d demographics) verified() bool {
	for _, c := range d.codes {
		if c != verifiedCode {
			return false
		}
	}
	return true
}

// fits is the match rule: the birth date, the family name folded but otherwise to the letter, and the given name by a cascade.
// Names no longer in use count. Sending a child's number with a twin's name must not fit, so the given name is never left out.
func (d demographics) fits(c change) bool {
	if !d.born.Fits(c.born) { // a partial date on record fits every day in it
		return false
	}
	family := trace.Fold(c.family)
	for _, n := range d.names {
		if trace.Fold(n.Family) == family && givenFits(n.Given, c.given) {
			return true
		}
	}
	return false
}

// givenFits is the cascade on given names: all of them are the same; the first one sent is one of those on record; one is the
// beginning of the other; what was sent is an initial. A record without a given name has none to hold against.
func givenFits(onRecord []string, sent string) bool {
	var known []string
	for _, g := range onRecord {
		for part := range strings.FieldsSeq(g) {
			known = append(known, trace.Fold(part))
		}
	}
	whole, knownWhole := trace.Fold(sent), strings.Join(known, "")
	first := whole
	if parts := strings.Fields(sent); len(parts) > 0 {
		first = trace.Fold(parts[0])
	}
	switch {
	case knownWhole == "" || whole == knownWhole:
		return true
	case first == "":
		return false
	case utf8.RuneCountInString(whole) == 1:
		return strings.HasPrefix(knownWhole, whole)
	}
	for _, k := range append(known, knownWhole) {
		if k == first || beginning(k, first) || beginning(first, k) || beginning(k, whole) || beginning(whole, k) {
			return true
		}
	}
	return false
}

// beginning reports whether short is how long begins, as in Sam and Samuel.
func beginning(long, short string) bool {
	return utf8.RuneCountInString(short) >= leastBeginning && strings.HasPrefix(long, short)
}
