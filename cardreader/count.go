package cardreader

import (
	"context"
	"sync/atomic"
)

// Counter counts exchanges with cards: one command APDU and its response each. It may be read while cards are used.
// The zero value counts from none.
type Counter struct{ n atomic.Int64 }

// Exchanges returns how many commands were sent since the start, or since the last Restart.
func (c *Counter) Exchanges() int { return int(c.n.Load()) }

// Restart sets the count to none and returns what it was.
func (c *Counter) Restart() int { return int(c.n.Swap(0)) }

// Counted returns sys, counting the commands of all its links.
func Counted(sys System, counter *Counter) System { return &counted{sys, counter} }

type counted struct {
	System
	counter *Counter
}

// Others implements Namer.
func (s *counted) Others() []string { return OthersOf(s.System) }

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
