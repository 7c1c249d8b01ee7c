package play

import (
	"fmt"
	"sync"
	"time"

	"wardlight/internal/lab/scenario"
)

// clock is the clock of a world. Until a date is set it shows the computer's time. Afterwards it stays within the
// minute that begins at the date (scenario.Minute). Its methods are safe for concurrent use.
type clock struct {
	mu   sync.Mutex
	from time.Time // the date that was set; zero for the computer's time
	now  func() time.Time

	requested chan struct{} // receives when a program has requested the time
	stopped   time.Time     // time while the clock is stopped; zero while it runs
	behind    time.Duration // how far it is behind now because it was stopped
}

func newClock(begins time.Time) *clock {
	c := &clock{now: time.Now, requested: make(chan struct{}, 1)}
	if !begins.IsZero() {
		c.from, c.now = begins, scenario.Minute(begins, time.Now)
	}
	return c
}

// Now returns the clock's time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped.IsZero() {
		return c.stopped
	}
	return c.now().Add(-c.behind)
}

// serveTime returns the time to a program, and signals that the program has requested it.
func (c *clock) serveTime() time.Time {
	select {
	case c.requested <- struct{}{}:
	default:
	}
	return c.Now()
}

// stop stops the clock until start is called. Meanwhile move advances it.
func (c *clock) stop() (start func()) {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = now
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.behind, c.stopped = c.now().Sub(c.stopped), time.Time{}
	}
}

// move advances the stopped clock.
func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = c.stopped.Add(d)
}

// set sets the clock to a date. Setting the date that was set before has no effect. Setting the clock back is an
// error, because the hub's records would then be in the future.
func (c *clock) set(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch now := c.now().Add(-c.behind); {
	case at.Equal(c.from):
		return nil
	case at.Before(now):
		return fmt.Errorf("time cannot go back: it is already %s; a date in the past must be the first step",
			now.In(at.Location()).Format("2006-01-02 15:04"))
	}
	c.from, c.now, c.behind = at, scenario.Minute(at, time.Now), 0
	return nil
}
