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
	return &system{waiting: make(chan struct{}, 1), closing: make(chan struct{}), maxAPDU: map[string]int{}}
}

// system has one context of PC/SC for Wait, and one for every Link: pcsc-lite locks a context while it waits.
type system struct {
	waiting chan struct{}  // holds one token while Wait runs; guards watch and notify
	watch   *scard.Context // nil until needed, and after an error
	notify  scard.StateFlag

	closing   chan struct{} // closed by Close
	closeOnce sync.Once

	mu      sync.Mutex
	maxAPDU map[string]int // by reader: asking costs two round trips, which count where the service is forwarded over ssh
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

// Close implements cardreader.System. Links stay open until they are closed themselves.
func (s *system) Close() error {
	s.closeOnce.Do(func() { close(s.closing) })
	s.waiting <- struct{}{} // a Wait in progress sees closing and ends
	defer func() { <-s.waiting }()
	s.dropWatch()
	return nil
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
				_ = o.link.Close(cardreader.Leave)
			}
		}()
		return nil, &cardreader.Error{Kind: cardreader.Busy, Err: ctx.Err()}
	}
}
