//go:build cgo && linux

package pcsc_test

import (
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/virtual/virtualtest"
)

// BenchmarkInsertionToEvent measures how long it takes from a card in the reader to the watcher's event, in
// milliseconds. vpcd looks for cards every 0.4 s, so nearly all of it is that; a reader with an interrupt tells at
// once.
func BenchmarkInsertionToEvent(b *testing.B) {
	at := newBench(b)
	card := virtualtest.Card(b, virtualtest.P256(b), nil)
	var took, longest time.Duration
	for b.Loop() {
		in := at.plug(card) // which waits until the slot was seen empty; it ends with the card in
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

// BenchmarkPullToEvent measures the same for a card that is pulled.
func BenchmarkPullToEvent(b *testing.B) {
	at := newBench(b)
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
