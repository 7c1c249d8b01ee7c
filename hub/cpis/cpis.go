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

// LatestAccesses is the maximum number of accesses in the access history.
const LatestAccesses = 25

// RepeatWithin is how long after a listed access further accesses of the same person to the same patient count as
// repetitions. The access history lists only the first (CP-IS tabular view REPC_RM000007GB01). The same person in
// another role or organisation counts as the same author.
const RepeatWithin = 24 * time.Hour

// ErrSensitive refuses a patient whose record is restricted. Local authorities can't upload plans of such a child
// (response CPR02), so the absence of plans means nothing, and a stored plan would reveal where the child lives.
var ErrSensitive = errors.New("the patient's record is sensitive")

// ErrUnfilled means that no local authority has uploaded anything, so the absence of plans means nothing.
var ErrUnfilled = errors.New("no local authority has sent a plan")

// ErrRestored means that a backup was restored, and an authority has not yet resent its later plans, so the absence of
// plans means nothing.
var ErrRestored = errors.New("a backup was restored, and a local authority has to send again")

// ErrWithheld refuses a patient of whom plans were refused while the record was restricted, and haven't been sent
// again, so the absence of plans means nothing.
var ErrWithheld = errors.New("plans of the patient were refused and not sent again")

// ErrUnchecked means that plans of the patient may be stored under a number that PDS has since superseded, so the
// absence of plans means nothing.
var ErrUnchecked = errors.New("the numbers of plans have not been checked lately")

// Patients finds the patient of a number; see [trace.Service].
type Patients interface {
	RecordStatus(ctx context.Context, number nhs.Number) (trace.RecordStatus, error)
}

// PatientPlans are the plans of a patient on a day. A plan that ends by rule has that end ([EndOf]).
type PatientPlans struct {
	Patient  trace.RecordStatus        // Known is false if a plan is visible under a number without a current record
	Visible  []store.PlanWithAuthority // the plans that are an alert, newest first
	Notified []store.PlanWithAuthority // the plans of notified authorities: visible or recently ended
	AsOf     time.Time                 // of a national service: when it answered; zero means now
}

// Service answers requests about alerts.
type Service struct {
	plans    store.Plans
	patients Patients
	window   Window
	newID    func() string
	message  Message
	filled   atomic.Bool // the ledger is filled, and need not be checked again
}

// Message returns the body of the notification with that ID, which notifies one authority of an access to its plans.
type Message func(id string, a store.Access, to store.Authority, plans []store.PlanWithAuthority) ([]byte, error)

// New returns a Service that reads plans.
func New(plans store.Plans, patients Patients, window Window, newID func() string, message Message) *Service {
	return &Service{plans: plans, patients: patients, window: window, newID: newID, message: message}
}

// Permit returns the error for a patient of whom no alert is shown, whether there is one or not: trace.ErrInvalidated
// or ErrSensitive. Each source of alerts calls it first.
func Permit(patient trace.RecordStatus) error {
	switch {
	case patient.Invalidated:
		return trace.ErrInvalidated
	case patient.Restricted:
		return ErrSensitive
	default:
		return nil
	}
}

// Plans returns the plans of a patient today. If the record is missing or invalidated, an answer without plans could
// be wrong, so the error is trace.ErrNotFound for a number with neither a current record nor a visible plan, and
// trace.ErrInvalidated for an invalidated record, whether there are plans or not. Other errors are ErrSensitive;
// ErrUnchecked, ErrWithheld or ErrRestored if no plan is visible; ErrUnfilled; and those of the store. A visible plan
// is an alert even if the record is missing.
func (s *Service) Plans(ctx context.Context, number nhs.Number, today nhs.Date) (PatientPlans, error) {
	patient, err := s.patients.RecordStatus(ctx, number)
	if err == nil {
		err = Permit(patient)
	}
	if err != nil {
		return PatientPlans{}, err
	}

	plans, err := s.plans.Plans(ctx, patient.Numbers)
	if err != nil {
		return PatientPlans{}, fmt.Errorf("plans: %w", err)
	}

	slices.SortFunc(plans, NewestFirst)

	found := PatientPlans{Patient: patient}
	for _, p := range plans {
		p.End = endShown(p.Plan, patient.Born, today)
		if s.window.Visible(p.Plan, patient.Born, today) {
			found.Visible = append(found.Visible, p)
		}
		if s.window.Notifies(p.Plan, patient.Born, today) {
			found.Notified = append(found.Notified, p)
		}
	}

	if len(found.Visible) > 0 {
		return found, nil
	}
	switch {
	case !patient.Known:
		return PatientPlans{}, trace.ErrNotFound
	case patient.Unchecked:
		return PatientPlans{}, ErrUnchecked
	}

	lacks, err := s.plans.Lacks(ctx, patient.Numbers)
	switch {
	case err != nil:
		return PatientPlans{}, fmt.Errorf("plans: %w", err)
	case lacks.Withheld:
		return PatientPlans{}, ErrWithheld
	case lacks.Resend:
		return PatientPlans{}, ErrRestored
	}

	if len(plans) == 0 {
		if err := s.checkFilled(ctx); err != nil {
			return PatientPlans{}, err
		}
	}

	return found, nil
}

// NewestFirst compares plans for sorting by their start, newest first, and then by kind and ID.
func NewestFirst(a, b store.PlanWithAuthority) int {
	switch {
	case b.Start.Before(a.Start):
		return -1
	case a.Start.Before(b.Start):
		return 1
	}
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}

// checkFilled returns ErrUnfilled until a local authority has uploaded something.
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

// History returns the plans of a patient, and the latest accesses under all of the patient's numbers without
// repetitions (RepeatWithin), newest first. If no plan is visible it returns no accesses, because they would reveal
// that there was one. Errors are those of [Service.Plans].
func (s *Service) History(ctx context.Context, number nhs.Number,
	today nhs.Date,
) (PatientPlans, []store.Access, error) {
	found, err := s.Plans(ctx, number, today)
	if err != nil || len(found.Visible) == 0 {
		return found, nil, err
	}
	accesses, err := s.plans.FirstAccesses(ctx, found.Patient.Numbers, RepeatWithin, LatestAccesses)
	if err != nil {
		return PatientPlans{}, nil, fmt.Errorf("accesses: %w", err)
	}
	return found, accesses, nil
}

// Record returns what an opening in unscheduled care writes: one access, and one notification for each authority to be
// notified. It returns neither if no plan is visible.
func (s *Service) Record(a store.Access, found PatientPlans) (*store.Access, []store.Notification, error) {
	if len(found.Visible) == 0 {
		return nil, nil, nil
	}

	a.ID = s.newID()
	var notified []store.Notification
	for i, p := range found.Notified {
		if slices.ContainsFunc(found.Notified[:i], func(q store.PlanWithAuthority) bool {
			return q.Authority == p.Authority
		}) {
			continue
		}

		theirs := slices.DeleteFunc(slices.Clone(found.Notified), func(q store.PlanWithAuthority) bool {
			return q.Authority != p.Authority
		})

		id := s.newID()
		body, err := s.message(id, a, p.By, theirs)
		if err != nil {
			return nil, nil, fmt.Errorf("notification: %w", err)
		}

		notified = append(notified, store.Notification{
			ID: id, Authority: p.Authority, Body: body, Created: a.At, NextAttempt: a.At,
		})
	}

	return &a, notified, nil
}
