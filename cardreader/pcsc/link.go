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

// link is a connection to a card, in a transaction.
type link struct {
	system   *system
	reader   string
	context  *scard.Context
	card     *scard.Card
	atr      []byte
	features features

	insertion   uint32
	reconnected bool // connected again after the look at the reader

	mu       sync.Mutex
	closed   bool
	busy     chan struct{} // closed when the last Transmit has returned from PC/SC; nil before the first
	timedOut bool          // a Transmit timed out
}

// open connects to the card and begins a transaction. It blocks while another program has a transaction. If the
// service was restarted after an idle context was established, it tries again with a new context.
func (s *system) open(ctx context.Context, reader string) (*link, error) {
	s.awaitEnds(ctx, reader) // pcscd makes a program that connects too early wait for 0.1 s
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
		s.contexts.releaseIdle()
	}
}

// openIn opens a link with a given context, which it passes to the link or releases.
func (s *system) openIn(ctx context.Context, c *scard.Context, reader string) (*link, error) {
	l := &link{system: s, reader: reader, context: c}
	var err error
	if l.card, err = connectPowered(ctx, c, reader); err != nil {
		_ = c.Release()
		return nil, err
	}
	looked := make(chan cardreader.Reader, 1)
	go func() { looked <- s.lookAt(reader) }() // started after the connection: replacing the card later closes that
	err = s.begin(l, reader)
	if err == nil {
		err = l.identify(<-looked)
	}
	if err != nil {
		_ = l.card.Disconnect(scard.LeaveCard)
		_ = c.Release()
		return nil, err
	}
	return l, nil
}

// identify sets the card's identity from a look at the reader. Without a result it asks the card, which doesn't report
// how often cards were inserted.
func (l *link) identify(r cardreader.Reader) error {
	if l.atr = r.ATR; len(l.atr) > 0 {
		if r.Events != 0 && !l.reconnected {
			l.insertion = uint32(l.system.contexts.currentGeneration())<<16 | uint32(r.Events)
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

// connectPowered connects. If another program has just switched the card off, it waits until the card has power.
func connectPowered(ctx context.Context, c *scard.Context, reader string) (*scard.Card, error) {
	ctx, cancel := context.WithTimeout(ctx, powerTimeout)
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
		if pause(ctx, nil, powerInterval); ctx.Err() != nil {
			return nil, &cardreader.Error{Kind: cardreader.Mute, PCSC: resultUnpowered, Err: e}
		}
	}
}

// begin begins the transaction and reads the maximum APDU length of the reader.
func (s *system) begin(l *link, reader string) error {
	err := l.card.BeginTransaction()
	for tries := 0; resultOf(err) == resultReset && tries < 2; tries++ {
		l.reconnected = true
		if err = l.card.Reconnect(scard.ShareShared, scard.ProtocolAny, scard.LeaveCard); err == nil {
			err = l.card.BeginTransaction()
		}
	}
	if err != nil {
		return failed("SCardBeginTransaction", err)
	}
	switch l.card.ActiveProtocol() {
	case scard.ProtocolT0, scard.ProtocolT1:
		l.features = s.featuresOf(l.card, reader)
	default: // otherwise scard panics at the first command
		_ = l.card.EndTransaction(scard.LeaveCard)
		return errorOf("SCardConnect", 0x8010000F)
	}
	return nil
}

// features are the capabilities of a reader.
type features struct {
	maxAPDU      int    // maximum length of an APDU; 0 if unknown
	verifyDirect uint32 // control code of FEATURE_VERIFY_PIN_DIRECT; 0 for a reader without a keypad
}

// featuresOf returns the features of a reader. It asks each reader once.
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
	return l.exchange("SCardTransmit", transmitTimeout, encode(command), l.card.Transmit)
}

// exchange calls send with the encoded command in a goroutine, clears encoded afterwards, and returns the card's
// response.
func (l *link) exchange(call string, limit time.Duration, encoded []byte,
	send func([]byte) ([]byte, error),
) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed || len(encoded) < 4:
		return nil, &cardreader.Error{Kind: cardreader.Internal}
	case l.timedOut:
		return nil, &cardreader.Error{Kind: cardreader.NotResponding}
	}

	var response []byte
	var err error
	done := make(chan struct{})
	l.busy = done
	go func() {
		defer close(done)
		response, err = send(encoded) // C code may continue to read it after the timeout
		clear(encoded)
	}()

	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		l.timedOut = true
		return nil, &cardreader.Error{Kind: cardreader.NotResponding}
	}

	switch {
	case resultOf(err) == resultNotTransacted && l.wasRemoved():
		return nil, errorOf(call, resultRemoved)
	case err != nil:
		return nil, failed(call, err)
	case len(response) < 2: // the card was removed during the command
		return nil, errorOf(call, resultRemoved)
	}

	return slices.Clone(response), nil // scard's slice retains 64 KiB
}

// wasRemoved distinguishes a removed card from a communication error. PC/SC initially reports both with the same
// result.
func (l *link) wasRemoved() bool {
	ctx, cancel := context.WithTimeout(context.Background(), removalTimeout)
	defer cancel()
	for ctx.Err() == nil {
		if _, err := l.card.Status(); err != nil {
			kind := kinds[resultOf(err)]
			return kind == cardreader.Removed || kind == cardreader.NoCard || kind == cardreader.NoReader
		}
		pause(ctx, nil, removalInterval)
	}
	return false
}

// ATR implements cardreader.Link.
func (l *link) ATR() []byte { return slices.Clone(l.atr) }

// MaxAPDU implements cardreader.Link.
func (l *link) MaxAPDU() int {
	if l.card.ActiveProtocol() == scard.ProtocolT0 {
		return 0 // T=0 needs ENVELOPE commands for extended lengths; short ones suffice
	}
	return l.features.maxAPDU
}

// Keypad implements cardreader.Link.
func (l *link) Keypad() bool { return l.features.verifyDirect != 0 }

// VerifyTyped implements cardreader.Link.
func (l *link) VerifyTyped(command []byte) ([]byte, error) {
	if !l.Keypad() {
		return nil, &cardreader.Error{Kind: cardreader.Internal}
	}
	response, err := l.exchange("SCardControl", typingTimeout, verifyStructure(command),
		func(structure []byte) ([]byte, error) {
			return l.card.Control(l.features.verifyDirect, structure)
		})
	if err == nil {
		err = keypadError(response)
	}
	return response, err
}

// Insertion implements cardreader.Link with the service's event counter.
func (l *link) Insertion() uint32 { return l.insertion }

// Close implements cardreader.Link. If a Transmit hangs, the card is released when it returns or the card is removed.
func (l *link) Close(after cardreader.Disposition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}

	l.closed = true
	if l.timedOut {
		go func() {
			<-l.busy
			_ = l.end(after)
			_ = l.card.Disconnect(scard.LeaveCard)
			_ = l.context.Release()
		}()
		return
	}

	over := l.system.trackEnding(l)
	go func() {
		err := l.end(after)
		over()
		if err = errors.Join(err, l.card.Disconnect(scard.LeaveCard)); err != nil {
			_ = l.context.Release()
			return
		}
		l.system.contexts.put(l.context)
	}()
}

// end ends the transaction. If after requests a reset, no other program can use the card before the reset.
func (l *link) end(after cardreader.Disposition) error {
	if after == cardreader.Reset {
		return l.card.EndTransaction(scard.ResetCard)
	}
	return l.card.EndTransaction(scard.LeaveCard)
}
