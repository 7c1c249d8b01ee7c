package notify

import (
	"context"
	"log/slog"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/text"
)

// Times and limits of delivery.
const (
	claimTimeout   = 30 * time.Second // longer than an attempt, so that no other hub claims the message meanwhile
	attemptTimeout = 20 * time.Second
	maxConcurrent  = 256 // maximum attempts at once: more than England has authorities with children's services (153)
	firstRetry     = 2 * time.Second
	lastRetry      = 15 * time.Minute
	poll           = 30 * time.Second // how often to look for notifications that other hubs have added
	maxErrorLength = 200              // maximum characters of a stored error
)

// When a notification is given up: at once if no attempt can succeed without an operator ([NeedsReplay]), otherwise
// after a week. One that waited for a week behind another, or that was sent again by an operator, gets ten attempts,
// which take about twenty minutes. Later notifications of the authority are then delivered.
const (
	minAttempts = 10
	maxAge      = 7 * 24 * time.Hour
)

// Dispatcher delivers notifications from the outbox.
type Dispatcher struct {
	outbox    store.Outbox
	transport Transport
	clock     func() time.Time
	after     func(time.Duration) <-chan time.Time
	log       *slog.Logger
	woken     chan struct{}
}

// NewDispatcher returns a Dispatcher that delivers notifications from outbox with transport. after is time.After,
// except in tests.
func NewDispatcher(outbox store.Outbox, transport Transport, clock func() time.Time,
	after func(time.Duration) <-chan time.Time,
	log *slog.Logger,
) *Dispatcher {
	return &Dispatcher{outbox, transport, clock, after, log, make(chan struct{}, 1)}
}

// Wake reports that the outbox has new notifications. It never blocks.
func (d *Dispatcher) Wake() {
	select {
	case d.woken <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends, and then waits for running attempts. There is one attempt at a time for each authority,
// so that its notifications arrive in order, and authorities don't wait for one another. Errors of the store are
// retried.
func (d *Dispatcher) Run(ctx context.Context) {
	running := make(map[string]bool) // IDs of notifications
	ended := make(chan string, maxConcurrent)
	for {
		wait := d.start(ctx, running, ended)
		select {
		case <-ctx.Done():
			for range running {
				<-ended
			}
			return
		case id := <-ended:
			delete(running, id)
		case <-d.woken:
		case <-d.after(wait):
		}

		for more := true; more; { // one claim follows all attempts that have ended meanwhile
			select {
			case id := <-ended:
				delete(running, id)
			default:
				more = false
			}
		}
	}
}

// start starts an attempt for each notification that is due, adds its ID to running, and sends the ID to ended when
// the attempt ends. It returns how long to wait until another notification may be due.
func (d *Dispatcher) start(ctx context.Context, running map[string]bool, ended chan<- string) time.Duration {
	free := maxConcurrent - len(running)
	if free == 0 {
		return poll
	}

	due, err := d.outbox.ClaimNotifications(ctx, d.clock(), claimTimeout, free)
	if err != nil {
		d.failing(ctx, "The outbox could not be read.", err)
		return firstRetry
	}

	for _, n := range due {
		if running[n.ID] { // the clock was set forward during the attempt: let this claim expire
			continue
		}
		running[n.ID] = true
		go func() {
			defer func() { ended <- n.ID }()
			d.attempt(ctx, n)
		}()
	}

	next, waiting, err := d.outbox.NextDue(ctx)
	switch {
	case err != nil:
		d.failing(ctx, "The outbox could not be read.", err)
		return firstRetry
	case !waiting:
		return poll
	}

	return min(max(next.Sub(d.clock()), time.Millisecond), poll)
}

func (d *Dispatcher) attempt(ctx context.Context, n store.Notification) {
	// A running attempt continues when the hub stops. If it were cancelled, the authority might be notified twice.
	keep := context.WithoutCancel(ctx)
	sending, cancel := context.WithTimeout(keep, attemptTimeout)
	defer cancel()
	receipt, err := d.transport.Deliver(sending, Message{
		ID: n.ID, Ordinal: n.Ordinal, Authority: n.Authority, Endpoint: n.Endpoint, ContentType: fhir.MediaType,
		Body: n.Body,
	})
	if err == nil {
		if err := d.outbox.Delivered(keep, n.ID, receipt, d.clock()); err != nil {
			d.failing(ctx, "A delivery could not be recorded; the authority will be notified again.", err)
		}
		return
	}

	why, need := shortened(err), NeedOf(err)
	log := d.log.With("notification", n.ID, "authority", n.Authority, "attempt", n.Attempts, "error", why)
	if need == NeedsReplay || n.Attempts >= minAttempts && d.clock().Sub(n.Created) >= maxAge {
		log.ErrorContext(ctx, "ALARM: a notification was abandoned: an authority was not notified of an access.",
			"do", "fix the cause that the error names, then run: wardlight-hub outbox replay "+n.ID)
		if err := d.outbox.Bury(keep, n.ID, d.clock(), why); err != nil {
			d.failing(ctx, "An abandoned notification could not be recorded.", err)
		}
		return
	}

	if need == NeedsRepair && (n.Attempts <= 1 || why != n.LastError) {
		log.ErrorContext(ctx, "ALARM: an authority cannot be notified of accesses until an operator fixes the "+
			"cause. Its notifications wait.",
			"do", "fix the cause that the error names; they are then delivered within 15 minutes")
	} else {
		log.WarnContext(ctx, "An authority could not be notified of an access. The hub tries again.")
	}

	if err := d.outbox.Failed(keep, n.ID, d.clock().Add(backoff(n.Attempts)), why); err != nil {
		d.failing(ctx, "A failed delivery could not be recorded.", err)
	}
}

// shortened returns an error's text in the form in which it is stored.
func shortened(err error) string {
	return text.Clean(err.Error(), maxErrorLength) // it may contain text from the receiver
}

func (d *Dispatcher) failing(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		d.log.ErrorContext(ctx, what, "error", err)
	}
}

// backoff returns the wait after that many attempts: 2 s, 4 s, 8 s … 15 min.
func backoff(attempts int) time.Duration {
	wait := firstRetry
	for i := 1; i < attempts && wait < lastRetry; i++ {
		wait *= 2
	}
	return min(wait, lastRetry)
}
