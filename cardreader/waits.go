package cardreader

import (
	"context"
	"errors"
	"time"
)

// waitsFor is how long a user is left without a word while another program holds the card.
const waitsFor = 2 * time.Second

// Waits is a System that says what it waits for: other programs may hold a card for as long as they like, and PC/SC
// has no time limit. Its fields are set before it is used.
type Waits struct {
	System
	// Tell is called with an Event of kind CardWaiting when a Connect has taken two seconds, from a goroutine of its own.
	Tell func(Event)
	// Most is how long a Connect may take in all before it fails with kind Busy; 0: as long as its context allows.
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
		<-told // what is told does not come after what came of it
	}
	var e *Error
	if errors.As(err, &e) && e.Kind == Busy && e.Detail == "" {
		named := *e
		named.Detail = busyStill(OthersOf(w.System))
		return nil, &named
	}
	return link, err
}

// busyStill returns what to say of programs that did not let go of the card in time; "" when none is known.
func busyStill(programs []string) string {
	if len(programs) == 0 {
		return ""
	}
	return "Another program has not finished with your smartcard: " + inWords(programs) + "."
}

// Others implements Namer.
func (w *Waits) Others() []string { return OthersOf(w.System) }
