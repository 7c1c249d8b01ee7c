//go:build cgo || windows

package pcsc

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/ebfe/scard"

	"wardlight/cardreader"
)

// link is an open card in a transaction.
type link struct {
	system  *system
	reader  string
	context *scard.Context
	card    *scard.Card
	atr     []byte
	can     features

	insertion uint32
	again     bool // connected again after the look at the reader

	mu     sync.Mutex
	closed bool
	busy   chan struct{} // closed when the last Transmit has come back from PC/SC; nil before the first
	hung   bool          // a Transmit did not come back in time
}

// open connects to the card and begins a transaction. It may block for as long as another program holds one. The service
// may have been started anew since an idle context was established: then a new one is tried.
func (s *system) open(ctx context.Context, reader string) (*link, error) {
	s.awaitEnds(ctx, reader) // pcscd lets a program that comes too early wait for 0.1 s
	for {
		c, idle, err := s.contexts.get()
		if err != nil {
			return nil, err
		}
		l, err := s.openIn(ctx, c, reader)
		kind := cardreader.KindOf(err)
		if err == nil || !idle || kind != cardreader.ServiceDown && kind != cardreader.Internal {
			return l, err
		}
		s.contexts.drop()
	}
}

// openIn is open in a context, which is the link's from then on, or released.
func (s *system) openIn(ctx context.Context, c *scard.Context, reader string) (*link, error) {
	l := &link{system: s, reader: reader, context: c}
	var err error
	if l.card, err = connectPowered(ctx, c, reader); err != nil {
		_ = c.Release()
		return nil, err
	}
	looked := make(chan cardreader.Reader, 1)
	go func() { looked <- s.lookAt(reader) }() // after the connection: a card that is swapped later ends that
	err = s.begin(l, reader)
	if err == nil {
		err = l.know(<-looked)
	}
	if err != nil {
		_ = l.card.Disconnect(scard.LeaveCard)
		_ = c.Release()
		return nil, err
	}
	return l, nil
}

// know takes from a look at the reader what the card is. Where there is none the card is asked, which does not say how
// often cards went in and out.
func (l *link) know(r cardreader.Reader) error {
	if l.atr = r.ATR; len(l.atr) > 0 {
		if r.Events != 0 && !l.again {
			l.insertion = uint32(l.system.contexts.service())<<16 | uint32(r.Events)
		}
		return nil
	}
	status, err := l.card.Status()
	if err != nil {
		_ = l.card.EndTransaction(scard.LeaveCard)
		return failed("SCardStatus", err)
	}
	l.atr = status.Atr
	return nil
}

// connectPowered connects, and waits for the power of a card that another program switched off a moment ago.
func connectPowered(ctx context.Context, c *scard.Context, reader string) (*scard.Card, error) {
	ctx, cancel := context.WithTimeout(ctx, unpoweredFor)
	defer cancel()
	for {
		card, err := c.Connect(reader, scard.ShareShared, scard.ProtocolAny)
		if err == nil {
			return card, nil
		}
		e := failed("SCardConnect", err)
		if cardreader.KindOf(e) != cardreader.Unpowered {
			return nil, e
		}
		if pause(ctx, nil, unpoweredEvery); ctx.Err() != nil {
			return nil, &cardreader.Error{Kind: cardreader.Mute, PCSC: resultUnpowered, Err: e}
		}
	}
}

// begin takes the transaction and learns how long an APDU the reader passes on.
func (s *system) begin(l *link, reader string) error {
	err := l.card.BeginTransaction()
	for tries := 0; resultOf(err) == resultReset && tries < 2; tries++ {
		l.again = true
		if err = l.card.Reconnect(scard.ShareShared, scard.ProtocolAny, scard.LeaveCard); err == nil {
			err = l.card.BeginTransaction()
		}
	}
	if err != nil {
		return failed("SCardBeginTransaction", err)
	}
	switch l.card.ActiveProtocol() {
	case scard.ProtocolT0, scard.ProtocolT1:
		l.can = s.featuresOf(l.card, reader)
	default: // scard panics at the first command
		_ = l.card.EndTransaction(scard.LeaveCard)
		return errorOf("SCardConnect", 0x8010000F)
	}
	return nil
}

// features are what a reader can do besides passing commands on.
type features struct {
	maxAPDU      int    // how long an APDU it passes on; 0 when it does not say
	verifyDirect uint32 // the control code of FEATURE_VERIFY_PIN_DIRECT; 0 for a reader without keys
}

