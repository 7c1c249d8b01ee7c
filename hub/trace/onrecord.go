package trace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"wardlight/internal/nhs"
)

// RecordStatus is what the patients' records contain about a patient, for callers with data under the patient's NHS
// number.
type RecordStatus struct {
	// Numbers are all numbers under which data may be stored: the requested one, the current one, those between, and
	// those that any of them superseded. A plan uploaded under an old number still belongs to this child. For an
	// unknown number it contains only that.
	Numbers []nhs.Number
	// Current is the current number: the requested one, or the last that superseded it.
	Current nhs.Number
	// Known reports whether there is a current record. It is false for an unknown number, if the record that
	// superseded the requested one is missing, and for records that supersede one another in a cycle.
	Known bool
	// Invalidated reports whether the current record is marked as invalid.
	Invalidated bool
	// Restricted reports whether the current record is restricted. Without a current record, it reports whether a
	// remaining superseded record is restricted.
	Restricted bool
	// Born is the birth date on the current record, which may be partial. It is zero if there is none.
	Born nhs.Date
	// National reports whether Current is the answer of a national service.
	National bool
	// Unchecked reports whether plans of the patient may be stored under a number that isn't in Numbers, because it
	// wasn't checked lately whether it has been superseded. It is always false for the book.
	Unchecked bool
	// Gender is the gender on the current record, or "" if there is none.
	Gender nhs.Gender
}

// RecordStatus returns what the records contain about the patient with the number. An unknown number isn't an error:
// see [RecordStatus.Known]. Errors are those of the store and of malformed records.
func (s *Service) RecordStatus(ctx context.Context, number nhs.Number) (RecordStatus, error) {
	last, numbers, err := s.followSuperseded(ctx, number)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return RecordStatus{}, err
	}
	found := RecordStatus{
		Numbers: numbers, Current: numbers[len(numbers)-1], Known: err == nil, Restricted: last.Confidential,
	}

	if found.Known {
		found.Invalidated = last.Invalidated
		if found.Born, err = BirthDate(last.Body); err != nil {
			return RecordStatus{}, err
		}
		found.Gender = Gender(last.Body)
	}

	for i := 0; i < len(found.Numbers); i++ {
		older, err := s.people.Superseded(ctx, found.Numbers[i])
		if err != nil {
			return RecordStatus{}, fmt.Errorf("superseded numbers: %w", err)
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
				return RecordStatus{}, fmt.Errorf("superseded numbers: %w", err)
			}
			found.Restricted = p.Confidential
		}
	}

	return found, nil
}

// BirthDate returns the birth date on a record, or the zero date if it has none. Errors don't quote the record.
func BirthDate(body []byte) (nhs.Date, error) {
	for name, value := range members(body) {
		if name != "birthDate" {
			continue
		}
		var text string
		err := json.Unmarshal(value, &text)
		born, unread := date(text)
		if err != nil || unread != nil {
			return nhs.Date{}, errors.New("a record cannot be parsed: its birth date")
		}
		return born, nil
	}
	return nhs.Date{}, nil
}

// Gender returns the gender on a record, or "" if it has none.
func Gender(body []byte) nhs.Gender {
	for name, value := range members(body) {
		if name == "gender" {
			return nhs.Gender(unquoted(value))
		}
	}
	return ""
}
