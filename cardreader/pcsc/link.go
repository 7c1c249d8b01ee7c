//go:build cgo || windows

package pcsc

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/ebfe/scard"

	"wardlight/cardreader"
)

// link is an open card in a transaction.
type link struct {
	context *scard.Context
	card    *scard.Card
	atr     []byte
	can     features

	mu     sync.Mutex
	closed bool
	busy   chan struct{} // closed when the last Transmit has come back from PC/SC; nil before the first
	hung   bool          // a Transmit did not come back in time
}

// open connects to the card and begins a transaction. It may block for as long as another program holds one.
func (s *system) open(ctx context.Context, reader string) (*link, error) {
	c, err := scard.EstablishContext()
	if err != nil {
		return nil, failed(establishContext, err)
	}
	l := &link{context: c}
	if l.card, err = connectPowered(ctx, c, reader); err != nil {
		_ = c.Release()
		return nil, err
	}
	if err := s.begin(l, reader); err != nil {
		_ = l.card.Disconnect(scard.LeaveCard)
		_ = c.Release()
		return nil, err
	}
	return l, nil
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

// begin takes the transaction and learns what there is to know of card and reader.
func (s *system) begin(l *link, reader string) error {
	err := l.card.BeginTransaction()
	for tries := 0; resultOf(err) == resultReset && tries < 2; tries++ {
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
	status, err := l.card.Status()
	if err != nil {
		_ = l.card.EndTransaction(scard.LeaveCard)
		return failed("SCardStatus", err)
	}
	l.atr = status.Atr
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
	encoded := slices.Clone(command)
	if l.card.ActiveProtocol() == scard.ProtocolT0 {
		clear(encoded)
		encoded = tpduT0(command)
	}
	return l.exchange("SCardTransmit", transmitFor, encoded, l.card.Transmit)
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

// Close implements cardreader.Link. A card that hangs is let go of when it comes back, or is pulled.
func (l *link) Close(after cardreader.Disposition) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	disposition := scard.LeaveCard
	if after == cardreader.Reset {
		disposition = scard.ResetCard
	}
	done := make(chan error, 1)
	go func() {
		if l.busy != nil {
			<-l.busy
		}
		err := l.card.EndTransaction(disposition) // reset here already: no other program gets the card in between
		if again := l.card.Disconnect(scard.LeaveCard); err == nil {
			err = again
		}
		_ = l.context.Release()
		done <- err
	}()
	if l.hung {
		return &cardreader.Error{Kind: cardreader.NotResponding}
	}
	timer := time.NewTimer(transmitFor)
	defer timer.Stop()
	select {
	case err := <-done:
		return failed("SCardDisconnect", err)
	case <-timer.C:
		return &cardreader.Error{Kind: cardreader.NotResponding}
	}
}
