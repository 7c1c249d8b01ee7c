package identity

import (
	"crypto/sha256"
	"sync"
	"time"

	"wardlight/hub/store"
)

// Limits of the cache of callers. A caller takes one or two kilobytes.
const (
	MaxCallers = 1 << 13
	CallersAge = time.Minute
)

// Callers caches sessions with their persons, so that most requests read neither. A cached caller may be outdated: a
// request may rely on it only because its commit compares session and person with the ledger. It is safe for
// concurrent use.
type Callers struct {
	half int
	age  time.Duration

	mu           sync.Mutex
	young, older map[tokenKey]known // a full young replaces older, whose callers are dropped
}

// tokenKey is the SHA-256 of an access token.
type tokenKey [sha256.Size]byte

// known is a cached caller.
type known struct {
	session store.Session
	person  store.Person
	read    time.Time
}

// NewCallers returns a cache of at most limit callers, each for at most age.
func NewCallers(limit int, age time.Duration) *Callers {
	return &Callers{half: max(1, limit/2), age: age, young: make(map[tokenKey]known)}
}

// get returns the caller with that token, or false if it isn't cached or too old.
func (c *Callers) get(key tokenKey, now time.Time) (known, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.young[key]
	if !ok {
		k, ok = c.older[key]
	}
	return k, ok && now.Sub(k.read).Abs() <= c.age
}

func (c *Callers) put(key tokenKey, k known) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) >= c.half {
		c.young, c.older = make(map[tokenKey]known), c.young
	}
	c.young[key] = k
}

func (c *Callers) remove(key tokenKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, key)
	delete(c.older, key)
}
