//go:build cgo || windows

package pcsc

import (
	"context"
	"errors"
	"sync"

	"github.com/ebfe/scard"

	"wardlight/cardreader"
)

// New returns the System of this computer's smartcard service. It connects to the service at the first Wait or
// Connect, and again after the service was lost. If the service is down, these calls return an error.
func New() cardreader.System {
	return &system{
		waiting: make(chan struct{}, 1), closing: make(chan struct{}), ending: map[*link]chan struct{}{},
		readers: map[string]features{},
	}
}

// system uses a separate context for each call that waits.
type system struct {
	waiting chan struct{} // semaphore held during Wait; guards notify
	notify  scard.StateFlag

	contexts contextPool
	closing  chan struct{} // closed by Close

	mu      sync.Mutex
	closed  bool
	ending  map[*link]chan struct{} // transactions of closed links that are ending; closed when they have ended
	readers map[string]features     // by name, because reading them costs two round trips
}

// failed returns the error for the result of a scard call, or nil for nil.
func failed(call string, err error) error {
	if err == nil {
		return nil
	}
	this := thisHost()
	return this.withAdvice(explainUnreachable(this, call, errorOf(call, resultOf(err))))
}

// resultOf returns the PC/SC result in an error of scard, or 0 for any other error.
func resultOf(err error) uint32 {
	var result scard.Error
	if errors.As(err, &result) {
		return uint32(result)
	}
	return 0
}

// Close implements cardreader.System. It waits until the transactions of closed links have ended. Remaining resources
// are released in the background, since they don't affect other programs. Links stay open until they are closed.
func (s *system) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	s.waiting <- struct{}{} // waits for a Wait in progress, which ends because closing is closed
	defer func() { <-s.waiting }()
	s.contexts.close()
	ctx, cancel := context.WithTimeout(context.Background(), transmitTimeout)
	defer cancel()
	s.awaitEnds(ctx, "")
	return nil
}

// trackEnding records that the link's transaction is ending. over must be called when it has ended.
func (s *system) trackEnding(l *link) (over func()) {
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

// awaitEnds waits until no closed link to the reader has a transaction, or ctx is done. "" means any reader.
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

// inUseError returns an error of kind Shared that names the programs that may be using the card.
func inUseError(err error, programs []string) error {
	var e *cardreader.Error
	if !errors.As(err, &e) {
		return err
	}
	named := *e
	named.Detail = cardreader.InUseError(cardreader.InUse, programs).Detail
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
			err = inUseError(err, cardreader.OtherPrograms(s))
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
		go func() { // another program uses the card: release it when the call returns
			if o := <-done; o.err == nil {
				o.link.Close(cardreader.Leave)
			}
		}()
		return nil, &cardreader.Error{Kind: cardreader.Busy, Err: ctx.Err()}
	}
}
