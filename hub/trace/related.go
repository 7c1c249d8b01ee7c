package trace

import (
	"context"
	"encoding/json"
	"fmt"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Related are the related persons of a patient.
type Related struct {
	Number  nhs.Number // the current number, which may differ from the requested one
	Version string     // the version of the patient's record
	Persons []RelatedPerson
}

// RelatedPerson is a related person's document with its ID.
type RelatedPerson struct {
	ID       string
	Document json.RawMessage
}

// RelatedPersons returns the related persons of a patient; none for a restricted patient (PDS FHIR R4 API,
// RelatedPerson). The error may be ErrNotFound or ErrInvalidated.
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
			return Related{}, fmt.Errorf("related persons: a record cannot be parsed: %w", err)
		}
		got.Persons = append(got.Persons, RelatedPerson{r.ID, d})
	}

	return got, nil
}

// Relatives converts FHIR related persons to their stored form. It returns an error unless each refers to the patient
// and has a relationship.
func Relatives(number nhs.Number, persons []fhir.RelatedPerson) ([][]byte, error) {
	var all [][]byte
	for i, r := range persons {
		if r.ResourceType != "RelatedPerson" || len(r.Relationship) == 0 ||
			r.Patient.Identifier == nil || r.Patient.Identifier.Value != number.Digits() {
			return nil, fmt.Errorf("related person %d of %d: does not name its patient and its relationship", i+1,
				len(persons))
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
