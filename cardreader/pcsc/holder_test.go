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

// reason returns the sentence of a card error.
func reason(t *testing.T, err error) string {
	t.Helper()
	var e *cardreader.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want a *cardreader.Error", err)
	}
	return e.Sentence()
}

func TestAProgramThatHoldsTheCardIsNamed(t *testing.T) {
	rival := pcsctest.Build(t)
	b := newBench(t)
	card := b.plug(virtualtest.Card(t, virtualtest.P256(t), nil))
	defer card.Pull()
	b.next(cardreader.CardInserted)

	shared := pcsctest.Hold(t, rival, b.daemon.Socket(), "shared")
	if others := cardreader.OthersOf(b.sys); !slices.Equal(others, []string{pcsctest.Name}) {
		t.Errorf("OthersOf = %q, want %q", others, pcsctest.Name)
	}
	b.signs(b.open()) // a shared connection doesn't prevent signing
	shared.LetGo()

	exclusive := pcsctest.Hold(t, rival, b.daemon.Socket(), "exclusive")
	const inUse = "Another program is using your smartcard: " + pcsctest.Name + "."
	if e := b.next(cardreader.CardUnreadable); reason(t, e.Err) != inUse {
		t.Errorf("event of the watcher: got %q, want %q", reason(t, e.Err), inUse)
	}
	if _, err := b.sys.Connect(t.Context(), b.reader); reason(t, err) != inUse {
		t.Errorf("Connect to an exclusively used card: got %q, want %q", reason(t, err), inUse)
	}
	exclusive.LetGo()
	b.next(cardreader.CardInserted)

	holder := pcsctest.Hold(t, rival, b.daemon.Socket(), "transaction")
	told := make(chan cardreader.Event, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waits := &cardreader.Waits{System: b.sys, Tell: func(e cardreader.Event) { told <- e; cancel() }}
	_, err := waits.Connect(ctx, b.reader)
	if e := <-told; e.Kind != cardreader.CardWaiting || e.Reader != b.reader || reason(t, e.Err) != "Waiting for "+pcsctest.Name+" to finish with the card." {
		t.Errorf("event while waiting: got %+v, want CardWaiting with the program's name", e)
	}
	if cardreader.KindOf(err) != cardreader.Busy || reason(t, err) != "Another program has not finished with your smartcard: "+pcsctest.Name+"." {
		t.Errorf("Connect cancelled while waiting: got error %v, want kind Busy with the program's name", err)
	}
	holder.LetGo()
	b.signs(b.open())
}
