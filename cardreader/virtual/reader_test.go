package virtual_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/virtual"
)

const testTimeout = time.Minute

func TestAReaderIsWatched(t *testing.T) {
	reader := virtual.NewReader("desk")
	ctx, cancel := context.WithCancel(t.Context())
	events := cardreader.Watch(ctx, reader)
	next := func(kind cardreader.EventKind) cardreader.Event {
		t.Helper()
		select {
		case e := <-events:
			if e.Kind != kind {
				t.Fatalf("next event: got %+v, want kind %d", e, kind)
			}
			return e
		case <-time.After(testTimeout):
			t.Fatalf("timeout waiting for an event of kind %d", kind)
		}
		panic("not reached")
	}

	card := p256(t)
	next(cardreader.ReadersChanged)
	reader.Insert(card)
	next(cardreader.CardInserted)
	reader.Insert(card)
	next(cardreader.CardRemoved)
	next(cardreader.CardInserted)
	reader.Eject()
	next(cardreader.CardRemoved)
	reader.InsertMute()
	next(cardreader.CardUnreadable)
	reader.Unplug()
	next(cardreader.CardRemoved)
	next(cardreader.ReadersChanged)
	reader.PlugIn()
	next(cardreader.ReadersChanged)
	reader.Fail(&cardreader.Error{Kind: cardreader.ServiceDown})
	next(cardreader.ServiceLost)
	reader.Fail(nil)
	next(cardreader.ReadersChanged)
	if err := reader.Close(); err != nil {
		t.Error(err)
	}

	next(cardreader.ServiceLost)
	cancel()
	for e := range events {
		t.Errorf("event after the end: got %+v, want none", e)
	}
}

func TestWait_Timeout(t *testing.T) {
	reader := virtual.NewReader("")
	known, err := reader.Wait(t.Context(), nil, testTimeout)
	if err != nil || len(known) != 1 {
		t.Fatal(known, err)
	}
	again, err := reader.Wait(t.Context(), known, time.Millisecond)
	if err != nil || !cardreader.SameReaders(known, again) {
		t.Errorf("Wait without changes = %+v, %v, want %+v", again, err, known)
	}
}

func TestALinkIsATransaction(t *testing.T) {
	reader := virtual.NewReader("")
	card := p256(t)
	reader.Insert(card)
	link, err := reader.Connect(t.Context(), reader.Name())
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reader.Connect(ctx, reader.Name()); cardreader.KindOf(err) != cardreader.Busy {
		t.Errorf("second Connect: got error %v, want kind Busy", err)
	}

	for _, command := range []string{selectPIV, verifyOK} {
		if _, err := link.Transmit(unhex(t, command)); err != nil {
			t.Fatal(err)
		}
	}

	link.Close(cardreader.Leave)
	if !card.Verified() {
		t.Error("Close(Leave) reset the card")
	}

	if _, err := link.Transmit(unhex(t, tries)); err == nil {
		t.Error("Transmit on a closed link succeeded, want an error")
	}

	link, err = reader.Connect(t.Context(), reader.Name())
	if err != nil {
		t.Fatal(err)
	}

	for range 2 {
		link.Close(cardreader.Reset)
	}

	if card.Verified() {
		t.Error("Close(Reset) left the card verified")
	}
}

func TestLink_CardInsertedAgain(t *testing.T) {
	reader := virtual.NewReader("")
	card := p256(t)
	reader.Insert(card)
	link, err := reader.Connect(t.Context(), reader.Name())
	if err != nil {
		t.Fatal(err)
	}
	reader.Eject()
	reader.Insert(card)
	if _, err := link.Transmit(unhex(t, selectPIV)); cardreader.KindOf(err) != cardreader.Removed {
		t.Errorf("Transmit after the card was inserted again: got error %v, want kind Removed", err)
	}
	link.Close(cardreader.Reset)
}

// TestReader_Concurrent inserts and removes cards while programs use them, for the race detector.
func TestReader_Concurrent(t *testing.T) {
	reader := virtual.NewReader("")
	cards := []*virtual.Card{p256(t), p256(t)}
	reader.Insert(cards[0])
	var programs, hands sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		programs.Go(func() {
			for range 200 {
				link, err := reader.Connect(context.Background(), reader.Name())
				if err != nil {
					continue
				}
				_, _ = link.Transmit(unhex(t, selectPIV))
				_, _ = link.Transmit(unhex(t, verifyOK))
				link.Close(cardreader.Reset)
			}
		})
	}

	hands.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			reader.Insert(cards[i%2])
			_ = reader.Inserted()
			reader.Eject()
		}
	})

	programs.Wait()
	close(stop)
	hands.Wait()
	for _, card := range cards {
		if card.Verified() {
			t.Error("a card is still verified at the end")
		}
	}
}
