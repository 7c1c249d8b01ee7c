package main

import (
	"cmp"

	"wardlight/internal/summary"
)

// summaryDocument is the JSON document wardlight.summary/1.
type summaryDocument struct {
	Schema     string         `json:"schema"`
	State      string         `json:"state"`
	StateWords string         `json:"state_words"`
	AsOf       *string        `json:"as_of"` // the hub's time of the answer; null without one
	Patient    patientPart    `json:"patient"`
	Role       rolePart       `json:"role"`
	Permission permissionPart `json:"permission"`
	RequestID  string         `json:"request_id"`
	Summary    *summaryPart   `json:"summary"` // null unless state is available
	Printed    *printPart     `json:"printed"` // null when it was not sent to a printer
	Error      *errorPart     `json:"error"`
}

// permissionPart is why the person may view the summary.
type permissionPart struct {
	Permission string `json:"permission"`
	Basis      string `json:"basis"` // "" unless legal
	Reason     string `json:"reason"`
	Alerts     bool   `json:"alerts"` // the view alerts the privacy officer
}

// summaryPart is a Summary Care Record.
type summaryPart struct {
	Date       string        `json:"date"`
	Written    *string       `json:"written"` // null if the record has only a day
	Author     string        `json:"author"`  // "" if the record names none
	Disclaimer string        `json:"disclaimer"`
	Notices    []string      `json:"notices"`
	About      []sectionPart `json:"about"`
	Sections   []sectionPart `json:"sections"` // in the order of display, allergies first
}

// sectionPart is a section. Lines has everything that the record has in it.
type sectionPart struct {
	Code      string   `json:"code"`
	Heading   string   `json:"heading"`
	State     string   `json:"state"`
	Statement string   `json:"statement"` // what the state means; "" if it is filled
	Lines     []string `json:"lines"`
}

// sectionStates are the names of the states of sections.
var sectionStates = map[summary.SectionState]string{
	summary.Filled: "filled", summary.Empty: "empty", summary.Missing: "not_in_the_record",
	summary.Unreadable: "could_not_be_shown",
}

// printSummary writes the view as a JSON document.
func (a *app) printSummary(v viewedSummary) error {
	d := summaryDocument{
		Schema: "wardlight.summary/1", State: v.State.Name(), StateWords: v.State.String(), AsOf: instant(v.AsOf),
		Patient: partOfPatient(v.patient), Role: partOfRole(v.role), Permission: permissionPart{
			Permission: string(v.view.Permission), Basis: string(v.view.Basis), Reason: v.view.Reason,
			Alerts: v.view.Alerts(),
		}, RequestID: v.RequestID, Printed: v.printed.part(), Error: partOfError(v.Err),
	}
	if err := cmp.Or(summaryFailure(v.Summary), v.printed.err); err != nil {
		d.Error = partOfError(err)
	}
	if doc := v.Document; doc.State == summary.Available && len(doc.Sections) > 0 {
		d.Summary = &summaryPart{
			Date: doc.Date.FHIR(), Written: instant(doc.Written), Author: doc.Author, Disclaimer: summary.Disclaimer,
			Notices: orEmpty(doc.Notices), About: partsOfSections(doc.About), Sections: partsOfSections(doc.Sections),
		}
	}
	return a.print(d)
}

func partsOfSections(all []summary.Section) []sectionPart {
	out := []sectionPart{}
	for _, s := range all {
		out = append(out, sectionPart{
			Code: s.Code, Heading: s.Heading(), State: sectionStates[s.State], Statement: s.Statement(),
			Lines: orEmpty(s.Linear()),
		})
	}
	return out
}
