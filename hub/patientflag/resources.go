package patientflag

import (
	"time"

	"wardlight/internal/fhir"
)

// active is the status of a flag, an adjustment and an impairment.
const active = "active"

// Resource is a resource of an answer, with its URL in the Bundle.
type Resource struct {
	URL      string
	Resource any
}

// Resources returns a flag as in the Patient Flags guide (NHS England): the Flag, and with details the resources to
// which it refers, at URLs of newID. Notes and findings are in the Flag itself. The subject is the requested number,
// in ten digits.
func Resources(f *Flag, subject string, details bool, newID func() string) (flag *fhir.Flag, included []Resource) {
	flag = &fhir.Flag{
		ResourceType: "Flag", Status: active, Subject: *fhir.NHSNumberReference(subject),
		Code: fhir.CodeableConcept{Coding: []fhir.Coding{Category(f.Kind)}},
	}
	if !f.Recorded.IsZero() {
		flag.Period = &fhir.Period{Start: f.Recorded.UTC().Format(time.RFC3339)}
	}
	if !details {
		return flag, nil
	}

	for _, d := range f.Details {
		if d.Type == Note || d.Type == Finding {
			if d.Code != (fhir.Coding{}) {
				flag.Code.Coding = append(flag.Code.Coding, d.Code)
			}
			if d.Note != "" {
				flag.Extension = append(flag.Extension, note(d.Note))
			}
			continue
		}
		url := "urn:uuid:" + newID()
		flag.Extension = append(flag.Extension, fhir.Extension{
			URL: fhir.ExtensionFlagDetail, ValueReference: &fhir.Reference{Reference: url},
		})
		included = append(included, Resource{url, detail(f.Kind, d, subject)})
	}

	return flag, included
}

// Category returns the kind as a code of England-FlagCategoryPatient.
func Category(k Kind) fhir.Coding {
	return fhir.Coding{System: fhir.SystemFlagCategory, Code: string(k), Display: k.Display()}
}

func note(text string) fhir.Extension {
	return fhir.Extension{URL: fhir.ExtensionFlagNotes, ValueAnnotation: &fhir.Annotation{Text: text}}
}

// detail returns an impairment as a Condition, and an adjustment as a Flag.
func detail(kind Kind, d Detail, subject string) any {
	category := []fhir.CodeableConcept{concept(Category(kind))}
	if d.Category != (fhir.Coding{}) {
		category = append(category, concept(d.Category))
	}

	if d.Type == Impairment {
		status, code := concept(fhir.Coding{System: fhir.SystemClinicalStatus, Code: active}), concept(d.Code)
		c := &fhir.Condition{
			ResourceType: "Condition", ClinicalStatus: &status, Category: category, Code: &code,
			Subject: *fhir.NHSNumberReference(subject),
		}
		if d.Note != "" {
			c.Note = []fhir.Annotation{{Text: d.Note}}
		}
		return c
	}

	f := &fhir.Flag{
		ResourceType: "Flag", Status: active, Category: category, Code: concept(d.Code),
		Subject: *fhir.NHSNumberReference(subject),
	}
	if d.Note != "" {
		f.Extension = []fhir.Extension{note(d.Note)}
	}
	return f
}

// concept returns a concept with the coding. FHIR requires a code of a Flag, so one without it has a text.
func concept(c fhir.Coding) fhir.CodeableConcept {
	if c == (fhir.Coding{}) {
		return fhir.CodeableConcept{Text: "Not named"}
	}
	return fhir.CodeableConcept{Coding: []fhir.Coding{c}}
}
