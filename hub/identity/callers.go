package identity

import (
	"crypto/sha256"
	"sync"
	"time"

	"wardlight/hub/store"
)

// How many callers are remembered, and for how long. A caller takes one or two kilobytes.
const (
	MostCallers = 1 << 13
	CallersAge  = time.Minute
)

// Callers remembers sessions with their people, so that most requests read neither. What it says may be out of date:
// a request rests on it only because its commit holds session and person against the ledger again. It is safe for
// concurrent use.
type Callers struct {
	half int
	age  time.Duration

	mu           sync.Mutex
	young, older map[tokenKey]known // when young is full it becomes older, and what was older is forgotten
}

// tokenKey is the SHA-256 of an access token.
type tokenKey [sha256.Size]byte

// known is a caller as the ledger had them at one time.
type known struct {
	session store.Session
	person  store.Person
	read    time.Time
}

// NewCallers remembers most callers at the most, each for an age.
func NewCallers(most int, age time.Duration) *Callers {
	return &Callers{half: max(1, most/2), age: age, young: make(map[tokenKey]known)}
}

// get returns the caller with that token; false when they are not remembered, or for too long.
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

func (c *Callers) forget(key tokenKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, key)
	delete(c.older, key)
}
