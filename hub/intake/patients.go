package intake

import (
	"context"
	"errors"
	"fmt"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// mostRelated is how many related persons a patient may have.
const mostRelated = 100

// Patients takes Patient lines, and RelatedPerson lines behind the patient whom they are about. A patient is kept as
// PDS gives one, whoever is related as far as the hub uses it (internal/fhir).
type Patients struct {
	people store.People
	held   []store.Patient
	refuse bool // the patient before was refused, so whoever is related is too
}

// NewPatients stores in people.
func NewPatients(people store.People) *Patients { return &Patients{people: people} }

// Kinds returns Patient and RelatedPerson.
func (p *Patients) Kinds() map[string]Kind {
	return map[string]Kind{"Patient": {Take: p.patient}, "RelatedPerson": {Take: p.related, Follows: true}}
}

// Flush stores the patients in one transaction, each with whoever is related.
func (p *Patients) Flush(ctx context.Context, _ func(int64, string)) error {
	if len(p.held) == 0 {
		return nil
	}
	if err := p.people.PutPatients(ctx, p.held); err != nil {
		return err
	}
	p.held = p.held[:0]
	return nil
}

// superseding is a patient whose number was superseded: FHIR has it as a link.
type superseding struct {
	fhir.Patient
	Link []struct {
		Other fhir.Reference `json:"other"`
		Type  string         `json:"type"`
	} `json:"link"`
}

func (p *Patients) patient(_ context.Context, line Line) error {
	p.refuse = true
	var given superseding
	if err := read(line.JSON, &given); err != nil {
		return err
	}
	switch given.Gender {
	case "", "male", "female", "other", "unknown":
	default:
		return errors.New("gender is none of male, female, other, unknown")
	}
	record, err := trace.Document(line.JSON)
	if err != nil {
		return err
	}
	for _, l := range given.Link {
		if l.Type != "replaced-by" {
			continue
		}
		if record.SupersededBy != "" || l.Other.Identifier == nil {
			return errors.New("link replaced-by does not name one NHS number")
		}
		by, err := nhs.ParseNumber(l.Other.Identifier.Value)
		if err != nil || by == record.Number {
			return errors.New("link replaced-by does not name another valid NHS number")
		}
		record.SupersededBy = by
	}
	if record.SupersededBy != "" {
		record.Invalidated = false // a search that finds it gives the record that superseded it (PDS FHIR R4 API, invalidated patients)
	}
	p.held, p.refuse = append(p.held, record), false
	return nil
}

func (p *Patients) related(_ context.Context, line Line) error {
	switch {
	case p.refuse:
		return errors.New("its patient was refused")
	case len(p.held) == 0:
		return errors.New("it does not follow its patient")
	}
	patient := &p.held[len(p.held)-1]
	var r fhir.RelatedPerson
	if err := read(line.JSON, &r); err != nil {
		return err
	}
	if r.Patient.Identifier == nil || r.Patient.Identifier.Value != patient.Number.Digits() {
		return errors.New("it does not follow its patient")
	}
	if len(patient.Related) == mostRelated {
		return fmt.Errorf("its patient has %d related persons before it", mostRelated)
	}
	documents, err := trace.Relatives(patient.Number, []fhir.RelatedPerson{r})
	if err != nil {
		return errors.New("it does not say how it is related")
	}
	patient.Related = append(patient.Related, documents...)
	return nil
}
