package cpis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

// LatestAccesses is how many accesses the access history lists.
const LatestAccesses = 25

// RepeatWithin is how long an access of the same person to the same patient counts as a repeat, from the access that
// is listed on: the access history lists the first alone (CP-IS tabular view REPC_RM000007GB01). The same person in
// another role or organisation is the same author.
const RepeatWithin = 24 * time.Hour

// ErrSensitive is the refusal of a patient whose record is restricted. Local authorities cannot upload plans of such
// a child (response CPR02), so that nothing on file would say nothing about the child; and what is on file would tell
// where they live.
var ErrSensitive = errors.New("the patient's record is sensitive")

// ErrUnfilled is the refusal of a ledger that no local authority ever filled: with it, that no plan is on file says
// nothing about any child.
var ErrUnfilled = errors.New("no local authority has sent a plan")

// ErrRestored is the refusal of a ledger that was restored from a backup, while an authority has to send again what it
// sent after that backup: that no plan is on file says nothing about any child.
var ErrRestored = errors.New("a backup was restored, and a local authority has to send again")

// ErrWithheld is the refusal of a patient of whom plans were refused while the record was restricted, and whose
// authorities have not sent them again: that nothing else is on file says nothing about the patient.
var ErrWithheld = errors.New("plans of the patient were refused and not sent again")

// Patients knows who is who: [trace.Service].
type Patients interface {
	OnRecord(ctx context.Context, number nhs.Number) (trace.OnRecord, error)
}

// OnFile is what is on file about a patient on a day. A plan that ended by rule has that end ([EndOf]).
type OnFile struct {
	Patient trace.OnRecord   // Known is false where a plan is visible under a number that has no current record
	Visible []store.HeldPlan // the plans that are an alert, newest first
	Told    []store.HeldPlan // the plans whose authorities are notified of an opening: these, and others that ended lately
}

// Service answers about alerts.
type Service struct {
	plans    store.Plans
	patients Patients
	window   Window
	newID    func() string
	message  Message
	filled   atomic.Bool // once it is true: the store is not asked again
}

// Message makes the body of the notification with that id: one authority is told of one access to its plans.
type Message func(id string, a store.Access, to store.Authority, plans []store.HeldPlan) ([]byte, error)

// New answers from plans.
func New(plans store.Plans, patients Patients, window Window, newID func() string, message Message) *Service {
	return &Service{plans: plans, patients: patients, window: window, newID: newID, message: message}
}

// Plans returns what is on file about a patient today. A record that is missing or invalid makes "nothing on file" a
// false answer, so that the errors are trace.ErrNotFound where the number has neither a current record nor a visible
// plan; trace.ErrInvalidated, whatever is on file; ErrSensitive; ErrWithheld or ErrRestored where no plan is visible; ErrUnfilled; or
// the store's. A visible plan stays an alert where the record is missing.
func (s *Service) Plans(ctx context.Context, number nhs.Number, today nhs.Date) (OnFile, error) {
	patient, err := s.patients.OnRecord(ctx, number)
	switch {
	case err != nil:
		return OnFile{}, err
	case patient.Invalidated:
		return OnFile{}, trace.ErrInvalidated
	case patient.Restricted:
		return OnFile{}, ErrSensitive
	}
	plans, err := s.plans.Plans(ctx, patient.Numbers)
	if err != nil {
		return OnFile{}, fmt.Errorf("plans: %w", err)
	}
	slices.SortFunc(plans, func(a, b store.HeldPlan) int {
		switch {
		case b.Start.Before(a.Start):
			return -1
		case a.Start.Before(b.Start):
			return 1
		}
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})

	found := OnFile{Patient: patient}
	for _, p := range plans {
		p.End = endShown(p.Plan, patient.Born, today)
		if s.window.Visible(p.Plan, patient.Born, today) {
			found.Visible = append(found.Visible, p)
		}
		if s.window.Tells(p.Plan, patient.Born, today) {
			found.Told = append(found.Told, p)
		}
	}
	if len(found.Visible) > 0 {
		return found, nil
	}
	if !patient.Known {
		return OnFile{}, trace.ErrNotFound
	}
	lacks, err := s.plans.Lacks(ctx, patient.Numbers)
	switch {
	case err != nil:
		return OnFile{}, fmt.Errorf("plans: %w", err)
	case lacks.Withheld:
		return OnFile{}, ErrWithheld
	case lacks.Resend:
		return OnFile{}, ErrRestored
	}
	if len(plans) == 0 {
		if err := s.checkFilled(ctx); err != nil {
			return OnFile{}, err
		}
	}
	return found, nil
}

// checkFilled returns ErrUnfilled until a local authority has filled the ledger.
func (s *Service) checkFilled(ctx context.Context) error {
	if s.filled.Load() {
		return nil
	}
	filled, err := s.plans.Filled(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("plans: %w", err)
	case !filled:
		return ErrUnfilled
	}
	s.filled.Store(true)
	return nil
}

// History returns what is on file about a patient, and the latest accesses that repeat none (RepeatWithin), newest
// first, under all numbers of the patient. Where no plan is visible there are none: they would say that there was
// one. Errors are those of [Service.Plans].
func (s *Service) History(ctx context.Context, number nhs.Number, today nhs.Date) (OnFile, []store.Access, error) {
	found, err := s.Plans(ctx, number, today)
	if err != nil || len(found.Visible) == 0 {
		return found, nil, err
	}
	accesses, err := s.plans.FirstAccesses(ctx, found.Patient.Numbers, RepeatWithin, LatestAccesses)
	if err != nil {
		return OnFile{}, nil, fmt.Errorf("accesses: %w", err)
	}
	return found, accesses, nil
}

// Record returns what an opening in unscheduled care leaves behind: one access, and one notification for each authority
// that is told. Opening where nothing is visible leaves neither.
func (s *Service) Record(a store.Access, found OnFile) (*store.Access, []store.Notification, error) {
	if len(found.Visible) == 0 {
		return nil, nil, nil
	}
	a.ID = s.newID()
	var told []store.Notification
	for i, p := range found.Told {
		if slices.ContainsFunc(found.Told[:i], func(q store.HeldPlan) bool { return q.Authority == p.Authority }) {
			continue
		}
		theirs := slices.DeleteFunc(slices.Clone(found.Told), func(q store.HeldPlan) bool { return q.Authority != p.Authority })
		id := s.newID()
		body, err := s.message(id, a, p.By, theirs)
		if err != nil {
			return nil, nil, fmt.Errorf("notification: %w", err)
		}
		told = append(told, store.Notification{
			ID: id, Authority: p.Authority, Body: body, Created: a.At, NextAttempt: a.At,
		})
	}
	return &a, told, nil
}
