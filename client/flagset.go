package client

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// flagset is what an answer with all flags of a patient says about each kind, by the codes of
// England-FlagCategoryPatient.
type flagset struct {
	searchset
	found   map[string]bool                  // there is a flag
	unknown map[string]fhir.OperationOutcome // it is not known whether there is one
	broken  map[string]error                 // the answer about it is malformed
	details map[string][]string
}

// readFlagset validates and parses an answer with all flags of a patient. Errors are *Error of kind Malformed.
func readFlagset(c call, ans answer, n nhs.Number) (*flagset, error) {
	if err := checkFHIR(c, ans); err != nil {
		return nil, err
	}

	var b fhir.Bundle
	switch {
	case json.Unmarshal(ans.body, &b) != nil:
		return nil, malformed(c, ans, "not JSON, or not of a Bundle's shape")
	case b.ResourceType != "Bundle" || b.Type != "searchset":
		return nil, malformed(c, ans, "not a searchset Bundle")
	case b.Total == nil:
		return nil, malformed(c, ans, "searchset without a total")
	case !linksOnlyTo(b.Link, n):
		return nil, malformed(c, ans, "searchset that does not name this patient, or has another page")
	}

	s := &flagset{
		found: make(map[string]bool), unknown: make(map[string]fhir.OperationOutcome),
		broken: make(map[string]error), details: make(map[string][]string),
	}
	var err error
	if s.asOf, err = answeredAt(b, ans); err != nil {
		return nil, malformed(c, ans, "searchset without a time")
	}

	matches := 0
	for _, e := range b.Entry {
		mode := "match"
		if e.Search != nil && e.Search.Mode != "" {
			mode = e.Search.Mode
		}
		if mode == "match" {
			matches++
		}
		if err := s.add(c, ans, e.Resource, mode, n); err != nil {
			return nil, err
		}
	}

	if *b.Total != matches {
		return nil, malformed(c, ans, "searchset whose total is not the number of its matches")
	}
	return s, nil
}

// answeredAt returns the time of an answer: the Bundle's, or that of the Date header if it has none.
func answeredAt(b fhir.Bundle, ans answer) (time.Time, error) {
	if b.Timestamp == "" {
		return http.ParseTime(ans.header.Get("Date"))
	}
	return time.Parse(time.RFC3339, b.Timestamp)
}

// linksOnlyTo reports whether a Bundle's self link is a search for exactly this patient, and there is no other page.
func linksOnlyTo(links []fhir.BundleLink, n nhs.Number) bool {
	self := false
	for _, l := range links {
		switch l.Relation {
		case "self":
			u, err := url.Parse(l.URL)
			if err != nil {
				return false
			}
			query, err := url.ParseQuery(u.RawQuery)
			if err != nil || !slices.Equal(query["patient"], []string{n.Digits()}) {
				return false
			}
			self = true
		case "next", "prev", "previous":
			return false
		}
	}
	return self
}

// add adds a resource of an answer. The error is that nothing of the answer can be relied on.
func (s *flagset) add(c call, ans answer, raw json.RawMessage, mode string, n nhs.Number) error {
	switch kind := fhir.TypeOf(raw); {
	case kind == "":
		return malformed(c, ans, "searchset entry without a resource")
	case (kind == "OperationOutcome") != (mode == "outcome"):
		return malformed(c, ans, "searchset entry in a mode that does not fit")
	case kind == "OperationOutcome":
		return s.addOutcome(c, ans, raw)
	case kind == "Flag":
		return s.addFlag(c, ans, raw, n)
	case kind == "Condition":
		s.addCondition(raw, n)
	}
	return nil // plans and their authorities are not shown by a lamp
}

// addOutcome adds an outcome about one kind of flag, or about the record. Any other is a reservation about the answer.
func (s *flagset) addOutcome(c call, ans answer, raw json.RawMessage) error {
	var o fhir.OperationOutcome
	if json.Unmarshal(raw, &o) == nil {
		known := false
		for _, i := range o.Issue {
			for _, kind := range categoriesOf(i.Details) {
				s.unknown[kind], known = o, true
			}
		}
		if known {
			return nil
		}
	}
	if saysRecordMissing(raw) {
		s.recordMissing = true
		return nil
	}
	return malformed(c, ans, "searchset entry of mode outcome")
}

