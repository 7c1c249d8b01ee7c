//go:build cgo || windows

package pcsc

import (
	"context"
	"errors"
	"sync"

	"github.com/ebfe/scard"

	"wardlight/cardreader"
)

// New makes the System of this computer's smartcard service. It reaches for the service at the first Wait or Connect,
// and again after it was lost; a service that is down is an error of those, not of New.
func New() cardreader.System {
	return &system{waiting: make(chan struct{}, 1), closing: make(chan struct{}), ending: map[*link]chan struct{}{}, readers: map[string]features{}}
}

// system reaches the service by contexts of its own for each thing that waits.
type system struct {
	waiting chan struct{} // holds one token while Wait runs; guards notify
	notify  scard.StateFlag

	contexts contexts
	closing  chan struct{} // closed by Close

	mu      sync.Mutex
	closed  bool
	ending  map[*link]chan struct{} // links that were closed and whose transactions go on; closed with the transaction
	readers map[string]features     // by name: asking costs two round trips
}

// failed returns the error for what a call of scard returned; nil for nil.
func failed(call string, err error) error {
	if err == nil {
		return nil
	}
	this := thisHost()
	return this.advised(unreachable(this, call, errorOf(call, resultOf(err))))
}

// resultOf returns the PC/SC result in an error of scard, 0 in any other.
func resultOf(err error) uint32 {
	var result scard.Error
	if errors.As(err, &result) {
		return uint32(result)
	}
	return 0
}

// Close implements cardreader.System. It waits until the cards of the links that were closed are free; what is left to let go
// of is no other program's business. Links stay open until they are closed themselves.
func (s *system) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	s.waiting <- struct{}{} // a Wait in progress sees closing and ends
	defer func() { <-s.waiting }()
	s.contexts.close()
	ctx, cancel := context.WithTimeout(context.Background(), transmitFor)
	defer cancel()
	s.awaitEnds(ctx, "")
	return nil
}

// ends keeps that the link's transaction is being ended; the returned function says that it is over.
func (s *system) ends(l *link) (over func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done := make(chan struct{})
	s.ending[l] = done
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.ending, l)
		close(done)
	}
}

// awaitEnds waits until no transaction of a closed link to the reader goes on, or ctx ends; "" is any reader.
func (s *system) awaitEnds(ctx context.Context, reader string) {
	s.mu.Lock()
	var ending []chan struct{}
	for l, done := range s.ending {
		if reader == "" || l.reader == reader {
			ending = append(ending, done)
		}
	}
	s.mu.Unlock()
	for _, done := range ending {
		select {
		case <-done:
		case <-ctx.Done():
			return
		}
	}
}

// namedHolder returns an error of kind InUse with the programs that may hold the card.
func namedHolder(err error, programs []string) error {
	var e *cardreader.Error
	if !errors.As(err, &e) {
		return err
	}
	named := *e
	named.Detail = cardreader.HeldBy(cardreader.InUse, programs).Detail
	return &named
}

// Connect implements cardreader.System.
func (s *system) Connect(ctx context.Context, reader string) (cardreader.Link, error) {
	type outcome struct {
		link *link
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		l, err := s.open(ctx, reader)
		if cardreader.KindOf(err) == cardreader.InUse {
			err = namedHolder(err, cardreader.OthersOf(s))
		}
		done <- outcome{l, err}
	}()
	select {
	case o := <-done:
		if o.err != nil {
			return nil, o.err
		}
		return o.link, nil
	case <-ctx.Done():
		go func() { // another program holds the card: let go of it when it comes
			if o := <-done; o.err == nil {
				o.link.Close(cardreader.Leave)
			}
		}()
		return nil, &cardreader.Error{Kind: cardreader.Busy, Err: ctx.Err()}
	}
}
