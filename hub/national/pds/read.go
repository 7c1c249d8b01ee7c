package pds

import (
	"encoding/json"
	"errors"
	"net/http"

	"wardlight/hub/national"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// faultError is an answer that can't be used. detail contains nothing of the answer.
type faultError struct {
	kind   national.Kind
	detail string
}

// Error returns the detail.
func (f *faultError) Error() string { return f.detail }

func malformed(detail string) error { return &faultError{national.Malformed, detail} }

// Spine codes of PDS that decide the error (PDS FHIR R4 API, errors).
const (
	codeNotFound    = "RESOURCE_NOT_FOUND"
	codeInvalidated = "INVALIDATED_RESOURCE"
	codeTooMany     = "TOO_MANY_MATCHES"
)

// searchCodes are the Spine codes with which PDS refuses a search for its parameters.
var searchCodes = map[string]bool{
	"INVALID_SEARCH_DATA": true, "INVALID_VALUE": true, "MISSING_VALUE": true, "ADDITIONAL_PROPERTIES": true,
}

// maxDiagnostics is the maximum length of the diagnostics of PDS that are shown, in characters.
const maxDiagnostics = 200

// outcomeOf returns the Spine code and the diagnostics of an OperationOutcome, or "" if the answer isn't one.
func outcomeOf(a national.Answer) (code, diagnostics string) {
	o, ok := a.Outcome()
	if !ok {
		return "", ""
	}
	return o.SpineCode(), text.Clean(o.Diagnostics(), maxDiagnostics)
}

// errorOf returns the error for an answer that has no resource, or nil for one that has. A 404 must have the Spine
// code: a gateway that doesn't know the address also answers 404, and says nothing about the patient.
func errorOf(a national.Answer) error {
	code, diagnostics := outcomeOf(a)
	switch {
	case a.Status == http.StatusNotFound && code == codeNotFound:
		return store.ErrNotFound
	case a.Status == http.StatusNotFound && code == codeInvalidated:
		return trace.ErrInvalidated
	case a.Status == http.StatusOK && code == codeTooMany:
		return trace.ErrTooMany
	case a.Status == http.StatusBadRequest && searchCodes[code]:
		return &trace.QueryError{Code: code, Diagnostics: diagnostics}
	case a.Status != http.StatusOK:
		return malformed("an unexpected status")
	case !a.IsFHIR():
		return malformed("not FHIR by its content type")
	}
	return nil
}

// readPatient parses the answer to a retrieval of the number's record.
func readPatient(a national.Answer, number nhs.Number) (store.Patient, error) {
	if err := errorOf(a); err != nil {
		var refused *trace.QueryError
		if errors.As(err, &refused) || errors.Is(err, trace.ErrTooMany) {
			return store.Patient{}, malformed("not an answer to a retrieval")
		}
		return store.Patient{}, err
	}

	p, err := readRecord(a.Body)
	if err != nil {
		return store.Patient{}, err
	}
	if p.Number != number {
		p.Number, p.SupersededBy = number, p.Number
	}
	return p, nil
}

// readRecord parses a Patient. Its id and the number of its identifier must be the same valid NHS number.
func readRecord(raw json.RawMessage) (store.Patient, error) {
	var p fhir.Patient
	if json.Unmarshal(raw, &p) != nil || p.ResourceType != "Patient" {
		return store.Patient{}, malformed("not a Patient")
	}
	for _, i := range p.Identifier {
		if (i.System == "" || i.System == fhir.SystemNHSNumber) && i.Value != p.ID {
			return store.Patient{}, &faultError{national.OtherPatient, "the record has the numbers of two patients"}
		}
	}
	record, err := trace.Document(raw)
	if err != nil {
		return store.Patient{}, malformed("a record cannot be parsed")
	}
	return record, nil
}

// match is a record of a search with its score.
type match struct {
	store.Patient
	score float64
}

// readBundle parses a searchset whose total is the number of its entries.
func readBundle(a national.Answer) (fhir.Bundle, error) {
	var b fhir.Bundle
	switch {
	case json.Unmarshal(a.Body, &b) != nil || b.ResourceType != "Bundle" || b.Type != "searchset":
		return b, malformed("not a searchset Bundle")
	case b.Total == nil || *b.Total != len(b.Entry):
		return b, malformed("the total is not the number of entries")
	}
	return b, nil
}

// readSearch parses the answer to a search.
func readSearch(a national.Answer) ([]match, error) {
	if err := errorOf(a); err != nil {
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, trace.ErrInvalidated) {
			return nil, malformed("not an answer to a search")
		}
		return nil, err
	}

	b, err := readBundle(a)
	if err != nil {
		return nil, err
	}

	found := make([]match, 0, len(b.Entry))
	for _, e := range b.Entry {
		p, err := readRecord(e.Resource)
		if err != nil {
			return nil, err
		}
		score := 1.0
		if e.Search != nil && e.Search.Score != nil {
			score = *e.Search.Score
		}
		if score < 0 || score > 1 {
			return nil, malformed("a score is not from 0 to 1")
		}
		found = append(found, match{p, score})
	}

	return found, nil
}

// readRelated parses the answer with the related persons of the patient with the number. PDS answers 404 if there are
// none.
func readRelated(a national.Answer, number nhs.Number) ([]trace.RelatedPerson, error) {
	switch err := errorOf(a); {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case errors.Is(err, trace.ErrInvalidated):
		return nil, err
	case err != nil:
		return nil, malformed("not an answer about related persons")
	}

	b, err := readBundle(a)
	if err != nil {
		return nil, err
	}

	persons := make([]fhir.RelatedPerson, 0, len(b.Entry))
	for _, e := range b.Entry {
		var r fhir.RelatedPerson
		if json.Unmarshal(e.Resource, &r) != nil || r.ResourceType != "RelatedPerson" || r.ID == "" {
			return nil, malformed("not a RelatedPerson")
		}
		if r.Patient.Identifier == nil || r.Patient.Identifier.Value != number.Digits() {
			return nil, &faultError{national.OtherPatient, "a related person of another patient"}
		}
		persons = append(persons, r)
	}

	documents, err := trace.Relatives(number, persons)
	if err != nil {
		return nil, malformed("a related person cannot be parsed")
	}

	related := make([]trace.RelatedPerson, len(documents))
	for i, d := range documents {
		related[i] = trace.RelatedPerson{ID: persons[i].ID, Document: d}
	}

	return related, nil
}