// categoriesOf returns the kinds of flags among the codings of a concept.
func categoriesOf(concept *fhir.CodeableConcept) (kinds []string) {
	if concept == nil {
		return nil
	}
	for _, k := range concept.Coding {
		if k.System == fhir.SystemFlagCategory && k.Code != "" {
			kinds = append(kinds, k.Code)
		}
	}
	return kinds
}

// addFlag adds a flag, or an adjustment, which has the kind of flag as its category. Flags of other kinds are not
// shown.
func (s *flagset) addFlag(c call, ans answer, raw json.RawMessage, n nhs.Number) error {
	var f fhir.Flag
	if json.Unmarshal(raw, &f) != nil {
		return malformed(c, ans, "not a Flag")
	}

	kinds := categoriesOf(&f.Code)
	if len(kinds) == 0 {
		of := categoriesIn(f.Category)
		if len(of) == 0 {
			return malformed(c, ans, "flag without a kind")
		}
		if isSubject(f.Subject, n) && f.Status == "active" {
			s.addDetail(of[0], append(detailParts(f.Category), display(&f.Code), noteOf(f.Extension))...)
		}
		return nil
	}

	for _, kind := range kinds {
		switch {
		case !isSubject(f.Subject, n):
			s.broken[kind] = malformed(c, ans, "flag of another patient")
		case f.Status != "active":
			s.broken[kind] = malformed(c, ans, "flag that is not active")
		default:
			s.found[kind] = true
			for _, k := range f.Code.Coding {
				if k.System != fhir.SystemFlagCategory {
					s.addDetail(kind, k.Display)
				}
			}
			s.addDetail(kind, noteOf(f.Extension))
		}
	}
	return nil
}

// categoriesIn returns the kinds of flags among the codings of concepts.
func categoriesIn(concepts []fhir.CodeableConcept) (kinds []string) {
	for i := range concepts {
		kinds = append(kinds, categoriesOf(&concepts[i])...)
	}
	return kinds
}

// addCondition adds an impairment.
func (s *flagset) addCondition(raw json.RawMessage, n nhs.Number) {
	var x fhir.Condition
	if json.Unmarshal(raw, &x) != nil || !isSubject(x.Subject, n) {
		return
	}
	if kinds := categoriesIn(x.Category); len(kinds) > 0 {
		note := ""
		if len(x.Note) > 0 {
			note = x.Note[0].Text
		}
		s.addDetail(kinds[0], "Impairment", display(x.Code), note)
	}
}

// maxDetails is the maximum number of lines of a flag.
const maxDetails = 50

// addDetail adds the parts that are not empty as a line.
func (s *flagset) addDetail(kind string, parts ...string) {
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	if text := line(strings.Join(parts, ": ")); text != "" && len(s.details[kind]) < maxDetails {
		s.details[kind] = append(s.details[kind], text)
	}
}

// detailParts returns the categories of an adjustment other than the kind of flag.
func detailParts(categories []fhir.CodeableConcept) []string {
	var parts []string
	for i := range categories {
		if len(categoriesOf(&categories[i])) == 0 {
			parts = append(parts, display(&categories[i]))
		}
	}
	return parts
}

// display returns a concept in words: its text, a display or a code.
func display(c *fhir.CodeableConcept) string {
	if c == nil {
		return ""
	}
	if c.Text != "" {
		return c.Text
	}
	for _, k := range c.Coding {
		if k.Display != "" {
			return k.Display
		}
	}
	for _, k := range c.Coding {
		if k.Code != "" {
			return k.Code
		}
	}
	return ""
}

// noteOf returns the notes of a flag.
func noteOf(extensions []fhir.Extension) string {
	var notes []string
	for _, x := range extensions {
		if x.URL == fhir.ExtensionFlagNotes && x.ValueAnnotation != nil {
			notes = append(notes, x.ValueAnnotation.Text)
		}
	}
	return strings.Join(notes, " ")
}

// isSubject reports whether a resource in an answer for one patient is about that patient. The newer shape may refer to
// the patient by a reference instead of the NHS number. If the reference has an NHS number, it must be this one.
func isSubject(r fhir.Reference, n nhs.Number) bool {
	if r.Identifier != nil {
		return isAbout(&r, n)
	}
	if r.Reference == "" {
		return false
	}
	id := r.Reference[strings.LastIndex(r.Reference, "/")+1:]
	other, err := nhs.ParseNumber(id)
	return err != nil || other == n
}
