package play

import (
	"fmt"
	"sync"
	"time"

	"wardlight/internal/lab/scenario"
)

// clock is that of a world: the computer's until a date is set, and then in the minute that begins there, which does
// not end (scenario.Minute). Its methods may be called from any goroutine.
type clock struct {
	mu   sync.Mutex
	from time.Time // that was set; zero for the computer's time
	now  func() time.Time

	asked   chan struct{} // a program has asked for the time
	stopped time.Time     // the time while the clock is moved by hand; zero while it runs
	behind  time.Duration // how far it is behind now, since it was moved by hand
}

func newClock(begins time.Time) *clock {
	c := &clock{now: time.Now, asked: make(chan struct{}, 1)}
	if !begins.IsZero() {
		c.from, c.now = begins, scenario.Minute(begins, time.Now)
	}
	return c
}

// Now returns the time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped.IsZero() {
		return c.stopped
	}
	return c.now().Add(-c.behind)
}

// tell returns the time to a program that asks for it.
func (c *clock) tell() time.Time {
	select {
	case c.asked <- struct{}{}:
	default:
	}
	return c.Now()
}

// stop stops the clock, so that move moves it, until start is called.
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

// move moves the stopped clock on.
func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = c.stopped.Add(d)
}

// set sets the time on. To set it to where it was set before changes nothing; to set it back is an error, because the
// hub's records would be of a time to come.
func (c *clock) set(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch now := c.now().Add(-c.behind); {
	case at.Equal(c.from):
		return nil
	case at.Before(now):
		return fmt.Errorf("time goes on only: it is %s already; a date in the past has to be the first step", now.In(at.Location()).Format("2006-01-02 15:04"))
	}
	c.from, c.now, c.behind = at, scenario.Minute(at, time.Now), 0
	return nil
}
