package trace

import (
	"context"
	"encoding/json"
	"fmt"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Related is who may be contacted about a patient.
type Related struct {
	Number  nhs.Number // the patient's, where another was superseded
	Version string     // of the patient's record
	Persons []RelatedPerson
}

// RelatedPerson is one of them: the document and its id.
type RelatedPerson struct {
	ID       string
	Document json.RawMessage
}

// RelatedPersons returns those who may be contacted about the patient; nobody for a restricted one (PDS FHIR R4 API,
// RelatedPerson). ErrNotFound, ErrInvalidated.
func (s *Service) RelatedPersons(ctx context.Context, number nhs.Number) (Related, error) {
	p, err := s.current(ctx, number)
	if err != nil {
		return Related{}, err
	}
	if p.Invalidated {
		return Related{}, ErrInvalidated
	}
	record, err := retrieved(p)
	if err != nil {
		return Related{}, err
	}
	got := Related{Number: p.Number, Version: record.Version}
	if p.Confidential {
		return got, nil
	}
	documents, err := s.people.RelatedPersons(ctx, p.Number)
	if err != nil {
		return Related{}, fmt.Errorf("related persons: %w", err)
	}
	for _, d := range documents {
		var r fhir.RelatedPerson
		if err := json.Unmarshal(d, &r); err != nil {
			return Related{}, fmt.Errorf("related persons: a record does not read: %w", err)
		}
		got.Persons = append(got.Persons, RelatedPerson{r.ID, d})
	}
	return got, nil
}

// Relatives makes FHIR related persons into what the store keeps with their patient. Each must name the patient, and
// how it is related.
func Relatives(number nhs.Number, persons []fhir.RelatedPerson) ([][]byte, error) {
	var all [][]byte
	for i, r := range persons {
		if r.ResourceType != "RelatedPerson" || len(r.Relationship) == 0 ||
			r.Patient.Identifier == nil || r.Patient.Identifier.Value != number.Digits() {
			return nil, fmt.Errorf("related person %d of %d: does not name its patient and its relationship", i+1, len(persons))
		}
		r.Name, r.Address = withoutBlanks(r.Name, r.Address)
		body, err := json.Marshal(r)
		if err != nil {
			return nil, fmt.Errorf("related person: %w", err)
		}
		all = append(all, body)
	}
	return all, nil
}
