package hub

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"wardlight/hub/store"
)

const (
	// pruneEvery is how often what has lapsed is forgotten.
	pruneEvery = time.Minute
	// pruneReadings is how many readings of the clock, pruneEvery apart, have to agree that something has lapsed. That is
	// longer than any proof is valid.
	pruneReadings = 10
	// clockStep is how far the clock may be set back, and hubs of one store may differ, without any consequence.
	clockStep = 5 * time.Minute
)

// pruner forgets what has lapsed, so that nothing which served once serves again, whatever is done to the clock.
//
// A clock that is ahead for a moment forgets nothing: the earliest of the last readings counts, and these are apart by
// the machine's own time. A clock that was ahead for longer has forgotten proofs that become fresh again later. When it
// is set back, or the hub is started, the sessions that were used in what is now the future end, so that no such proof
// has a session.
type pruner struct {
	store    store.Sessions
	clock    func() time.Time
	after    func(time.Duration) <-chan time.Time
	log      *slog.Logger
	keep     store.Retention
	readings []time.Time // the last ones, pruneReadings at most
}

// run looks at the clock every minute until ctx ends.
func (p *pruner) run(ctx context.Context) {
	for {
		p.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-p.after(pruneEvery):
		}
	}
}

// look reads the clock and forgets what has lapsed by the last readings.
func (p *pruner) look(ctx context.Context) {
	now := p.clock()
	if n := len(p.readings); n == 0 || now.Before(p.readings[n-1].Add(-clockStep)) {
		p.setBack(ctx, now)
	}
	if p.readings = append(p.readings, now); len(p.readings) < pruneReadings {
		return
	}
	p.readings = p.readings[len(p.readings)-pruneReadings:]
	if err := p.store.Prune(ctx, slices.MinFunc(p.readings, time.Time.Compare), p.keep); err != nil && ctx.Err() == nil {
		p.log.ErrorContext(ctx, "What has lapsed could not be forgotten.", "error", err)
	}
}

// setBack ends the sessions that were used in the future.
func (p *pruner) setBack(ctx context.Context, now time.Time) {
	switch n, err := p.store.EndSessionsSeenAfter(ctx, now.Add(clockStep), now); {
	case err != nil && ctx.Err() == nil:
		p.log.ErrorContext(ctx, "ALARM: the sessions of a clock that was ahead could not be ended.", "error", err)
	case n > 0:
		p.log.ErrorContext(ctx, "ALARM: the clock was ahead and has been set back; the sessions that were used meanwhile were ended.", "sessions", n)
	}
}
