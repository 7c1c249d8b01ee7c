package trace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"wardlight/internal/nhs"
)

// OnRecord is what the records say of a patient to whoever has something on file under the patient's NHS number.
type OnRecord struct {
	// Numbers is every number under which something may be on file: the one asked for, the current one, those between,
	// and those that any of them superseded. A plan uploaded under an old number is still this child's. A number that
	// nobody has is alone.
	Numbers []nhs.Number
	// Known reports that there is a current record. It is false for a number that no record has, where the record that
	// superseded the one asked for is not there, and for records that supersede one another in a ring.
	Known bool
	// Invalidated reports that the current record was marked invalid.
	Invalidated bool
	// Restricted reports that the current record is restricted; where there is none, that what is left of a superseded
	// one is.
	Restricted bool
	// Born is the birth date on the current record, which may be partial. It is zero where there is none.
	Born nhs.Date
}

// OnRecord returns what the records say of the patient with the number. A number that nobody has is no error: Known
// says so. Errors are the store's, and a record that does not read.
func (s *Service) OnRecord(ctx context.Context, number nhs.Number) (OnRecord, error) {
	last, numbers, err := s.way(ctx, number)
	found := OnRecord{Numbers: numbers, Known: err == nil, Restricted: last.Confidential}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return OnRecord{}, err
	}
	if found.Known {
		found.Invalidated = last.Invalidated
		if found.Born, err = birthDate(last.Body); err != nil {
			return OnRecord{}, err
		}
	}

	for i := 0; i < len(found.Numbers); i++ {
		older, err := s.people.Superseded(ctx, found.Numbers[i])
		if err != nil {
			return OnRecord{}, fmt.Errorf("superseded numbers: %w", err)
		}
		for _, n := range older {
			if slices.Contains(found.Numbers, n) {
				continue
			}
			found.Numbers = append(found.Numbers, n)
			if found.Known || found.Restricted {
				continue
			}
			p, err := s.people.Patient(ctx, n)
			if err != nil {
				return OnRecord{}, fmt.Errorf("superseded numbers: %w", err)
			}
			found.Restricted = p.Confidential
		}
	}
	return found, nil
}

// birthDate reads the birth date on a record; the zero date where it has none. The error quotes nothing of the record.
func birthDate(body []byte) (nhs.Date, error) {
	for name, value := range members(body) {
		if name != "birthDate" {
			continue
		}
		var text string
		err := json.Unmarshal(value, &text)
		born, unread := date(text)
		if err != nil || unread != nil {
			return nhs.Date{}, errors.New("a record does not read: its birth date")
		}
		return born, nil
	}
	return nhs.Date{}, nil
}
