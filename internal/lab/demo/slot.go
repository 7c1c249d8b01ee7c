package demo

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"

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

// realService is the virtual reader of the computer's own smartcard service: a card that is put in there can be read by
// every program, as a plastic one can.
type realService struct {
	address string
	sys     cardreader.System
	log     *slog.Logger

	mu   sync.Mutex
	stop func() // pulls the card that is in and waits for it; nil without one
}

// newRealService makes sure that a service is there; whether it has a virtual reader, the first put tells. The error is
// *NoReaderError.
func newRealService(ctx context.Context, address string, log *slog.Logger) (*realService, error) {
	s := &realService{address: address, sys: pcsc.New(), log: log}
	// pcscd is started by whoever asks first; only then does vpcd listen.
	if _, err := s.sys.Wait(ctx, nil, 0); err != nil {
		_ = s.sys.Close()
		return nil, &NoReaderError{Address: address, Err: err}
	}
	return s, nil
}

func (s *realService) system() cardreader.System { return s.sys }

func (s *realService) name() string { return "vpcd at " + s.address }

// put keeps the connection to vpcd for as long as the card is in: that is what being in means.
func (s *realService) put(ctx context.Context, card *virtual.Card) error {
	s.pull()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return &NoReaderError{Address: s.address, Err: err}
	}
	plugged, cancel := context.WithCancel(context.WithoutCancel(ctx))
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if err := virtual.Plug(plugged, conn, card); err != nil {
			s.log.Error("virtual card", "err", err)
		}
	}()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop = func() {
		cancel()
		<-gone
	}
	return nil
}

func (s *realService) pull() {
	s.mu.Lock()
	stop := s.stop
	s.stop = nil
	s.mu.Unlock()
	if stop != nil {
		stop()
	}
}

func (s *realService) close() error {
	s.pull()
	return s.sys.Close()
}

// NoReaderError is given when this computer has no smartcard service with a virtual reader.
type NoReaderError struct {
	Address string
	Err     error
}

// Error says what to install.
func (e *NoReaderError) Error() string {
	return fmt.Sprintf("no virtual smartcard reader answers at %s (%v); install pcscd and vpcd and start them "+
		"(Debian, Ubuntu: apt install pcscd vsmartcard-vpcd; systemctl restart pcscd), or use --reader virtual", e.Address, e.Err)
}

// Unwrap gives the cause.
func (e *NoReaderError) Unwrap() error { return e.Err }
