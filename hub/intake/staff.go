package intake

import (
	"context"
	"errors"

	"wardlight/hub/staff"
)

// Staff takes Practitioner and PractitionerRole lines: who may sign in, and in which roles. Each is stored as it comes, because a
// role is refused where its person is not on file.
type Staff struct{ books staff.Store }

// NewStaff stores in books.
func NewStaff(books staff.Store) *Staff { return &Staff{books} }

// Kinds are Practitioner and PractitionerRole.
func (s *Staff) Kinds() map[string]Kind {
	return map[string]Kind{"Practitioner": {Take: s.take}, "PractitionerRole": {Take: s.take}}
}

// Flush has nothing to store.
func (s *Staff) Flush(context.Context) error { return nil }

func (s *Staff) take(ctx context.Context, line []byte) error {
	l, err := staff.Parse(line)
	if err != nil {
		return err
	}
	err = l.Put(ctx, s.books)
	var refused *staff.LineError
	if err != nil && !errors.Is(err, staff.ErrUnknownPerson) && !errors.As(err, &refused) {
		return &StoreError{err}
	}
	return err
}
