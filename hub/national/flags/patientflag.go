package flags

import (
	"cmp"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"wardlight/hub/patientflag"
	"wardlight/internal/fhir"
)

// extensionNotes is the URL of the extension of a Flag with a text (Extension-FlagNotes).
const extensionNotes = "https://fhir.nhs.uk/England/StructureDefinition/Extension-FlagNotes"

// maxDetails is the maximum number of details of one flag. Further ones are counted in a note.
const maxDetails = 30

// condition is an impairment (profile England-Condition-Flag).
type condition struct {
	Code fhir.CodeableConcept `json:"code"`
}

// provenance is who recorded a Flag (profile England-Provenance-Flag).
type provenance struct {
	head
	Recorded string `json:"recorded"`
	Agent    []struct {
		OnBehalfOf *fhir.Reference `json:"onBehalfOf"`
	} `json:"agent"`
}

// patientFlag returns the flags of a kind as one flag with the details that the answer has.
func (a *answer) patientFlag(k patientflag.Kind, found []flag) *patientflag.Flag {
	all := &patientflag.Flag{Number: a.number, Kind: k, Active: true}
	missing := false
	for _, f := range found {
		if at, by := f.recorded(); all.Recorded.IsZero() || at.After(all.Recorded) {
			all.Recorded, all.By = at, by
		}

		for _, c := range codings(f.Code) {
			if categoryIn([]fhir.Coding{c}) == "" {
				all.Details = append(all.Details, patientflag.Detail{Type: patientflag.Finding, Code: cleaned(c)})
			}
		}
		for _, note := range f.notes() {
			all.Details = append(all.Details, patientflag.Detail{Type: patientflag.Note, Note: note})
		}
		for _, ref := range f.details() {
			detail, ok := a.detail(f, ref)
			if !ok {
				missing = missing || !refersTo(ref, "Consent")
				continue
			}
			all.Details = append(all.Details, detail)
		}
	}

	if len(all.Details) > maxDetails {
		all.Details, missing = all.Details[:maxDetails], true
	}
	if missing {
		all.Details = append(all.Details, patientflag.Detail{
			Type: patientflag.Note, Note: "Patient Flags has more details that are not shown here.",
		})
	}
	return all
}

// detail returns the adjustment or the impairment to which a flag refers, or false if the answer doesn't have it.
func (a *answer) detail(f flag, ref fhir.Reference) (patientflag.Detail, bool) {
	if raw := a.resources.find("Condition", ref.Reference, f.Contained); raw != nil {
		var c condition
		if json.Unmarshal(raw, &c) != nil {
			return patientflag.Detail{}, false
		}
		return patientflag.Detail{Type: patientflag.Impairment, Code: named(c.Code)}, true
	}

	raw := a.resources.find("Flag", ref.Reference, f.Contained)
	var adjustment flag
	if raw == nil || json.Unmarshal(raw, &adjustment) != nil {
		return patientflag.Detail{}, false
	}
	d := patientflag.Detail{Type: patientflag.Adjustment, Code: named(adjustment.Code)}
	for _, c := range codings(adjustment.Category...) {
		if categoryIn([]fhir.Coding{c}) == "" {
			d.Category = cleaned(c)
		}
	}
	d.Note = strings.Join(adjustment.notes(), " ")
	return d, true
}

// notes returns the texts of the flag.
func (f flag) notes() []string {
	var all []string
	for _, x := range f.Extension {
		if x.URL == extensionNotes && x.ValueAnnotation != nil {
			if note := line(x.ValueAnnotation.Text); note != "" {
				all = append(all, note)
			}
		}
	}
	return all
}

// named returns the first coding of a concept, with the concept's text if the coding has no display.
func named(c fhir.CodeableConcept) fhir.Coding {
	first := fhir.Coding{}
	if len(c.Coding) > 0 {
		first = c.Coding[0]
	}
	first.Display = cmp.Or(first.Display, c.Text)
	return cleaned(first)
}

// cleaned returns a coding whose texts are safe to show.
func cleaned(c fhir.Coding) fhir.Coding {
	return fhir.Coding{System: line(c.System), Code: line(c.Code), Display: line(c.Display)}
}

// odsCode matches an ODS code.
var odsCode = regexp.MustCompile(`^[0-9A-Za-z]{1,10}$`)

// recorded returns when a Flag was recorded and the ODS code or the name of the organisation, as far as its contained
// Provenance says so. A malformed Provenance is ignored: the flag is active all the same.
func (f flag) recorded() (at time.Time, by string) {
	for _, raw := range f.Contained {
		var p provenance
		if json.Unmarshal(raw, &p) != nil || p.Type != "Provenance" {
			continue
		}
		if when, err := time.Parse(time.RFC3339, p.Recorded); err == nil {
			at = when
		}
		for _, agent := range p.Agent {
			org := agent.OnBehalfOf
			if org == nil {
				continue
			}
			if code := lastPart(org.Reference); odsCode.MatchString(code) {
				by = strings.ToUpper(code)
			}
			by = cmp.Or(by, line(org.Display))
		}
	}
	return at, by
}
