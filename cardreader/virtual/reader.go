package virtual

import (
	"context"
	"slices"
	"sync"
	"time"

	"wardlight/cardreader"
)

// ReaderName is the default name of a Reader.
const ReaderName = "Wardlight virtual reader"

// maxAPDU is the maximum length of an APDU in ISO 7816-4, with extended Lc, data and Le. The Reader supports it.
const maxAPDU = 4 + 3 + 65535 + 2

// Reader is a cardreader.System with one reader in this process. It is safe for concurrent use.
type Reader struct {
	name        string
	transaction chan struct{} // semaphore held while a Link is open

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced at every change
	card      *Card
	mute      bool
	exclusive bool
	unplugged bool
	fault     error
	maxAPDU   int
	typed     func() []byte // returns what is typed on the reader's keypad; nil for a reader without one
	events    uint16
	closed    bool
}

// NewReader returns an empty reader. If name is "" it is ReaderName.
func NewReader(name string) *Reader {
	if name == "" {
		name = ReaderName
	}
	return &Reader{
		name: name, maxAPDU: maxAPDU,
		transaction: make(chan struct{}, 1), changed: make(chan struct{}),
	}
}

// Name returns the reader's name.
func (r *Reader) Name() string { return r.name }

// Insert inserts the card, after removing a card that was inserted before.
func (r *Reader) Insert(card *Card) {
	r.change(func() {
		r.pull()
		card.Reset() // power on
		r.card = card
		r.events++
	})
}

// InsertMute inserts a card that doesn't answer, as if upside down or broken.
func (r *Reader) InsertMute() {
	r.change(func() {
		r.pull()
		r.mute = true
		r.events++
	})
}

// Eject removes the card, even during a command. Open links then fail with kind Removed.
func (r *Reader) Eject() { r.change(r.pull) }

// Inserted returns the inserted card, or nil if there is none or it is mute.
func (r *Reader) Inserted() *Card {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.card
}

// SetExclusive simulates another program with exclusive access to the card, until SetExclusive(false).
func (r *Reader) SetExclusive(taken bool) { r.change(func() { r.exclusive = taken }) }

// Unplug disconnects the reader with the card in it. PlugIn connects it again.
func (r *Reader) Unplug() {
	r.change(func() {
		r.pull()
		r.unplugged = true
	})
}

// PlugIn connects the reader again after Unplug, without a card.
func (r *Reader) PlugIn() { r.change(func() { r.unplugged = false }) }

// Fail makes Wait and Connect return err, as if the smartcard service had stopped, until Fail(nil).
func (r *Reader) Fail(err error) { r.change(func() { r.fault = err }) }

// LimitAPDU sets the maximum APDU length that the reader reports, in bytes. With 0 it reports none, and is sent short
// APDUs. By default there is no limit.
func (r *Reader) LimitAPDU(n int) { r.change(func() { r.maxAPDU = n }) }

// SetKeypad adds a keypad to the reader. typed returns the digits typed on it, or nil if the user cancels. A nil typed
// removes the keypad.
func (r *Reader) SetKeypad(typed func() []byte) { r.change(func() { r.typed = typed }) }

func (r *Reader) change(what func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	what()
	close(r.changed)
	r.changed = make(chan struct{})
}

// pull removes the card, which loses its power. r.mu must be held.
func (r *Reader) pull() {
	if r.card == nil && !r.mute {
		return
	}
	if r.card != nil {
		r.card.Reset()
	}
	r.card, r.mute = nil, false
	r.events++
}

// Wait implements cardreader.System.
func (r *Reader) Wait(ctx context.Context, known []cardreader.Reader,
	timeout time.Duration,
) ([]cardreader.Reader, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		now, changed, err := r.look()
		if err != nil || !cardreader.SameReaders(known, now) {
			return now, err
		}
		select {
		case <-changed:
		case <-timer.C:
			return now, nil
		case <-ctx.Done():
			return now, nil
		}
	}
}

