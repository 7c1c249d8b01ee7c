package demo

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"wardlight/cardreader"
	"wardlight/cardreader/pcsc"
	"wardlight/cardreader/virtual"
)

// A slot is a reader into which the demo inserts cards.
type slot interface {
	system() cardreader.System
	// name returns the reader's name for display.
	name() string
	put(ctx context.Context, card *virtual.Card) error
	pull()
	close() error
}

// inProcess is a reader inside the demo's process, which other programs can't see.
type inProcess struct{ reader *virtual.Reader }

func newInProcess() *inProcess { return &inProcess{reader: virtual.NewReader("")} }

func (s *inProcess) system() cardreader.System { return s.reader }

func (s *inProcess) name() string { return s.reader.Name() }

func (s *inProcess) put(_ context.Context, card *virtual.Card) error {
	s.reader.Insert(card)
	return nil
}

func (s *inProcess) pull() { s.reader.Eject() }

func (s *inProcess) close() error { return s.reader.Close() }

// Plug inserts a card into a reader. The card stays inserted until pull is called; pull returns once it is removed.
type Plug func(ctx context.Context, card *virtual.Card) (pull func(), err error)

// realService is the virtual reader of the computer's own smartcard service. Every program can read the card in it, as
// with a plastic card.
type realService struct {
	where string
	sys   cardreader.System
	plug  Plug

	mu  sync.Mutex
	out func() // removes the inserted card; nil if there is none
}

// newRealService checks that a smartcard service is running. Whether the service has a virtual reader is only found
// out by the first put. The error is a *NoReaderError.
func newRealService(ctx context.Context, where string, plug Plug) (*realService, error) {
	s := &realService{where: where, sys: pcsc.New(), plug: plug}
	// Where pcscd is started by socket activation, vpcd listens only after this call.
	if _, err := s.sys.Wait(ctx, nil, 0); err != nil {
		return nil, errors.Join(&NoReaderError{Where: where, Err: err}, s.sys.Close())
	}
	return s, nil
}

func (s *realService) system() cardreader.System { return s.sys }

func (s *realService) name() string { return "vpcd at " + s.where }

func (s *realService) put(ctx context.Context, card *virtual.Card) error {
	s.pull()
	out, err := s.plug(ctx, card)
	if err != nil {
		return &NoReaderError{Where: s.where, Err: err}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = out
	return nil
}

func (s *realService) pull() {
	s.mu.Lock()
	out := s.out
	s.out = nil
	s.mu.Unlock()
	if out != nil {
		out()
	}
}

func (s *realService) close() error {
	s.pull()
	return s.sys.Close()
}

// NoReaderError is returned if this computer has no smartcard service with a virtual reader.
type NoReaderError struct {
	Where string // host:port of vpcd
	Err   error
}

// Error returns the cause and which packages to install.
func (e *NoReaderError) Error() string {
	return fmt.Sprintf("no virtual smartcard reader answers at %s (%v): install pcscd and vsmartcard-vpcd (apt "+
		"install pcscd vsmartcard-vpcd) "+
		"and restart pcscd, or leave --reader pcsc out", e.Where, e.Err)
}

// Unwrap returns the cause.
func (e *NoReaderError) Unwrap() error { return e.Err }
