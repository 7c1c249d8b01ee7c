//go:build cgo || windows

package pcsc

import (
	"sync"

	"github.com/ebfe/scard"
)

// maxIdle is the maximum number of idle contexts: one for a Wait, one for a link, and one for its look at the reader.
const maxIdle = 3

// contextPool is a pool of PC/SC contexts. Every blocking call needs its own context, because pcsc-lite locks a context
// during the call. Establishing a context takes two round trips to the service, which are slow if its socket is
// forwarded to a far terminal.
type contextPool struct {
	mu         sync.Mutex
	idle       []*scard.Context
	generation uint16 // number of times the service was lost
	closed     bool
}

// currentGeneration returns a number that identifies the current instance of the service.
func (s *contextPool) currentGeneration() uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.generation
}

// get returns an idle or a new context, and whether it was idle. The service of an idle context may have ended.
func (s *contextPool) get() (c *scard.Context, idle bool, err error) {
	s.mu.Lock()
	if n := len(s.idle); n > 0 {
		c, s.idle = s.idle[n-1], s.idle[:n-1]
	}
	s.mu.Unlock()
	if c != nil {
		return c, true, nil
	}
	c, err = scard.EstablishContext()
	return c, false, failed(establishContext, err)
}

// put returns a context to the pool, or releases it if the pool is full.
func (s *contextPool) put(c *scard.Context) {
	s.mu.Lock()
	keep := len(s.idle) < maxIdle && !s.closed
	if keep {
		s.idle = append(s.idle, c)
	}
	s.mu.Unlock()
	if !keep {
		_ = c.Release()
	}
}

// releaseIdle releases all idle contexts in the background, after the service was lost.
func (s *contextPool) releaseIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	for _, c := range s.idle {
		go func() { _ = c.Release() }()
	}
	s.idle = nil
}

// close releases all idle contexts, and those that are returned later.
func (s *contextPool) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.releaseIdle()
}
