package patientflag

import (
	"context"
	"fmt"
	"sync"

	"wardlight/internal/nhs"
)

// Store reads stored flags.
type Store interface {
	// PatientFlags returns the flags of these kinds under any of the numbers, including inactive ones.
	PatientFlags(ctx context.Context, numbers []nhs.Number, kinds []Kind) ([]Flag, error)
	// HoldsFlags reports whether a flag of the kind, active or not, is stored of any patient.
	HoldsFlags(ctx context.Context, kind Kind) (bool, error)
}

// Restored reports whether a backup was restored, and data that came after it may be missing.
type Restored func(ctx context.Context) (bool, error)

// Service answers from the hub's own store.
type Service struct {
	store    Store
	restored Restored
	held     sync.Map // kinds of which flags are stored, which need not be checked again
}

// New returns a Service that reads flags from store.
func New(store Store, restored Restored) *Service { return &Service{store: store, restored: restored} }

// Flags returns a result for each of the kinds, in their order. A flag under any of the numbers is the patient's. If
// the patient has several of a kind, it returns the one that was recorded last. The error of a result is ErrNotHeld,
// ErrRestored, or the store's.
func (s *Service) Flags(ctx context.Context, numbers []nhs.Number, kinds []Kind) []Result {
	all, err := s.store.PatientFlags(ctx, numbers, kinds)
	if err != nil {
		err = fmt.Errorf("flags: %w", err)
	}

	results := make([]Result, len(kinds))
	for i, k := range kinds {
		results[i] = Result{Kind: k, Err: err}
		if err != nil {
			continue
		}
		for _, f := range all {
			if is := &results[i]; f.Kind == k && f.Active && (is.Flag == nil || f.Recorded.After(is.Flag.Recorded)) {
				is.Flag = &f
			}
		}
		if results[i].Flag == nil {
			results[i].Err = s.lacks(ctx, k)
		}
	}

	return results
}

// lacks returns why the absence of a flag of the kind means nothing, or nil.
func (s *Service) lacks(ctx context.Context, k Kind) error {
	if _, held := s.held.Load(k); !held {
		held, err := s.store.HoldsFlags(ctx, k)
		switch {
		case err != nil:
			return fmt.Errorf("flags: %w", err)
		case !held:
			return ErrNotHeld
		}
		s.held.Store(k, true)
	}

	restored, err := s.restored(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("flags: %w", err)
	case restored:
		return ErrRestored
	}
	return nil
}
