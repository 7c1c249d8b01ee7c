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

// reason is the words of a card error.
func reason(t *testing.T, err error) string {
	t.Helper()
	var e *cardreader.Error
	if !errors.As(err, &e) {
		t.Fatalf("no card error: %v", err)
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
		t.Errorf("the other programs are %q", others)
	}
	b.signs(b.open()) // sharing is no reason to stop
	shared.LetGo()

	exclusive := pcsctest.Hold(t, rival, b.daemon.Socket(), "exclusive")
	const inUse = "Another program is using your smartcard: " + pcsctest.Name + "."
	if e := b.next(cardreader.CardUnreadable); reason(t, e.Err) != inUse {
		t.Errorf("the watcher says %q", reason(t, e.Err))
	}
	if _, err := b.sys.Connect(t.Context(), b.reader); reason(t, err) != inUse {
		t.Errorf("exclusive: %q", reason(t, err))
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
		t.Errorf("told %+v", e)
	}
	if cardreader.KindOf(err) != cardreader.Busy || reason(t, err) != "Another program has not finished with your smartcard: "+pcsctest.Name+"." {
		t.Errorf("given up: %v", err)
	}
	holder.LetGo()
	b.signs(b.open())
}
