package fhir

import "slices"

// OperationOutcome describes errors or, with severity information, other results (PDS FHIR R4 API, errors).
type OperationOutcome struct {
	ResourceType string  `json:"resourceType"` // "OperationOutcome"
	Issue        []Issue `json:"issue"`
}

// Issue is one error or message. Details may be absent. The text of Diagnostics may change and is only for people.
type Issue struct {
	Extension   []Extension      `json:"extension,omitempty"`
	Severity    string           `json:"severity"` // error, warning, information
	Code        string           `json:"code"`     // FHIR issue type: required, value, forbidden, ...
	Details     *CodeableConcept `json:"details,omitempty"`
	Diagnostics string           `json:"diagnostics,omitempty"`
}

// NewOutcome returns an outcome with one issue, which has a Spine error code.
func NewOutcome(severity, issue, spineCode, display, diagnostics string) *OperationOutcome {
	return &OperationOutcome{ResourceType: "OperationOutcome", Issue: []Issue{{
		Severity: severity, Code: issue, Diagnostics: diagnostics,
		Details: &CodeableConcept{Coding: []Coding{{
			System: SystemSpineError, Version: "1", Code: spineCode,
			Display: display,
		}}},
	}}}
}

// SpineCode returns the first code in the issues' details, or "" if there is none.
func (o *OperationOutcome) SpineCode() string {
	for _, i := range o.Issue {
		if i.Details == nil {
			continue
		}
		for _, c := range i.Details.Coding {
			if c.Code != "" {
				return c.Code
			}
		}
	}
	return ""
}

// Diagnostics returns the diagnostics of the first issue that has any, or "".
func (o *OperationOutcome) Diagnostics() string {
	for _, i := range o.Issue {
		if i.Diagnostics != "" {
			return i.Diagnostics
		}
	}
	return ""
}

// HasIssue reports whether an issue has the FHIR IssueType code.
func (o *OperationOutcome) HasIssue(code string) bool {
	return slices.ContainsFunc(o.Issue, func(i Issue) bool { return i.Code == code })
}
