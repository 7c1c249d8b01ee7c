package limit

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Most is how many buckets are kept. Past it the one that was used longest ago is forgotten, which gives its owner a
// full one: forgetting never locks anybody out. A bucket takes about 200 bytes.
const Most = 1 << 16

// Buckets is a token bucket for each key. It is safe for concurrent use; nil takes everything.
type Buckets struct {
	rate Rate
	most int

	mu   sync.Mutex
	all  map[string]*list.Element
	used *list.List // of *bucket, the latest first
}

type bucket struct {
	key   string
	limit *rate.Limiter
}

// NewBuckets makes buckets of one rate, most of them at the most. A rate that takes all gives nil.
func NewBuckets(r Rate, most int) *Buckets {
	if r.Unlimited() {
		return nil
	}
	return &Buckets{rate: r, most: most, all: make(map[string]*list.Element), used: list.New()}
}

// Take spends one token of key's bucket. When there is none it spends nothing and says how long until there is one.
func (b *Buckets) Take(key string, now time.Time) (wait time.Duration, ok bool) {
	return b.ask(key, 1, now, true)
}

// TakeN spends n tokens of key's bucket, of a bucket that holds fewer all of them. When there are not so many it spends
// nothing and returns how long until there are.
func (b *Buckets) TakeN(key string, n int, now time.Time) (wait time.Duration, ok bool) {
	return b.ask(key, n, now, true)
}

// Room returns Take without spending.
func (b *Buckets) Room(key string, now time.Time) (wait time.Duration, ok bool) {
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
		return 0, true // a bucket that nobody has taken from is full
	default:
		at = b.used.PushFront(&bucket{key, b.rate.bucket()})
		b.all[key] = at
		if b.used.Len() > b.most {
			last := b.used.Back()
			b.used.Remove(last)
			delete(b.all, last.Value.(*bucket).key) //nolint:errcheck,forcetypeassert // only buckets are in the list
		}
	}
	limit := at.Value.(*bucket).limit //nolint:errcheck,forcetypeassert // as above
	n = min(n, b.rate.Burst)
	if missing := float64(n) - limit.TokensAt(now); missing > 0 {
		return time.Duration(missing / b.rate.PerSecond * float64(time.Second)), false
	}
	return 0, !spend || limit.AllowN(now, n)
}

// Len returns how many buckets are kept.
func (b *Buckets) Len() int {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used.Len()
}
