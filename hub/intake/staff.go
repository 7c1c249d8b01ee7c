package intake

import (
	"context"
	"errors"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/staff"
	"wardlight/hub/store"
)

// Staff takes Practitioner and PractitionerRole lines: who may sign in, and in which roles. Each is stored as it
// comes, because a role is refused where its person is not on file, and then put on record. What was cut short
// between the two is taken again by whoever goes on.
type Staff struct {
	books StaffBooks
	clock func() time.Time
	by    string // who does it, in words, for the audit
}

// StaffBooks are where staff are stored and put on record.
type StaffBooks interface {
	staff.Store
	audit.Committer
}

// NewStaff stores in books; by says in the audit who does it.
func NewStaff(books StaffBooks, clock func() time.Time, by string) *Staff {
	return &Staff{books, clock, by}
}

// Kinds returns Practitioner and PractitionerRole.
func (s *Staff) Kinds() map[string]Kind {
	return map[string]Kind{"Practitioner": {Take: s.take}, "PractitionerRole": {Take: s.take}}
}

// Flush has nothing to store.
func (s *Staff) Flush(context.Context, Lines) error { return nil }

func (s *Staff) take(ctx context.Context, line Line) error {
	l, err := staff.Parse(line.JSON)
	if err != nil {
		return err
	}
	err = l.Put(ctx, s.books)
	var refused *staff.LineError
	if err != nil && !errors.Is(err, staff.ErrUnknownPerson) && !errors.As(err, &refused) {
		return &StoreError{err}
	}
	if err != nil {
		return err
	}
	if err := audit.NewWriter(s.books).Write(ctx, &store.Entry{Audit: store.AuditRecord{
		At: s.clock(), Action: audit.ChangeStaff, Outcome: audit.Granted, Reason: s.by + ": " + l.String(),
	}}); err != nil {
		return &StoreError{err}
	}
	return nil
}
