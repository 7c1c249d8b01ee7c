package cpis

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// LatestAccesses is how many accesses CP-IS shows.
const LatestAccesses = 25

// Numbers tells every number under which a patient may be on file (hub/trace).
type Numbers interface {
	Numbers(ctx context.Context, number nhs.Number) ([]nhs.Number, error)
}

// Service answers about alerts.
type Service struct {
	plans   store.Plans
	numbers Numbers
	window  Window
	newID   func() string
	message Message
}

// Message makes the body of the notification with that id: one authority is told of one access to its plans.
type Message func(id string, a store.Access, to store.Authority, plans []store.HeldPlan) ([]byte, error)

// New answers from plans.
func New(plans store.Plans, numbers Numbers, window Window, newID func() string, message Message) *Service {
	return &Service{plans, numbers, window, newID, message}
}

// Visible lists the plans that are an alert today, newest first.
func (s *Service) Visible(ctx context.Context, number nhs.Number, today nhs.Date) ([]store.HeldPlan, error) {
	numbers, err := s.numbers.Numbers(ctx, number)
	if err != nil {
		return nil, err
	}
	plans, err := s.plans.Plans(ctx, numbers)
	if err != nil {
		return nil, fmt.Errorf("plans: %w", err)
	}
	plans = slices.DeleteFunc(plans, func(p store.HeldPlan) bool { return !s.window.Visible(p.Plan, today) })
	slices.SortFunc(plans, func(a, b store.HeldPlan) int {
		switch {
		case b.Start.Before(a.Start):
			return -1
		case a.Start.Before(b.Start):
			return 1
		}
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return plans, nil
}

// History lists the latest accesses, newest first. Where no plan is visible there is none: it would tell that there was one.
func (s *Service) History(ctx context.Context, number nhs.Number, today nhs.Date) ([]store.Access, error) {
	visible, err := s.Visible(ctx, number, today)
	if err != nil || len(visible) == 0 {
		return nil, err
	}
	numbers, err := s.numbers.Numbers(ctx, number)
	if err != nil {
		return nil, err
	}
	accesses, err := s.plans.Accesses(ctx, numbers, LatestAccesses)
	if err != nil {
		return nil, fmt.Errorf("accesses: %w", err)
	}
	return accesses, nil
}

// Record is what an opening in unscheduled care leaves behind: one access, and one notification for each authority whose
// plans were shown. Opening where nothing is on file leaves neither.
func (s *Service) Record(a store.Access, shown []store.HeldPlan) (*store.Access, []store.Notification, error) {
	if len(shown) == 0 {
		return nil, nil, nil
	}
	a.ID = s.newID()
	var told []store.Notification
	for i, p := range shown {
		if slices.ContainsFunc(shown[:i], func(q store.HeldPlan) bool { return q.Authority == p.Authority }) {
			continue
		}
		theirs := slices.DeleteFunc(slices.Clone(shown), func(q store.HeldPlan) bool { return q.Authority != p.Authority })
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
