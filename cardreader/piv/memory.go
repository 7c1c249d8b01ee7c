package piv

import (
	"bytes"
	"context"
	"crypto/x509"
	"slices"
	"sync"

	"wardlight/cardreader"
)

// Limits of a Cache.
const (
	// minKnownPrefix is the number of bytes of a certificate container that must match a known one. They contain the
	// length, the certificate's serial number and the beginning of its issuer, which together identify it.
	minKnownPrefix = 192
	// maxKnownCards is the maximum number of known cards, and of known kinds of cards: enough for a day on a ward.
	maxKnownCards = 64
)

// Cache caches facts about cards during one run of the program. It contains no secrets, and nothing that changes
// during normal use of a card. A card that is inserted again is identified by its answer to reset and the first bytes
// of its certificate, so that the rest need not be read. If they belong to another card, its signature doesn't match;
// then the entry is removed and the card is read again.
//
// Kinds of cards (by answer to reset) that failed with extended lengths get short ones afterwards.
//
// The zero value is empty and ready to use. It is safe for concurrent use.
type Cache struct {
	mu    sync.Mutex
	known []knownCard
	short [][]byte // answers to reset of cards that need short lengths
}

// knownCard contains facts that don't change unless the card is issued again.
type knownCard struct {
	atr         []byte
	container   []byte // certificate container, as read
	certificate *x509.Certificate
	reference   byte // passcode reference, P2 of VERIFY
}

// find returns the card whose certificate container begins with soFar.
func (m *Cache) find(atr, soFar []byte) (knownCard, bool) {
	if len(soFar) < minKnownPrefix {
		return knownCard{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.known {
		if bytes.Equal(k.atr, atr) && bytes.HasPrefix(k.container, soFar) {
			return k, true
		}
	}
	return knownCard{}, false
}

// add adds a card. If there are too many, it replaces the oldest.
func (m *Cache) add(k knownCard) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.removeLocked(k.container)
	if len(m.known) >= maxKnownCards {
		m.known = slices.Delete(m.known, 0, 1)
	}
	m.known = append(m.known, k)
}

// remove removes the card with that container.
func (m *Cache) remove(container []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.removeLocked(container)
}

// removeLocked does what forget does. The caller holds mu.
func (m *Cache) removeLocked(container []byte) {
	m.known = slices.DeleteFunc(m.known, func(k knownCard) bool { return bytes.Equal(k.container, container) })
}

// supportsExtended reports whether no card with that answer to reset has failed with extended lengths.
func (m *Cache) supportsExtended(atr []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.short) < maxKnownCards && !slices.ContainsFunc(m.short, func(a []byte) bool {
		return bytes.Equal(a, atr)
	})
}

// setShortOnly records that such a card failed with extended lengths.
func (m *Cache) setShortOnly(atr []byte) {
	if !m.supportsExtended(atr) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.short = append(m.short, slices.Clone(atr))
}

// Open reads a card without a cache; see Cache.Open.
func Open(ctx context.Context, sys cardreader.System, reader string) (cardreader.Card, error) {
	return new(Cache).Open(ctx, sys, reader)
}
