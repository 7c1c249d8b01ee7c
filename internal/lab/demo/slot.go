package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/pcsc"
	"wardlight/cardreader/virtual"
)

// slot is a reader that the demo puts cards into.
type slot interface {
	system() cardreader.System
	// name says which reader it is, for people.
	name() string
	put(ctx context.Context, card *virtual.Card) error
	pull()
	close() error
}

// inProcess is a reader inside the demo: no other program sees it.
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

// DefaultVPCD is where vpcd, the virtual reader driver, listens for cards.
const DefaultVPCD = "127.0.0.1:35963"

// Plug puts a card into a reader's slot until pull is called, which returns once the card is out.
type Plug func(ctx context.Context, card *virtual.Card) (pull func(), err error)

// emptyFor is how long the slot must be empty for pcscd to see that a card was exchanged: vpcd looks every 0.4 s.
const emptyFor = 600 * time.Millisecond

// realService is the virtual reader of the computer's own smartcard service: a card that is put in there can be read by
// every program, as a plastic one can.
type realService struct {
	where string
	sys   cardreader.System
	plug  Plug

	mu     sync.Mutex
	out    func()           // pulls the card that is in; nil without one
	pulled <-chan time.Time // gives when the slot has been empty for long enough; nil before the first card
}

// newRealService makes sure that a service is there; whether it has a virtual reader, the first put tells. The error is
// *NoReaderError.
func newRealService(ctx context.Context, where string, plug Plug) (*realService, error) {
	s := &realService{where: where, sys: pcsc.New(), plug: plug}
	// Where pcscd is started by whoever asks first, vpcd listens only after this.
	if _, err := s.sys.Wait(ctx, nil, 0); err != nil {
		return nil, errors.Join(&NoReaderError{Where: where, Err: err}, s.sys.Close())
	}
	return s, nil
}

// dialVPCD plugs cards into vpcd over TCP. The connection lasts for as long as the card is in: that is what being in means.
func dialVPCD(address string, log *slog.Logger) Plug {
	return func(ctx context.Context, card *virtual.Card) (func(), error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		plugged, cancel := context.WithCancel(context.WithoutCancel(ctx))
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			if err := virtual.Plug(plugged, conn, card); err != nil {
				log.Error("virtual card", "err", err)
			}
		}()
		return func() {
			cancel()
			<-gone
		}, nil
	}
}

func (s *realService) system() cardreader.System { return s.sys }

func (s *realService) name() string { return "vpcd at " + s.where }

func (s *realService) put(ctx context.Context, card *virtual.Card) error {
	s.pull()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pulled != nil {
		select {
		case <-s.pulled:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.pulled = nil
	}
	out, err := s.plug(ctx, card)
	if err != nil {
		return &NoReaderError{Where: s.where, Err: err}
	}
	s.out = out
	return nil
}

func (s *realService) pull() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out == nil {
		return
	}
	s.out()
	s.out, s.pulled = nil, time.After(emptyFor)
}

func (s *realService) close() error {
	s.pull()
	return s.sys.Close()
}

// NoReaderError is given when this computer has no smartcard service with a virtual reader.
type NoReaderError struct {
	Where string // host:port of vpcd
	Err   error
}

// Error says what to install.
func (e *NoReaderError) Error() string {
	return fmt.Sprintf("no virtual smartcard reader answers at %s (%v): install pcscd and vsmartcard-vpcd (apt install pcscd vsmartcard-vpcd) "+
		"and start the service (systemctl restart pcscd), or leave --reader pcsc out", e.Where, e.Err)
}

// Unwrap gives the cause.
func (e *NoReaderError) Unwrap() error { return e.Err }
