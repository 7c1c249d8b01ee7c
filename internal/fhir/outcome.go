package fhir

import "slices"

// OperationOutcome says what went wrong, or, with severity information, what came to pass (PDS FHIR R4 API, errors).
type OperationOutcome struct {
	ResourceType string  `json:"resourceType"` // "OperationOutcome"
	Issue        []Issue `json:"issue"`
}

// Issue is one thing that went wrong. Details can be absent; Diagnostics may change and is for people only.
type Issue struct {
	Severity    string           `json:"severity"` // error, warning, information
	Code        string           `json:"code"`     // FHIR issue type: required, value, forbidden, ...
	Details     *CodeableConcept `json:"details,omitempty"`
	Diagnostics string           `json:"diagnostics,omitempty"`
}

// NewOutcome returns an outcome of one issue with a Spine error code.
func NewOutcome(severity, issue, spineCode, display, diagnostics string) *OperationOutcome {
	return &OperationOutcome{ResourceType: "OperationOutcome", Issue: []Issue{{
		Severity: severity, Code: issue, Diagnostics: diagnostics,
		Details: &CodeableConcept{Coding: []Coding{{System: SystemSpineError, Version: "1", Code: spineCode, Display: display}}},
	}}}
}

// SpineCode returns the Spine code of the first issue that has one; "" when none has.
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

// Diagnostics returns the help text of the first issue that has one.
func (o *OperationOutcome) Diagnostics() string {
	for _, i := range o.Issue {
		if i.Diagnostics != "" {
			return i.Diagnostics
		}
	}
	return ""
}

// HasIssue reports whether one of the issues is of that FHIR IssueType.
func (o *OperationOutcome) HasIssue(code string) bool {
	return slices.ContainsFunc(o.Issue, func(i Issue) bool { return i.Code == code })
}
