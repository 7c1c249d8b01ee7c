package summary

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wardlight/internal/nhs"
)

// Store reads stored summaries.
type Store interface {
	// Summaries returns the summaries and permissions under any of the numbers.
	Summaries(ctx context.Context, numbers []nhs.Number) ([]Document, error)
	// HoldsSummaries reports whether a summary of any patient is stored.
	HoldsSummaries(ctx context.Context) (bool, error)
}

// Service answers from the hub's own store.
type Service struct {
	store    Store
	restored func(ctx context.Context) (bool, error)
	clock    func() time.Time
	newID    func() string
}

// New returns a Service. restored reports whether a backup was restored, and data that came after it may be missing.
func New(store Store, restored func(ctx context.Context) (bool, error), clock func() time.Time, newID func() string,
) *Service {
	return &Service{store: store, restored: restored, clock: clock, newID: newID}
}

// Find returns the patient's latest summary without its contents, or nil if none is on file. Errors are ErrNotHeld,
// ErrRestored and those of the store.
func (s *Service) Find(ctx context.Context, p Patient) (*Reference, error) {
	latest, sharing, err := s.latest(ctx, p.Numbers)
	switch {
	case err != nil:
		return nil, err
	case latest != nil:
		return &Reference{latest.ID, sharing}, nil
	case sharing == No:
		return &Reference{Sharing: No}, nil
	}
	return nil, s.lacks(ctx)
}

// Read returns the Bundle of the patient's latest summary if it has that ID, and otherwise an empty Bundle. shown
// reports whether it has the summary. Errors are ErrOptedOut and those of Find.
func (s *Service) Read(ctx context.Context, p Patient, id string) (body []byte, shown bool, err error) {
	latest, sharing, err := s.latest(ctx, p.Numbers)
	switch {
	case err != nil:
		return nil, false, err
	case sharing == No:
		return nil, false, ErrOptedOut
	case latest == nil:
		if err := s.lacks(ctx); err != nil {
			return nil, false, err
		}
	case !strings.EqualFold(latest.ID, id):
		latest = nil
	}
	body, err = Answer(latest, p.Number, s.clock(), s.newID)
	return body, latest != nil, err
}

// latest returns the patient's latest summary, or nil, and the patient's permission. No under one of the numbers is No
// for the patient.
func (s *Service) latest(ctx context.Context, numbers []nhs.Number) (*Document, Sharing, error) {
	all, err := s.store.Summaries(ctx, numbers)
	if err != nil {
		return nil, "", fmt.Errorf("summaries: %w", err)
	}

	sharing := Ask
	var latest *Document
	for i, d := range all {
		if d.Sharing == No {
			sharing = No
		}
		if len(d.Body) > 0 && (latest == nil || d.Made.After(latest.Made)) {
			latest = &all[i]
		}
	}
	return latest, sharing, nil
}

// lacks returns why the absence of a summary means nothing, or nil.
func (s *Service) lacks(ctx context.Context) error {
	held, err := s.store.HoldsSummaries(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("summaries: %w", err)
	case !held:
		return ErrNotHeld
	}

	restored, err := s.restored(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("summaries: %w", err)
	case restored:
		return ErrRestored
	}
	return nil
}
