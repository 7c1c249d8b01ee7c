package cardreader

import (
	"context"
	"errors"
	"time"
)

// waitNoticeDelay is the delay until the user is shown that another program uses the card.
const waitNoticeDelay = 2 * time.Second

// WaitNotifier is a System that reports when it waits for a card. Other programs may use a card for any length of
// time, and PC/SC has no timeout. Its fields must be set before use.
type WaitNotifier struct {
	System
	// OnWait is called with an Event of kind CardWaiting when a Connect has taken two seconds, in a separate goroutine.
	OnWait func(Event)
	// Timeout is the timeout of a Connect, after which it fails with kind Busy. 0 means no timeout other than its
	// context's.
	Timeout time.Duration
}

// Connect implements System.
func (w *WaitNotifier) Connect(ctx context.Context, reader string) (Link, error) {
	if w.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.Timeout)
		defer cancel()
	}

	told := make(chan struct{})
	timer := time.AfterFunc(waitNoticeDelay, func() {
		defer close(told)
		if ctx.Err() == nil && w.OnWait != nil {
			w.OnWait(Event{Kind: CardWaiting, Reader: reader, Err: InUseError(Busy, OtherPrograms(w.System))})
		}
	})

	link, err := w.System.Connect(ctx, reader)
	if !timer.Stop() {
		<-told // Tell must return before Connect does
	}

	var e *Error
	if errors.As(err, &e) && e.Kind == Busy && e.Detail == "" {
		named := *e
		named.Detail = busySentence(OtherPrograms(w.System))
		return nil, &named
	}

	return link, err
}

// busySentence returns the sentence for programs that did not release the card in time, or "" if none is known.
func busySentence(programs []string) string {
	if len(programs) == 0 {
		return ""
	}
	return "Another program has not finished with your smartcard: " + joinOr(programs) + "."
}

// OtherPrograms implements ProgramLister.
func (w *WaitNotifier) OtherPrograms() []string { return OtherPrograms(w.System) }
