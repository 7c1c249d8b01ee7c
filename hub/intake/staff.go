package intake

import (
	"context"
	"errors"

	"wardlight/hub/audit"
	"wardlight/hub/staff"
	"wardlight/hub/store"
)

// Staff imports Practitioner and PractitionerRole lines: persons who may sign in, and their roles. It stores each line
// at once with its audit record, because a role of an unknown person is refused.
type Staff struct {
	people staff.Persons
	record Recorder
}

// NewStaff returns an Importer that stores persons and roles with record. people are the existing persons.
func NewStaff(people staff.Persons, record Recorder) *Staff { return &Staff{people, record} }

// Kinds returns Practitioner and PractitionerRole.
func (s *Staff) Kinds() map[string]Kind {
	return map[string]Kind{"Practitioner": {Take: s.take}, "PractitionerRole": {Take: s.take}}
}

// Flush does nothing, because lines are stored at once.
func (s *Staff) Flush(context.Context, Lines) error { return nil }

func (s *Staff) take(ctx context.Context, line Line) error {
	l, err := staff.Parse(line.JSON)
	if err != nil {
		return err
	}

	change, err := l.Change(ctx, s.people)
	if errors.Is(err, staff.ErrUnknownPerson) {
		return err
	}
	if err != nil {
		return &StoreError{err}
	}

	e := s.record.entry(audit.ChangeStaff, l.String())
	e.Change = change
	switch err := s.record.commit(ctx, e); {
	case errors.Is(err, store.ErrRoleTaken):
		return staff.ErrRoleTaken
	case err != nil:
		return &StoreError{err}
	}

	return nil
}
