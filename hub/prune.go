package hub

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"wardlight/hub/store"
)

const (
	// pruneEvery is the time between two runs of [pruner.look].
	pruneEvery = time.Minute
	// pruneReadings is how many consecutive readings of the clock must agree that something has expired. Together they
	// take longer than a proof is valid.
	pruneReadings = 10
	// clockStep is the difference between two clocks, or between two readings, that has no effect.
	clockStep = 5 * time.Minute
)

// pruner deletes expired data, and makes sure that a deleted proof is never accepted again, even if the clock is
// changed.
//
// A clock that is ahead for a short time deletes nothing, because the earliest of the last readings counts, and the
// machine's monotonic timer separates the readings. If the clock was ahead for longer, proofs have been deleted that
// become valid again later. When the clock is set back, or the hub starts, pruner therefore ends the sessions whose
// last use is in the future, so that no such proof belongs to a session.
type pruner struct {
	store     store.Sessions
	clock     func() time.Time
	after     func(time.Duration) <-chan time.Time
	log       *slog.Logger
	retention store.Retention
	readings  []time.Time // the latest pruneReadings readings
}

// run calls look every minute until ctx ends.
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

// look reads the clock and deletes what has expired by all of the last readings.
func (p *pruner) look(ctx context.Context) {
	now := p.clock()
	if n := len(p.readings); n == 0 || now.Before(p.readings[n-1].Add(-clockStep)) {
		p.setBack(ctx, now)
	}
	if p.readings = append(p.readings, now); len(p.readings) < pruneReadings {
		return
	}
	p.readings = p.readings[len(p.readings)-pruneReadings:]
	if err := p.store.Prune(ctx, slices.MinFunc(p.readings, time.Time.Compare), p.retention); err != nil &&
		ctx.Err() == nil {
		p.log.ErrorContext(ctx, "Expired data could not be deleted.", "error", err)
	}
}

// setBack ends the sessions whose last use is in the future.
func (p *pruner) setBack(ctx context.Context, now time.Time) {
	switch n, err := p.store.EndSessionsSeenAfter(ctx, now.Add(clockStep), now); {
	case err != nil && ctx.Err() == nil:
		p.log.ErrorContext(ctx, "ALARM: sessions with times in the future, from a clock that was ahead, could not "+
			"be ended.", "error", err)
	case n > 0:
		p.log.ErrorContext(ctx, "ALARM: the clock was ahead and has been set back; sessions that were used in that "+
			"time were ended.", "sessions", n)
	}
}
