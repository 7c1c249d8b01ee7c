// Package scan limits queries that read many rows, so that look-ups by number never wait for them.
package scan

import (
	"context"
	"errors"
	"time"

	"wardlight/hub/store"
)

// Timeout is the maximum duration of a scan for a search.
const Timeout = time.Second

// LongTimeout is the maximum duration of a scan for a report, which reads up to a month of an organisation's records.
// It is below the default timeout of a terminal, so that the user sees the hub's answer.
const LongTimeout = 4 * time.Second

// Limit limits the number of concurrent scans and the duration of each. It is safe for concurrent use.
type Limit struct {
	places  chan struct{}
	timeout time.Duration
}

// NewLimit returns a Limit of that many concurrent scans, but at least one, each with that timeout.
func NewLimit(places int, timeout time.Duration) *Limit {
	return &Limit{make(chan struct{}, max(1, places)), timeout}
}

// Do waits for a place and runs do. It returns store.ErrTooLong if do takes longer than the timeout, which doesn't
// include the wait.
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
