package cpis

import (
	"time"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Code systems of FHIR R4 in the answers.
const (
	systemAuditType = "http://terminology.hl7.org/CodeSystem/audit-event-type"
	systemRoleClass = "http://terminology.hl7.org/CodeSystem/v3-RoleClass"
	roleAssigned    = "ASSIGNED"
)

// IncludeRoles is the only supported _include of the access history (draft CP-IS FHIR R4 guide).
const IncludeRoles = "AuditEvent:entity-type=" + systemRoleClass + "|" + roleAssigned

// kinds are the SNOMED CT codes of plans.
var kinds = map[store.PlanKind]fhir.Coding{
	store.ChildProtection: {System: fhir.SystemSNOMED, Code: fhir.SnomedChildPlan, Display: "Child protection plan"},
	store.LookedAfter:     {System: fhir.SystemSNOMED, Code: fhir.SnomedLookedAfter, Display: "Looked after child"},
	store.UnbornChild: {
		System: fhir.SystemSNOMED, Code: fhir.SnomedUnbornPlan,
		Display: "Unborn child protection plan",
	},
}

// Lamp returns the Flag that means that there is an alert. It has no id, because nothing in it may lead to the plan.
func Lamp(number nhs.Number) *fhir.Flag {
	return &fhir.Flag{
		ResourceType: "Flag",
		Status:       "active",
		Code: fhir.CodeableConcept{Coding: []fhir.Coding{{
			System: fhir.SystemFlagCategory, Code: fhir.CodeCPISFlag,
			Display: "Child Protection - Information Sharing flag",
		}}},
		Subject: *fhir.NHSNumberReference(number.Digits()),
	}
}

// RecordMissing returns the warning in an answer with a plan under a number without a current record. The plan is
// shown, but nobody can check on the record whose it is.
func RecordMissing() *fhir.OperationOutcome {
	return fhir.NewOutcome("warning", "not-found", "RESOURCE_NOT_FOUND", "Resource not found",
		"No current patient record has this NHS number. A plan is on file under it.")
}

// category returns the kind of a plan. A national service may have plans of other kinds, which have only a text.
func category(k store.PlanKind) fhir.CodeableConcept {
	if coding, known := kinds[k]; known {
		return fhir.CodeableConcept{Coding: []fhir.Coding{coding}}
	}
	return fhir.CodeableConcept{Text: "Plan of another kind"}
}

// nameOf returns the code and the name of an authority. A national service may know only its name.
func nameOf(by store.Authority) string {
	if by.Code == "" {
		return by.Name
	}
	return by.Code + " - " + by.Name
}

// CareTeam returns a plan as in the draft CP-IS guide. The subject is the requested number.
func CareTeam(p store.PlanWithAuthority, number nhs.Number, today nhs.Date) *fhir.CareTeam {
	t := &fhir.CareTeam{
		ResourceType: "CareTeam",
		ID:           p.ID,
		Status:       "active",
		Category:     []fhir.CodeableConcept{category(p.Kind)},
		Name:         nameOf(p.By),
		Subject:      fhir.NHSNumberReference(number.Digits()),
		Period:       &fhir.Period{Start: p.Start.FHIR(), End: p.End.FHIR()},
	}
	if !p.End.IsZero() && p.End.Before(today) {
		t.Status = "inactive"
	}
	if p.By.OfficePhone != "" {
		t.Telecom = append(t.Telecom, fhir.ContactPoint{System: "phone", Use: "work", Value: p.By.OfficePhone})
	}
	if p.By.DutyPhone != "" {
		t.Telecom = append(t.Telecom, fhir.ContactPoint{System: "phone", Use: "mobile", Value: p.By.DutyPhone})
	}
	return t
}

// AuditEvent returns an access. role is the fullUrl of the viewer's PractitionerRole in the same bundle.
func AuditEvent(a store.Access, role string, observer fhir.Reference) *fhir.AuditEvent {
	return &fhir.AuditEvent{
		ResourceType: "AuditEvent",
		ID:           a.ID,
		Type:         fhir.Coding{System: systemAuditType, Code: "rest", Display: "RESTful Operation"},
		Action:       "R",
		Recorded:     a.At.UTC().Format(time.RFC3339),
		Outcome:      "0",
		Agent:        []fhir.AuditAgent{{Who: &fhir.Reference{Reference: role}, Requestor: true}},
		Source:       fhir.AuditEventSource{Observer: observer},
		Entity: []fhir.AuditEntity{
			{What: fhir.NHSNumberReference(a.Number.Digits())},
			{What: &fhir.Reference{Reference: role}, Type: &fhir.Coding{System: systemRoleClass, Code: roleAssigned}},
		},
	}
}

// PractitionerRole returns a viewer's role at the time of the access.
func PractitionerRole(id string, v store.Viewer) *fhir.PractitionerRole {
	return &fhir.PractitionerRole{
		ResourceType: "PractitionerRole",
		ID:           id,
		Identifier:   []fhir.Identifier{{System: fhir.SystemSDSRoleProfile, Value: v.URID}},
		Practitioner: &fhir.Reference{
			Identifier: &fhir.Identifier{System: fhir.SystemSDSUser, Value: v.UUID},
			Display:    v.Name,
		},
		Organization: &fhir.Reference{
			Identifier: &fhir.Identifier{System: fhir.SystemODS, Value: v.OrgODS},
			Display:    v.OrgName,
		},
		Code: []fhir.CodeableConcept{{Coding: []fhir.Coding{{
			System: fhir.SystemJobRole, Code: v.JobRole,
			Display: v.JobName,
		}}}},
	}
}
