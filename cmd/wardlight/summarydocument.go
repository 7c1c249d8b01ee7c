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
	ID         string        `json:"id"`      // of the Composition; "" if it has none
	Date       string        `json:"date"`    // a day, a month or a year
	Written    *string       `json:"written"` // null if the record has only a day
	Author     string        `json:"author"`  // "" if the record names none
	Disclaimer string        `json:"disclaimer"`
	Notices    []string      `json:"notices"`
	About      []sectionPart `json:"about"`
	Sections   []sectionPart `json:"sections"` // in the order of display, allergies first
}

// sectionPart is a section. Lines has everything that the record has in it, and Blocks the same in its structure.
type sectionPart struct {
	Code      string      `json:"code"`
	Title     string      `json:"title"` // of the record; "" if it has none
	Heading   string      `json:"heading"`
	State     string      `json:"state"`
	Statement string      `json:"statement"` // what the state means; "" if it is filled
	Notices   []string    `json:"notices"`
	Lines     []string    `json:"lines"`
	Blocks    []blockPart `json:"blocks"`
}

// blockPart is a part of a section's text. Members of other kinds are empty.
type blockPart struct {
	Kind    string    `json:"kind"` // table, paragraph or picture
	Text    string    `json:"text"` // of a paragraph, or the description of a picture
	Strong  bool      `json:"strong"`
	Caption []string  `json:"caption"`
	Columns []string  `json:"columns"`
	Rows    []rowPart `json:"rows"`
}

// rowPart is a row of a table.
type rowPart struct {
	Cells []cellPart `json:"cells"`
}

// cellPart is a cell. Name is the name of its column, or the names of its columns.
type cellPart struct {
	Column int      `json:"column"`
	Span   int      `json:"span"` // 0 if it is for the row as a whole
	Name   string   `json:"name"`
	Text   []string `json:"text"` // lines
}

// The kinds of blocks.
const (
	kindTable     = "table"
	kindParagraph = "paragraph"
	kindPicture   = "picture"
)

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
			ID: doc.ID, Date: doc.Date.FHIR(), Written: instant(doc.Written), Author: doc.Author,
			Disclaimer: summary.Disclaimer, Notices: orEmpty(doc.Notices), About: partsOfSections(doc.About),
			Sections: partsOfSections(doc.Sections),
		}
	}
	return a.print(d)
}

func partsOfSections(all []summary.Section) []sectionPart {
	out := []sectionPart{}
	for _, s := range all {
		out = append(out, sectionPart{
			Code: s.Code, Title: s.Title, Heading: s.Heading(), State: sectionStates[s.State], Statement: s.Statement(),
			Notices: orEmpty(s.Notices), Lines: orEmpty(s.Linear()), Blocks: partsOfBlocks(s.Blocks),
		})
	}
	return out
}

func partsOfBlocks(all []summary.Block) []blockPart {
	out := []blockPart{}
	for _, b := range all {
		part := blockPart{Caption: []string{}, Columns: []string{}, Rows: []rowPart{}}
		switch b := b.(type) {
		case summary.Table:
			part.Kind, part.Caption, part.Columns = kindTable, orEmpty(b.Caption), orEmpty(b.Columns)
			part.Rows = partsOfRows(b)
		case summary.Paragraph:
			part.Kind, part.Text, part.Strong = kindParagraph, b.Text, b.Strong
		case summary.Picture:
			part.Kind, part.Text = kindPicture, b.Alt
		}
		out = append(out, part)
	}
	return out
}

func partsOfRows(t summary.Table) []rowPart {
	out := []rowPart{}
	for _, row := range t.Rows {
		part := rowPart{[]cellPart{}}
		for _, c := range row {
			part.Cells = append(part.Cells, cellPart{c.Column, c.Span, t.Name(c), orEmpty(c.Text)})
		}
		out = append(out, part)
	}
	return out
}
