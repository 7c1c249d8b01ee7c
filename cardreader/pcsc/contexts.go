//go:build cgo || windows

package pcsc

import (
	"sync"

	"github.com/ebfe/scard"
)

// maxIdle is how many contexts are kept: one for a Wait, a link's own, and one for its look at the reader.
const maxIdle = 3

// contexts are contexts of PC/SC that nobody uses at the moment. Whatever waits needs one of its own, since pcsc-lite locks
// a context while it waits, and to establish one takes two round trips to the service, which count where its socket is
// forwarded to a far terminal.
type contexts struct {
	mu     sync.Mutex
	idle   []*scard.Context
	lost   uint16 // how often the service was lost
	closed bool
}

// service returns a number of the service that is there, which another one does not have.
func (s *contexts) service() uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// get returns an idle context, or a new one. The service of an idle one may have ended.
func (s *contexts) get() (c *scard.Context, idle bool, err error) {
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

// give makes a context idle, or releases it where there are enough.
func (s *contexts) give(c *scard.Context) {
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

// drop releases all that are idle, in the background: the service was lost.
func (s *contexts) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost++
	for _, c := range s.idle {
		go func() { _ = c.Release() }()
	}
	s.idle = nil
}

// close drops all, and those that are given from then on.
func (s *contexts) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.drop()
}
