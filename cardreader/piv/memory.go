package piv

import (
	"bytes"
	"context"
	"crypto/x509"
	"slices"
	"sync"

	"wardlight/cardreader"
)

// Limits of a Memory.
const (
	// leastKnown is the number of bytes of a certificate container that must match a known one. They contain the
	// length, the certificate's serial number and the beginning of its issuer, which together identify it.
	leastKnown = 192
	// mostKnown is the maximum number of known cards, and of known kinds of cards: enough for a day on a ward.
	mostKnown = 64
)

// Memory caches facts about cards during one run of the program. It contains no secrets, and nothing that changes
// during normal use of a card. A card that is inserted again is identified by its answer to reset and the first bytes
// of its certificate, so that the rest need not be read. If they belong to another card, its signature doesn't match;
// then the entry is removed and the card is read again.
//
// Kinds of cards (by answer to reset) that failed with extended lengths get short ones afterwards.
//
// The zero value is empty and ready to use. It is safe for concurrent use.
type Memory struct {
	mu    sync.Mutex
	known []known
	short [][]byte // answers to reset of cards that need short lengths
}

// known contains facts that don't change unless the card is issued again.
type known struct {
	atr         []byte
	container   []byte // certificate container, as read
	certificate *x509.Certificate
	reference   byte // passcode reference, P2 of VERIFY
}

// recognise returns the card whose certificate container begins with soFar.
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

// remember adds a card. If there are too many, it replaces the oldest.
func (m *Memory) remember(k known) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(k.container)
	if len(m.known) >= mostKnown {
		m.known = slices.Delete(m.known, 0, 1)
	}
	m.known = append(m.known, k)
}

// forget removes the card with that container.
func (m *Memory) forget(container []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(container)
}

// drop does what forget does. The caller holds mu.
func (m *Memory) drop(container []byte) {
	m.known = slices.DeleteFunc(m.known, func(k known) bool { return bytes.Equal(k.container, container) })
}

// takesExtended reports whether no card with that answer to reset has failed with extended lengths.
func (m *Memory) takesExtended(atr []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.short) < mostKnown && !slices.ContainsFunc(m.short, func(a []byte) bool { return bytes.Equal(a, atr) })
}

// onlyShort records that such a card failed with extended lengths.
func (m *Memory) onlyShort(atr []byte) {
	if !m.takesExtended(atr) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.short = append(m.short, slices.Clone(atr))
}

// Open reads a card without a cache; see Memory.Open.
func Open(ctx context.Context, sys cardreader.System, reader string) (cardreader.Card, error) {
	return new(Memory).Open(ctx, sys, reader)
}
