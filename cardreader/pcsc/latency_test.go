//go:build cgo && linux

package pcsc_test

import (
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/virtual/virtualtest"
)

// BenchmarkInsertionToEvent measures the time from inserting a card to the watcher's event, in milliseconds. Most of
// it is vpcd's polling interval of 0.4 s. A reader that uses interrupts reports a card immediately.
func BenchmarkInsertionToEvent(b *testing.B) {
	at := newFixture(b)
	card := virtualtest.Card(b, virtualtest.P256(b), nil)
	var took, longest time.Duration
	for b.Loop() {
		in := at.plug(card) // waits until the slot is empty, and returns with the card inserted
		start := time.Now()
		at.next(cardreader.CardInserted)
		once := time.Since(start)
		took, longest = took+once, max(longest, once)
		in.Pull()
		at.next(cardreader.CardRemoved)
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms/insertion")
	b.ReportMetric(float64(longest.Milliseconds()), "ms/longest")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkPullToEvent measures the same for the removal of a card.
func BenchmarkPullToEvent(b *testing.B) {
	at := newFixture(b)
	card := virtualtest.Card(b, virtualtest.P256(b), nil)
	var took, longest time.Duration
	for b.Loop() {
		in := at.plug(card)
		at.next(cardreader.CardInserted)
		start := time.Now()
		in.Pull()
		at.next(cardreader.CardRemoved)
		once := time.Since(start)
		took, longest = took+once, max(longest, once)
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms/pull")
	b.ReportMetric(float64(longest.Milliseconds()), "ms/longest")
	b.ReportMetric(0, "ns/op")
}
