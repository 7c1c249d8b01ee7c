package summary

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wardlight/internal/text"
)

// Times and limits of sending alerts to the national service.
const (
	// longer than all attempts of a claim, so that no other hub claims the alerts meanwhile
	claimTimeout   = time.Minute
	attemptTimeout = 20 * time.Second
	maxClaimed     = 3
	firstRetry     = poll
	lastRetry      = 15 * time.Minute
	poll           = 30 * time.Second // how often to look for alerts that other hubs have added
	maxAge         = 7 * 24 * time.Hour
	// for how long after an alert another hub of the store may have the person's sign-in
	signInTimeout = time.Hour
	handOver      = 5 * time.Second // how long this hub leaves an alert to the other hubs
	maxError      = 200             // maximum characters of a stored error
)

// Rejected is the failure of an attempt after which another one can't succeed.
type Rejected struct{ Err error }

// Error returns the cause.
func (r *Rejected) Error() string { return r.Err.Error() }

// Unwrap returns the cause.
func (r *Rejected) Unwrap() error { return r.Err }

// SignInMissing is the failure of an attempt for which this hub lacks the sign-in of the person who caused the alert.
// Another hub of the store may have it.
type SignInMissing struct{ Err error }

// Error returns the cause.
func (s *SignInMissing) Error() string { return s.Err.Error() }

// Unwrap returns the cause.
func (s *SignInMissing) Unwrap() error { return s.Err }

// Queue stores the alerts that are waiting to be sent.
type Queue interface {
	ClaimAlerts(ctx context.Context, now, until time.Time, limit int) ([]Alert, error)
	AlertSent(ctx context.Context, id string, at time.Time) error
	AlertFailed(ctx context.Context, id string, next time.Time, why string) error
	ReleaseAlert(ctx context.Context, id string, next time.Time) error
	AbandonAlert(ctx context.Context, id string, at time.Time, why string) error
}

// Sender sends privacy alerts to the national service. An alert is in the privacy officer's list whether it was sent or
// not.
type Sender struct {
	queue Queue
	send  func(ctx context.Context, a Alert) error
	clock func() time.Time
	after func(time.Duration) <-chan time.Time
	log   *slog.Logger
	woken chan struct{}
}

// NewSender returns a Sender that sends alerts from queue. After a *Rejected from send an alert isn't sent again. After
// a *SignInMissing the other hubs of the queue try for an hour. after is time.After, except in tests.
func NewSender(queue Queue, send func(ctx context.Context, a Alert) error, clock func() time.Time,
	after func(time.Duration) <-chan time.Time, log *slog.Logger,
) *Sender {
	return &Sender{queue, send, clock, after, log, make(chan struct{}, 1)}
}

// Wake reports that the queue has new alerts. It never blocks.
func (s *Sender) Wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// Run sends alerts until ctx ends. A running attempt continues then. Errors of the queue are retried.
func (s *Sender) Run(ctx context.Context) {
	for ctx.Err() == nil {
		more, err := s.sendDue(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "The privacy alerts that are waiting to be sent could not be read or changed.",
				"error", err)
		}
		if more {
			continue
		}
		wait := poll
		if err != nil {
			wait = firstRetry
		}
		select {
		case <-ctx.Done():
		case <-s.woken:
		case <-s.after(wait):
		}
	}
}

// sendDue sends the alerts that are due, and reports whether there may be more.
func (s *Sender) sendDue(ctx context.Context) (more bool, err error) {
	now := s.clock()
	due, err := s.queue.ClaimAlerts(ctx, now, now.Add(claimTimeout), maxClaimed)
	if err != nil {
		return false, err
	}
	for _, a := range due {
		if failed := s.attempt(context.WithoutCancel(ctx), a); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	return err == nil && len(due) == maxClaimed, err
}

// attempt sends one alert and stores the result. It returns the queue's error.
func (s *Sender) attempt(ctx context.Context, a Alert) error {
	bounded, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	err := s.send(bounded, a)
	if err == nil {
		return s.queue.AlertSent(ctx, a.ID, s.clock())
	}

	age := s.clock().Sub(a.At)
	var missing *SignInMissing
	lacks := errors.As(err, &missing)
	if lacks && age < signInTimeout {
		return s.queue.ReleaseAlert(ctx, a.ID, s.clock().Add(handOver))
	}

	why := text.Clean(err.Error(), maxError)
	log := s.log.With("alert", a.ID, "attempt", a.Sending.Attempts, "error", why)
	var rejected *Rejected
	if lacks || errors.As(err, &rejected) || age >= maxAge {
		log.ErrorContext(ctx, "ALARM: a privacy alert was not sent to the national service, and will not be. It is in "+
			"the privacy officer's list.")
		return s.queue.AbandonAlert(ctx, a.ID, s.clock(), why)
	}
	log.WarnContext(ctx, "A privacy alert could not be sent to the national service. The hub tries again.")
	return s.queue.AlertFailed(ctx, a.ID, s.clock().Add(backoff(a.Sending.Attempts)), why)
}

// backoff returns the wait after that many attempts: 30 s, 1 min, 2 min … 15 min.
func backoff(attempts int) time.Duration {
	wait := firstRetry
	for i := 1; i < attempts && wait < lastRetry; i++ {
		wait *= 2
	}
	return min(wait, lastRetry)
}
