package cardreader

import (
	"context"
	"sync/atomic"
)

// Counter counts exchanges with cards. An exchange is one command APDU and its response. It is safe for concurrent
// use. The zero value is ready to use.
type Counter struct{ n atomic.Int64 }

// Exchanges returns how many commands were sent since the start, or since the last Restart.
func (c *Counter) Exchanges() int { return int(c.n.Load()) }

// Restart sets the count to 0 and returns the previous value.
func (c *Counter) Restart() int { return int(c.n.Swap(0)) }

// Counted returns a System like sys that counts the commands of all its links.
func Counted(sys System, counter *Counter) System { return &counted{sys, counter} }

type counted struct {
	System
	counter *Counter
}

// OtherPrograms implements ProgramLister.
func (s *counted) OtherPrograms() []string { return OtherPrograms(s.System) }

// Connect implements System.
func (s *counted) Connect(ctx context.Context, reader string) (Link, error) {
	link, err := s.System.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	return &countedLink{link, s.counter}, nil
}

type countedLink struct {
	Link
	counter *Counter
}

// VerifyTyped implements Link.
func (l *countedLink) VerifyTyped(command []byte) ([]byte, error) {
	l.counter.n.Add(1)
	return l.Link.VerifyTyped(command)
}

// Transmit implements Link.
func (l *countedLink) Transmit(command []byte) ([]byte, error) {
	l.counter.n.Add(1)
	return l.Link.Transmit(command)
}
