// Package scan bounds what reads many rows, so that a look-up by number never waits for it.
package scan

import (
	"context"
	"errors"
	"time"

	"wardlight/hub/store"
)

// Timeout is how long one scan takes at most.
const Timeout = time.Second

// Limit lets in a bounded number of scans at a time, and ends each after a time. It may be used by several goroutines.
type Limit struct {
	places  chan struct{}
	timeout time.Duration
}

// NewLimit returns a limit of so many scans at a time, one at least, each ended after timeout.
func NewLimit(places int, timeout time.Duration) *Limit {
	return &Limit{make(chan struct{}, max(1, places)), timeout}
}

// Do waits until there is a place, and runs do. store.ErrTooLong where do took longer than the limit's time; the wait
// does not count.
func (l *Limit) Do(ctx context.Context, do func(context.Context) error) error {
	select {
	case l.places <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.places }()
	limited, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	err := do(limited)
	if err != nil && ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded) {
		return store.ErrTooLong
	}
	return err
}
