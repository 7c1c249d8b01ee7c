package limit

import (
	"sync"
	"time"
)

// Distinct counts the different things of each key within a period, in order to report the one that exceeds the limit.
// It is safe for concurrent use. A nil Distinct counts nothing.
type Distinct struct {
	max   int
	while time.Duration
	keys  int

	mu    sync.Mutex
	named map[string]*named
}

type named struct {
	since    time.Time
	all      map[string]struct{}
	reported bool
}

// maxKeys is the maximum number of keys. Beyond it all are dropped, which only restarts their periods.
const maxKeys = 1 << 12

// NewDistinct returns a counter that reports more than limit things within a period. It returns nil if limit is 0.
func NewDistinct(limit int, while time.Duration) *Distinct {
	if limit <= 0 {
		return nil
	}
	return &Distinct{max: limit, while: while, keys: maxKeys, named: make(map[string]*named)}
}

// Add counts things of a key. It returns true once in a period, when they exceed the limit. A period starts with the
// first thing in it.
func (d *Distinct) Add(key string, things []string, now time.Time) bool {
	if d == nil || len(things) == 0 {
		return false
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.named[key]
	if n == nil || now.Sub(n.since).Abs() >= d.while {
		if n == nil && len(d.named) >= d.keys {
			clear(d.named)
		}
		n = &named{since: now, all: make(map[string]struct{})}
		d.named[key] = n
	}

	for _, thing := range things {
		if len(n.all) <= d.max {
			n.all[thing] = struct{}{}
		}
	}

	if n.reported || len(n.all) <= d.max {
		return false
	}

	n.reported = true
	return true
}

// Max returns the limit, or 0 if there is none.
func (d *Distinct) Max() int {
	if d == nil {
		return 0
	}
	return d.max
}
