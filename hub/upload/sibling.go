package upload

import (
	"context"
	"errors"
	"slices"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

// maxNamesakes is the maximum number of people with the same family name and birth date with whom a row is compared.
// In the whole United Kingdom the most frequent name on the most frequent date has some dozens.
const maxNamesakes = 500

// match compares a row with the record of its NHS number. It returns nil if they agree, otherwise a *refusal or
// ErrPDS. If the name or the birth date is wrong, the refusal discloses only that the record does not match.
func (s *Service) match(ctx context.Context, c change, today nhs.Date) error {
	noMatch := &refusal{NoMatch, "No record has this NHS number, birth date and name together."}
	p, d, err := s.record(ctx, c.number)
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, trace.ErrInvalidated):
		return noMatch
	case err != nil:
		return err
	}

	got, of := d.fit(c, today, s.patients.ShortForm), d
	if got == noFit && p.SupersededBy != "" { // a superseded record may lack the name
		if _, of, err = s.record(ctx, p.SupersededBy); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		got = of.fit(c, today, s.patients.ShortForm)
	}

	if got == partFit {
		other, err := s.fitsAnother(ctx, c, of, today)
		switch {
		case err != nil:
			return err
		case other:
			got = noFit
		}
	}

	switch {
	case got == noFit || p.Invalidated:
		return noMatch
	case p.SupersededBy != "":
		return &refusal{Superseded, "NHS number: it was replaced by another. Trace the patient and send the " +
			"current number."}
	case p.Confidential:
		return &refusal{Sensitive, "The record is sensitive: this hub does not share plans of this patient. If " +
			"this changes, the answers to your files say that you can send this row again."}
	case !d.verified():
		return &refusal{NotVerified, "NHS number: it is not verified."}
	}

	return nil
}

// record reads and decodes the record of an NHS number. The error is store.ErrNotFound,
// trace.ErrInvalidated or ErrPDS.
func (s *Service) record(ctx context.Context, number nhs.Number) (store.Patient, demographics, error) {
	p, err := s.people.Patient(ctx, number)
	if err != nil {
		// PDS doesn't return an invalidated record; the book does, and marks it.
		if !errors.Is(err, store.ErrNotFound) && !errors.Is(err, trace.ErrInvalidated) {
			err = errors.Join(ErrPDS, err)
		}
		return p, demographics{}, err
	}
	d, err := demographicsOf(p)
	if err != nil {
		err = errors.Join(ErrPDS, err)
	}
	return p, d, err
}

// fitsAnother reports whether a row that is a partFit of a patient may mean somebody else with the same family name
// and birth date. That is a sibling with any fit, or anybody with a wholeFit. If there are more than maxNamesakes to
// compare, it returns true. The error is ErrPDS.
func (s *Service) fitsAnother(ctx context.Context, c change, patient demographics, today nhs.Date) (bool, error) {
	own, err := s.patients.RecordStatus(ctx, c.number)
	if err != nil {
		return false, errors.Join(ErrPDS, err)
	}

	namesakes, err := s.people.FindPatients(ctx, store.PatientQuery{
		Family: store.Pattern(trace.Fold(c.family)), Born: store.Span{From: c.born, To: c.born}, History: true,
		Today: today, Limit: maxNamesakes + 1,
	})
	switch {
	case errors.Is(err, trace.ErrTooMany): // PDS doesn't return namesakes to the hub
		return true, nil
	case err != nil:
		return false, errors.Join(ErrPDS, err)
	case len(namesakes) > maxNamesakes:
		return true, nil
	}

	for _, p := range namesakes {
		if slices.Contains(own.Numbers, p.Number) {
			continue
		}

		other, err := demographicsOf(p)
		if err != nil {
			return false, errors.Join(ErrPDS, err)
		}

		switch other.fit(c, today, s.patients.ShortForm) {
		case wholeFit:
			return true, nil
		case partFit:
			if !patient.apart(other) {
				return true, nil
			}
		}
	}

	return false, nil
}
