package national

import (
	"sync"
	"time"
)

// Limits of the circuit.
const (
	maxFailures = 5                // failures in a row after which the circuit opens
	openTime    = 10 * time.Second // time without requests until one is sent as a trial
)

// circuit stops requests to a service that doesn't answer, so that callers need not wait for it. After maxFailures
// failures in a row it opens: requests fail at once. After openTime one request is sent as a trial. Its result closes
// the circuit or opens it for another openTime.
type circuit struct {
	mu       sync.Mutex
	failures int       // in a row
	since    time.Time // the first of them
	next     time.Time // the next trial; zero while the circuit is closed
}

// allow reports whether a request may be sent now. If not, it returns since when the service has been down, and the
// time until the next trial.
func (c *circuit) allow(now time.Time) (since time.Time, wait time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next.IsZero() {
		return time.Time{}, 0, true
	}
	if wait := c.next.Sub(now); wait > 0 {
		return c.since, wait, false
	}
	c.next = now.Add(openTime) // other requests wait for the result of this one
	return time.Time{}, 0, true
}

// failed records a request without an answer, and returns since when there has been none.
func (c *circuit) failed(now time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures == 0 {
		c.since = now
	}
	if c.failures++; c.failures >= maxFailures {
		c.next = now.Add(openTime)
	}
	return c.since
}

// answered records an answer, which closes the circuit.
func (c *circuit) answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures, c.since, c.next = 0, time.Time{}, time.Time{}
}
