// Package pds finds patients in the Personal Demographics Service, through its FHIR R4 API.
//
// Its answers are stored for the time of one request of the hub only. The restrictions of package trace hold for
// them, too: an invalidated record isn't shown, and a restricted one only without what discloses where the patient
// lives.
package pds

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"wardlight/hub/national"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

// Service finds patients in PDS. It is safe for concurrent use.
type Service struct {
	client *national.Client
	links  *Links
}

// New returns a Service. links may be nil if no plans are stored.
func New(client *national.Client, links *Links) *Service { return &Service{client, links} }

// recordKey is the key of a patient's record in the memo of a request.
type recordKey nhs.Number

// Patient returns the record with that number, or the one that superseded it: then SupersededBy is set, and Number is
// the requested one. The error is store.ErrNotFound, [trace.ErrInvalidated] or a *national.Failure.
func (s *Service) Patient(ctx context.Context, number nhs.Number) (store.Patient, error) {
	return national.Remember(ctx, recordKey(number), func() (store.Patient, error) {
		var p store.Patient
		err := s.ask(ctx, "/Patient/"+number.Digits(), nil, func(a national.Answer) (err error) {
			p, err = readPatient(a, number)
			return err
		})
		return p, err
	})
}

// current returns the current record of a number. Errors are those of package trace or a *national.Failure.
func (s *Service) current(ctx context.Context, number nhs.Number) (store.Patient, error) {
	p, err := s.Patient(ctx, number)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return p, trace.ErrNotFound
	case err != nil:
		return p, err
	case p.Invalidated:
		return p, trace.ErrInvalidated
	case p.SupersededBy != "":
		p.Number, p.SupersededBy = p.SupersededBy, ""
	}
	return p, nil
}

// Search returns the matches in the order of PDS, like [trace.Service.Search].
func (s *Service) Search(ctx context.Context, q trace.Query) ([]trace.Row, error) {
	var rows []trace.Row
	err := s.ask(ctx, "/Patient", q.Typed, func(a national.Answer) error {
		found, err := readSearch(a)
		if err == nil {
			rows, err = shownRows(q, found)
		}
		return err
	})
	if err == nil && len(rows) > q.Max {
		return nil, trace.ErrTooMany
	}
	return rows, err
}

// shownRows returns the rows of the matches that the search may show, without duplicates.
func shownRows(q trace.Query, found []match) ([]trace.Row, error) {
	rows := make([]trace.Row, 0, len(found))
	for _, f := range found {
		if slices.ContainsFunc(rows, func(r trace.Row) bool { return r.Number == f.Number }) {
			continue
		}
		row, shown, err := q.Row(f.Patient, f.score)
		switch {
		case err != nil:
			return nil, malformed("a record of a search cannot be parsed")
		case shown:
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// Retrieve returns the record with that number, or the one that superseded it, like [trace.Service.Retrieve].
func (s *Service) Retrieve(ctx context.Context, number nhs.Number) (trace.Retrieved, error) {
	p, err := s.current(ctx, number)
	if err != nil {
		return trace.Retrieved{}, err
	}
	return s.shown(p)
}

func (s *Service) shown(p store.Patient) (trace.Retrieved, error) {
	r, err := trace.Shown(p)
	if err != nil {
		return trace.Retrieved{}, s.client.Fail(national.Malformed, national.Answer{}, "a record cannot be parsed")
	}
	return r, nil
}

// RelatedPersons returns the related persons of a patient, like [trace.Service.RelatedPersons]. PDS answers 404 if
// there are none.
func (s *Service) RelatedPersons(ctx context.Context, number nhs.Number) (trace.Related, error) {
	p, err := s.current(ctx, number)
	if err != nil {
		return trace.Related{}, err
	}
	record, err := s.shown(p)
	if err != nil {
		return trace.Related{}, err
	}

	got := trace.Related{Number: p.Number, Version: record.Version}
	if p.Confidential {
		return got, nil
	}

	path := "/Patient/" + p.Number.Digits() + "/RelatedPerson"
	if err := s.ask(ctx, path, nil, func(a national.Answer) (err error) {
		got.Persons, err = readRelated(a, p.Number)
		return err
	}); err != nil {
		return trace.Related{}, err
	}

	return got, nil
}

// RecordStatus returns what PDS knows about the patient with the number, like [trace.Service.RecordStatus]. Numbers
// also contains the superseded numbers under which plans are stored.
func (s *Service) RecordStatus(ctx context.Context, number nhs.Number) (trace.RecordStatus, error) {
	found := trace.RecordStatus{Numbers: []nhs.Number{number}, Current: number}
	p, err := s.current(ctx, number)
	switch {
	case errors.Is(err, trace.ErrNotFound):
	case errors.Is(err, trace.ErrInvalidated):
		found.Known, found.Invalidated = true, true
	case err != nil:
		return trace.RecordStatus{}, err
	default:
		found.Known, found.National, found.Restricted = true, true, p.Confidential
		found.Gender = trace.Gender(p.Body)
		if p.Number != number {
			found.Numbers, found.Current = append(found.Numbers, p.Number), p.Number
		}
		if found.Born, err = trace.BirthDate(p.Body); err != nil {
			return trace.RecordStatus{}, s.client.Fail(national.Malformed, national.Answer{},
				"the birth date of a record cannot be parsed")
		}
	}

	if s.links == nil {
		return found, nil
	}

	older, err := s.links.older(ctx, found.Numbers)
	if err != nil {
		return trace.RecordStatus{}, err
	}
	for _, n := range older {
		if !slices.Contains(found.Numbers, n) {
			found.Numbers = append(found.Numbers, n)
		}
	}

	found.Unchecked, err = s.links.missing(ctx)
	return found, err
}

// CurrentNumber returns the number that has superseded the number, or the number itself: also if PDS doesn't know it,
// or has marked the record as invalid. The error is a *national.Failure.
func (s *Service) CurrentNumber(ctx context.Context, number nhs.Number) (nhs.Number, error) {
	p, err := s.current(ctx, number)
	switch {
	case errors.Is(err, trace.ErrNotFound), errors.Is(err, trace.ErrInvalidated):
		return number, nil
	case err != nil:
		return "", err
	}
	return p.Number, nil
}

// FindPatients returns trace.ErrTooMany. It is asked for all people with a name and a birth date, and PDS returns one
// match to the hub at most.
func (s *Service) FindPatients(context.Context, store.PatientQuery) ([]store.Patient, error) {
	return nil, trace.ErrTooMany
}

// ask sends a request and has read parse the answer. The error is a *national.Failure, or an error of read that is an
// answer to the request.
func (s *Service) ask(ctx context.Context, path string, query url.Values, read func(national.Answer) error) error {
	_, err := s.client.Do(ctx, national.Request{Path: path, Query: query, Read: func(a national.Answer) error {
		err := read(a)
		if fault := (*faultError)(nil); errors.As(err, &fault) {
			return s.client.Fail(fault.kind, a, fault.detail)
		}
		return err
	}})
	return err
}