func (r *Reader) look() ([]cardreader.Reader, <-chan struct{}, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.failure(); err != nil {
		return nil, nil, err
	}
	if r.unplugged {
		return []cardreader.Reader{}, r.changed, nil
	}
	one := cardreader.Reader{
		Name: r.name, Present: r.card != nil || r.mute, Mute: r.mute, Exclusive: r.exclusive &&
			r.card != nil, Events: r.events,
	}
	if r.card != nil {
		one.ATR = r.card.ATR()
	}
	return []cardreader.Reader{one}, r.changed, nil
}

// failure returns the error of a closed reader, or the one set by Fail. r.mu must be held.
func (r *Reader) failure() error {
	if r.closed {
		return &cardreader.Error{Kind: cardreader.ServiceDown}
	}
	return r.fault
}

// Connect implements cardreader.System.
func (r *Reader) Connect(ctx context.Context, reader string) (cardreader.Link, error) {
	if _, err := r.open(reader); err != nil {
		return nil, err
	}
	select {
	case r.transaction <- struct{}{}:
	case <-ctx.Done():
		return nil, &cardreader.Error{Kind: cardreader.Busy, Err: ctx.Err()}
	}
	link, err := r.open(reader) // the card may have been removed while another link was open
	if err != nil {
		<-r.transaction
		return nil, err
	}
	return link, nil
}

func (r *Reader) open(reader string) (*link, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.failure()
	switch {
	case err != nil:
		return nil, err
	case reader != r.name || r.unplugged:
		return nil, &cardreader.Error{Kind: cardreader.NoReader}
	case r.mute:
		return nil, &cardreader.Error{Kind: cardreader.Mute}
	case r.card == nil:
		return nil, &cardreader.Error{Kind: cardreader.NoCard}
	case r.exclusive:
		return nil, &cardreader.Error{Kind: cardreader.InUse}
	}
	return &link{reader: r, card: r.card, events: r.events, maxAPDU: r.maxAPDU, keys: r.typed, atr: r.card.ATR()}, nil
}

// Close implements cardreader.System. A Wait in progress returns.
func (r *Reader) Close() error {
	r.change(func() { r.closed = true })
	return nil
}

// link is a connection to a card in a Reader, for one transaction.
type link struct {
	reader  *Reader
	card    *Card
	events  uint16 // event count of its insertion
	maxAPDU int
	keys    func() []byte
	atr     []byte
	once    sync.Once
	closed  bool // guarded by the reader's mu
}

// state returns nil while the link's card is inserted.
func (l *link) state() error {
	l.reader.mu.Lock()
	defer l.reader.mu.Unlock()
	switch {
	case l.closed:
		return &cardreader.Error{Kind: cardreader.Internal}
	case l.reader.card != l.card || l.reader.events != l.events:
		return &cardreader.Error{Kind: cardreader.Removed}
	}
	return l.reader.failure()
}

// Transmit implements cardreader.Link. If the card is removed during the command, there is no response.
func (l *link) Transmit(command []byte) ([]byte, error) {
	if err := l.state(); err != nil {
		return nil, err
	}
	response := l.card.Process(command)
	if err := l.state(); err != nil {
		return nil, err
	}
	return response, nil
}

// ATR implements cardreader.Link.
func (l *link) ATR() []byte { return slices.Clone(l.atr) }

// MaxAPDU implements cardreader.Link.
func (l *link) MaxAPDU() int { return l.maxAPDU }

// Insertion implements cardreader.Link.
func (l *link) Insertion() uint32 { return uint32(l.events) }

// Keypad implements cardreader.Link.
func (l *link) Keypad() bool { return l.keys != nil }

// VerifyTyped implements cardreader.Link.
func (l *link) VerifyTyped(command []byte) ([]byte, error) {
	if l.keys == nil || len(command) != 5+passcodeField {
		return nil, &cardreader.Error{Kind: cardreader.Internal}
	}
	typed := l.keys()
	if typed == nil {
		return nil, &cardreader.Error{Kind: cardreader.NotTyped}
	}
	whole := slices.Clone(command)
	copy(whole[5:], typed)
	return l.Transmit(whole)
}

// Close implements cardreader.Link.
func (l *link) Close(after cardreader.Disposition) {
	l.once.Do(func() {
		if after == cardreader.Reset && l.state() == nil {
			l.card.WarmReset()
		}
		l.reader.mu.Lock()
		l.closed = true
		l.reader.mu.Unlock()
		<-l.reader.transaction
	})
}
