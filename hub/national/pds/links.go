package pds

import (
	"context"
	"fmt"
	"sync"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// MaxAge is the maximum age of the check of a number under which plans are stored. If a check is older, or missing,
// plans of a patient may be stored under a number that isn't known to be the patient's.
const MaxAge = 48 * time.Hour

// completeTime is how long the result is used that no check is missing. Plans are stored together with the checks of
// their numbers, so nothing becomes incomplete at once.
const completeTime = time.Minute

// Links reads which numbers have been superseded, of the numbers under which plans are stored. PDS doesn't return the
// numbers that a record has superseded. It is safe for concurrent use.
type Links struct {
	checks store.NumberChecks
	clock  func() time.Time

	mu       sync.Mutex
	complete time.Time // until then no check is missing
}

// NewLinks returns Links that reads checks.
func NewLinks(checks store.NumberChecks, clock func() time.Time) *Links {
	return &Links{checks: checks, clock: clock}
}

// older returns the numbers that one of these numbers has superseded.
func (l *Links) older(ctx context.Context, current []nhs.Number) ([]nhs.Number, error) {
	all, err := l.checks.SupersededBy(ctx, current)
	if err != nil {
		return nil, fmt.Errorf("superseded numbers: %w", err)
	}
	return all, nil
}

// missing reports whether the check of a number is missing or too old.
func (l *Links) missing(ctx context.Context) (bool, error) {
	now := l.clock()
	l.mu.Lock()
	complete := now.Before(l.complete)
	l.mu.Unlock()
	if complete {
		return false, nil
	}

	unchecked, err := l.checks.UncheckedNumbers(ctx, now.Add(-MaxAge), 1)
	switch {
	case err != nil:
		return true, fmt.Errorf("numbers of plans: %w", err)
	case len(unchecked) > 0:
		return true, nil
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	l.complete = now.Add(completeTime)
	return false, nil
}