// featuresOf asks the reader, once.
func (s *system) featuresOf(card *scard.Card, reader string) features {
	s.mu.Lock()
	can, known := s.readers[reader]
	s.mu.Unlock()
	if known {
		return can
	}
	if all, err := card.Control(scard.CtlCode(getFeatureRequest), nil); err == nil {
		can.verifyDirect, _ = featureCode(all, featureVerifyDirect)
		if code, found := featureCode(all, featureTLVProperties); found {
			if properties, err := card.Control(code, nil); err == nil {
				can.maxAPDU = maxAPDUData(properties)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readers[reader] = can
	return can
}

// Transmit implements cardreader.Link.
func (l *link) Transmit(command []byte) ([]byte, error) {
	encode := slices.Clone[[]byte]
	if l.card.ActiveProtocol() == scard.ProtocolT0 {
		encode = tpduT0
	}
	return l.exchange("SCardTransmit", transmitFor, encode(command), l.card.Transmit)
}

// exchange has PC/SC send what was encoded, which it clears, and returns the card's response.
func (l *link) exchange(call string, limit time.Duration, encoded []byte, send func([]byte) ([]byte, error)) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed || len(encoded) < 4:
		return nil, &cardreader.Error{Kind: cardreader.Internal}
	case l.hung:
		return nil, &cardreader.Error{Kind: cardreader.NotResponding}
	}
	var response []byte
	var err error
	done := make(chan struct{})
	l.busy = done
	go func() {
		defer close(done)
		response, err = send(encoded) // C may go on reading it after the time is up
		clear(encoded)
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		l.hung = true
		return nil, &cardreader.Error{Kind: cardreader.NotResponding}
	}
	switch {
	case resultOf(err) == resultNotTransacted && l.wasRemoved():
		return nil, errorOf(call, resultRemoved)
	case err != nil:
		return nil, failed(call, err)
	case len(response) < 2: // a card pulled in mid-command
		return nil, errorOf(call, resultRemoved)
	}
	return slices.Clone(response), nil // scard's slice holds on to 64 KiB
}

// wasRemoved tells a pulled card from trouble on the wire, for which PC/SC has the same result at first.
func (l *link) wasRemoved() bool {
	ctx, cancel := context.WithTimeout(context.Background(), removalFor)
	defer cancel()
	for ctx.Err() == nil {
		if _, err := l.card.Status(); err != nil {
			kind := kinds[resultOf(err)]
			return kind == cardreader.Removed || kind == cardreader.NoCard || kind == cardreader.NoReader
		}
		pause(ctx, nil, removalEvery)
	}
	return false
}

// ATR implements cardreader.Link.
func (l *link) ATR() []byte { return slices.Clone(l.atr) }

// MaxAPDU implements cardreader.Link.
func (l *link) MaxAPDU() int {
	if l.card.ActiveProtocol() == scard.ProtocolT0 {
		return 0 // extended lengths would need ENVELOPE commands: short ones serve
	}
	return l.can.maxAPDU
}

// Keypad implements cardreader.Link.
func (l *link) Keypad() bool { return l.can.verifyDirect != 0 }

// VerifyTyped implements cardreader.Link.
func (l *link) VerifyTyped(command []byte) ([]byte, error) {
	if !l.Keypad() {
		return nil, &cardreader.Error{Kind: cardreader.Internal}
	}
	response, err := l.exchange("SCardControl", typingFor, verifyStructure(command), func(structure []byte) ([]byte, error) {
		return l.card.Control(l.can.verifyDirect, structure)
	})
	if err == nil {
		err = notTyped(response)
	}
	return response, err
}

// Insertion implements cardreader.Link: the count of the service.
func (l *link) Insertion() uint32 { return l.insertion }

// Close implements cardreader.Link. A card that hangs is let go of when it comes back, or is pulled.
func (l *link) Close(after cardreader.Disposition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	if l.hung {
		go func() {
			<-l.busy
			_ = l.end(after)
			_ = l.card.Disconnect(scard.LeaveCard)
			_ = l.context.Release()
		}()
		return
	}
	over := l.system.ends(l)
	go func() {
		err := l.end(after)
		over()
		if err = errors.Join(err, l.card.Disconnect(scard.LeaveCard)); err != nil {
			_ = l.context.Release()
			return
		}
		l.system.contexts.give(l.context)
	}()
}

// end ends the transaction, with a reset of the card where after says so: no other program gets it in between.
func (l *link) end(after cardreader.Disposition) error {
	if after == cardreader.Reset {
		return l.card.EndTransaction(scard.ResetCard)
	}
	return l.card.EndTransaction(scard.LeaveCard)
}
