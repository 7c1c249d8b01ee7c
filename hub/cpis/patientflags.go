package cpis

import (
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// PatientFlag returns the Flag of a patient with plans as in the Patient Flags guide (NHS England), which refers to the
// plans by their URLs.
func PatientFlag(number nhs.Number, plans ...string) *fhir.Flag {
	f := Lamp(number)
	f.Code.Coding[0].Display = "Child Protection Information System Flag"
	for _, url := range plans {
		f.Extension = append(f.Extension, fhir.Extension{
			URL: fhir.ExtensionFlagDetail, ValueReference: &fhir.Reference{Reference: url},
		})
	}
	return f
}

// CarePlan returns a plan as in the Patient Flags guide. team is the URL of its CareTeam.
func CarePlan(p store.PlanWithAuthority, number nhs.Number, today nhs.Date, team string) *fhir.CarePlan {
	c := &fhir.CarePlan{
		ResourceType: "CarePlan", ID: p.ID, Status: "active", Intent: "plan",
		Category: []fhir.CodeableConcept{{Coding: []fhir.Coding{kinds[p.Kind]}}},
		Subject:  *fhir.NHSNumberReference(number.Digits()),
		Period:   &fhir.Period{Start: p.Start.FHIR(), End: p.End.FHIR()},
		CareTeam: []fhir.Reference{{Reference: team}},
	}
	if !p.End.IsZero() && p.End.Before(today) {
		c.Status = "completed"
	}
	return c
}

// FlagTeam returns the authority of a plan as a CareTeam of the Patient Flags guide.
func FlagTeam(p store.PlanWithAuthority, number nhs.Number) *fhir.CareTeam {
	t := CareTeam(p, number, nhs.Date{})
	t.Status, t.Category, t.Subject, t.Period = "active", nil, nil, nil
	return t
}
