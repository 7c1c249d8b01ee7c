package limit

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// MaxBuckets is the maximum number of buckets. Beyond it, the least recently used one is dropped, so that its key has
// a full one again. Dropping never locks anybody out. A bucket takes about 200 bytes.
const MaxBuckets = 1 << 16

// Buckets has a token bucket for each key. It is safe for concurrent use. A nil Buckets has no limit.
type Buckets struct {
	rate Rate
	max  int

	mu   sync.Mutex
	all  map[string]*list.Element
	used *list.List // of *bucket, the latest first
}

type bucket struct {
	key   string
	limit *rate.Limiter
}

// NewBuckets returns at most limit buckets with the same rate. For an unlimited rate it returns nil.
func NewBuckets(r Rate, limit int) *Buckets {
	if r.Unlimited() {
		return nil
	}
	return &Buckets{rate: r, max: limit, all: make(map[string]*list.Element), used: list.New()}
}

// Take removes one token from key's bucket. If there is none, it returns how long to wait for one.
func (b *Buckets) Take(key string, now time.Time) (wait time.Duration, ok bool) {
	return b.ask(key, 1, now, true)
}

// TakeN removes n tokens from key's bucket, or all if it has fewer when full. If there aren't enough, it takes none and
// returns how long to wait for them.
func (b *Buckets) TakeN(key string, n int, now time.Time) (wait time.Duration, ok bool) {
	return b.ask(key, n, now, true)
}

// HasToken returns what Take would return, but takes no token.
func (b *Buckets) HasToken(key string, now time.Time) (wait time.Duration, ok bool) {
	return b.ask(key, 1, now, false)
}

func (b *Buckets) ask(key string, n int, now time.Time, spend bool) (time.Duration, bool) {
	if b == nil {
		return 0, true
	}

	b.mu.Lock()
	defer b.mu.Unlock()
	at, known := b.all[key]
	switch {
	case known:
		b.used.MoveToFront(at)
	case !spend:
		return 0, true // a new bucket is full
	default:
		at = b.used.PushFront(&bucket{key, b.rate.bucket()})
		b.all[key] = at
		if b.used.Len() > b.max {
			last := b.used.Back()
			b.used.Remove(last)
			delete(b.all, last.Value.(*bucket).key) //nolint:errcheck,forcetypeassert // the list has no other type
		}
	}

	limit := at.Value.(*bucket).limit //nolint:errcheck,forcetypeassert // as above
	n = min(n, b.rate.Burst)
	if missing := float64(n) - limit.TokensAt(now); missing > 0 {
		return time.Duration(missing / b.rate.PerSecond * float64(time.Second)), false
	}

	return 0, !spend || limit.AllowN(now, n)
}

// Len returns the number of buckets.
func (b *Buckets) Len() int {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used.Len()
}
