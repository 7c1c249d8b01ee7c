package play

import (
	"fmt"
	"sync"
	"time"

	"wardlight/internal/lab/scenario"
)

// clock is that of a world: the computer's until a date is set, and then in the minute that begins there, which does not end
// (scenario.Minute). Its methods may be called from any goroutine.
type clock struct {
	mu   sync.Mutex
	from time.Time // that was set; zero for the computer's time
	now  func() time.Time
}

func newClock(begins time.Time) *clock {
	c := &clock{now: time.Now}
	if !begins.IsZero() {
		c.from, c.now = begins, scenario.Minute(begins, time.Now)
	}
	return c
}

// Now returns the time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

// set sets the time on. To set it to where it was set before changes nothing; to set it back is an error, because the hub's records would
// be of a time to come.
func (c *clock) set(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch now := c.now(); {
	case at.Equal(c.from):
		return nil
	case at.Before(now):
		return fmt.Errorf("time goes on only: it is %s already; a date in the past has to be the first step", now.In(at.Location()).Format("2006-01-02 15:04"))
	}
	c.from, c.now = at, scenario.Minute(at, time.Now)
	return nil
}
