package cardreader

import (
	"context"
	"errors"
	"time"
)

// waitsFor is the delay until the user is shown that another program uses the card.
const waitsFor = 2 * time.Second

// Waits is a System that reports when it waits for a card. Other programs may use a card for any length of time, and
// PC/SC has no timeout. Its fields must be set before use.
type Waits struct {
	System
	// Tell is called with an Event of kind CardWaiting when a Connect has taken two seconds, in a separate goroutine.
	Tell func(Event)
	// Most is the timeout of a Connect, after which it fails with kind Busy. 0 means no timeout other than its
	// context's.
	Most time.Duration
}

// Connect implements System.
func (w *Waits) Connect(ctx context.Context, reader string) (Link, error) {
	if w.Most > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.Most)
		defer cancel()
	}
	told := make(chan struct{})
	timer := time.AfterFunc(waitsFor, func() {
		defer close(told)
		if ctx.Err() == nil && w.Tell != nil {
			w.Tell(Event{Kind: CardWaiting, Reader: reader, Err: HeldBy(Busy, OthersOf(w.System))})
		}
	})
	link, err := w.System.Connect(ctx, reader)
	if !timer.Stop() {
		<-told // Tell must return before Connect does
	}
	var e *Error
	if errors.As(err, &e) && e.Kind == Busy && e.Detail == "" {
		named := *e
		named.Detail = busyStill(OthersOf(w.System))
		return nil, &named
	}
	return link, err
}

// busyStill returns the sentence for programs that did not release the card in time, or "" if none is known.
func busyStill(programs []string) string {
	if len(programs) == 0 {
		return ""
	}
	return "Another program has not finished with your smartcard: " + inWords(programs) + "."
}

// Others implements Namer.
func (w *Waits) Others() []string { return OthersOf(w.System) }
