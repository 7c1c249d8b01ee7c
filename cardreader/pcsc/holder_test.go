//go:build cgo && linux

package pcsc_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/pcsc/pcsctest"
	"wardlight/cardreader/virtual/virtualtest"
)

// sentenceOf returns the sentence of a card error.
func sentenceOf(t *testing.T, err error) string {
	t.Helper()
	var e *cardreader.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want a *cardreader.Error", err)
	}
	return e.Sentence()
}

func TestConnect_NamesOtherProgram(t *testing.T) {
	rival := pcsctest.Build(t)
	b := newFixture(t)
	card := b.plug(virtualtest.Card(t, virtualtest.P256(t), nil))
	defer card.Pull()
	b.next(cardreader.CardInserted)

	shared := pcsctest.Lock(t, rival, b.daemon.Socket(), "shared")
	if others := cardreader.OtherPrograms(b.sys); !slices.Equal(others, []string{pcsctest.Name}) {
		t.Errorf("OthersOf = %q, want %q", others, pcsctest.Name)
	}

	b.mustSign(b.open()) // a shared connection doesn't prevent signing
	shared.Release()

	exclusive := pcsctest.Lock(t, rival, b.daemon.Socket(), "exclusive")
	const inUse = "Another program is using your smartcard: " + pcsctest.Name + "."
	if e := b.next(cardreader.CardUnreadable); sentenceOf(t, e.Err) != inUse {
		t.Errorf("event of the watcher: got %q, want %q", sentenceOf(t, e.Err), inUse)
	}

	if _, err := b.sys.Connect(t.Context(), b.reader); sentenceOf(t, err) != inUse {
		t.Errorf("Connect to an exclusively used card: got %q, want %q", sentenceOf(t, err), inUse)
	}

	exclusive.Release()
	b.next(cardreader.CardInserted)

	holder := pcsctest.Lock(t, rival, b.daemon.Socket(), "transaction")
	told := make(chan cardreader.Event, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waits := &cardreader.WaitNotifier{System: b.sys, OnWait: func(e cardreader.Event) { told <- e; cancel() }}
	_, err := waits.Connect(ctx, b.reader)
	if e := <-told; e.Kind != cardreader.CardWaiting || e.Reader != b.reader || sentenceOf(t, e.Err) != "Waiting for "+
		pcsctest.Name+" to finish with the card." {
		t.Errorf("event while waiting: got %+v, want CardWaiting with the program's name", e)
	}

	if cardreader.KindOf(err) != cardreader.Busy ||
		sentenceOf(t, err) != "Another program has not finished with your smartcard: "+pcsctest.Name+"." {
		t.Errorf("Connect cancelled while waiting: got error %v, want kind Busy with the program's name", err)
	}

	holder.Release()
	b.mustSign(b.open())
}
