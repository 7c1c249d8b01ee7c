package limit

import (
	"sync"
	"time"
)

// Distinct counts how many different things each key has named within a while, to report the one that makes them too
// many. It is safe for concurrent use; nil counts nothing.
type Distinct struct {
	most  int
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

// mostKeys is how many keys are counted at once. Past it all are forgotten, which only begins their while anew.
const mostKeys = 1 << 12

// NewDistinct returns a counter that reports more than most within a while. A most of 0 gives nil.
func NewDistinct(most int, while time.Duration) *Distinct {
	if most <= 0 {
		return nil
	}
	return &Distinct{most: most, while: while, keys: mostKeys, named: make(map[string]*named)}
}

// Add counts what a key names now. It reports true once in a while, when that makes more than there may be. A while
// begins with the first thing that is named in it.
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
		if len(n.all) <= d.most {
			n.all[thing] = struct{}{}
		}
	}
	if n.reported || len(n.all) <= d.most {
		return false
	}
	n.reported = true
	return true
}
