package piv

import (
	"bytes"
	"context"
	"crypto/x509"
	"slices"
	"sync"

	"wardlight/cardreader"
)

// Bounds of a Memory.
const (
	// leastKnown is how many bytes of a certificate's container must be read again before it is taken for a known one.
	// Its length, the certificate's serial number and the beginning of its issuer are in them, which together name it.
	leastKnown = 192
	// mostKnown is how many cards, and how many kinds of cards, are remembered: a ward's day.
	mostKnown = 64
)

// Memory is what is kept, in one run of the program, of the cards that were in: nothing that changes from one moment to
// the next, and nothing secret. A card that comes back is known by its answer to reset and by the first bytes of its
// certificate, so that the rest need not be read again. Should they belong to another card all the same, its signature
// does not fit; then it is forgotten and read anew.
//
// Kinds of cards (by answer to reset) that failed with extended lengths get short ones from then on.
//
// The zero value remembers nothing yet. It may be used from several goroutines.
type Memory struct {
	mu    sync.Mutex
	known []known
	short [][]byte // answers to reset
}

// known is what does not change on a card before its issuer makes it anew.
type known struct {
	atr         []byte
	container   []byte // of the certificate, as read
	certificate *x509.Certificate
	reference   byte // which passcode it wants
}

// recognise finds the card whose certificate's container begins with what was read so far.
func (m *Memory) recognise(atr, soFar []byte) (known, bool) {
	if len(soFar) < leastKnown {
		return known{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.known {
		if bytes.Equal(k.atr, atr) && bytes.HasPrefix(k.container, soFar) {
			return k, true
		}
	}
	return known{}, false
}

// remember keeps a card, in place of the one that was seen first when there are too many.
func (m *Memory) remember(k known) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(k.container)
	if len(m.known) >= mostKnown {
		m.known = slices.Delete(m.known, 0, 1)
	}
	m.known = append(m.known, k)
}

// forget drops the card with that container.
func (m *Memory) forget(container []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(container)
}

// drop is forget while mu is held.
func (m *Memory) drop(container []byte) {
	m.known = slices.DeleteFunc(m.known, func(k known) bool { return bytes.Equal(k.container, container) })
}

// takesExtended reports whether cards with that answer to reset have not yet failed with extended lengths.
func (m *Memory) takesExtended(atr []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.short) < mostKnown && !slices.ContainsFunc(m.short, func(a []byte) bool { return bytes.Equal(a, atr) })
}

// onlyShort keeps that such a card failed with extended lengths.
func (m *Memory) onlyShort(atr []byte) {
	if !m.takesExtended(atr) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.short = append(m.short, slices.Clone(atr))
}

// Open reads a card that nothing is remembered of; see Memory.Open.
func Open(ctx context.Context, sys cardreader.System, reader string) (cardreader.Card, error) {
	return new(Memory).Open(ctx, sys, reader)
}
