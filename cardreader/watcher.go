package cardreader

import (
	"context"
	"time"
)

// Watcher converts changes of a System to events. Its Run must be the only caller of System.Wait.
type Watcher struct {
	sys   System
	pause BackOffFunc
}

// BackOffFunc waits before the next attempt to reach a lost service. failures counts from 1. It returns early when ctx
// is done.
type BackOffFunc func(ctx context.Context, failures int)

// WatchOption is an option of NewWatcher.
type WatchOption func(*Watcher)

// WithPause replaces BackOff as the BackOffFunc.
func WithPause(pause BackOffFunc) WatchOption { return func(w *Watcher) { w.pause = pause } }

// Timeouts of the Watcher.
const (
	// waitTimeout is the timeout of one System.Wait. It must be finite, because pcsc-lite ignores a Cancel immediately
	// before a wait.
	waitTimeout  = 2 * time.Second
	firstBackOff = 250 * time.Millisecond
	lastBackOff  = 2 * time.Second
)

// BackOff waits as the default BackOffFunc of a Watcher: a quarter of a second, doubled at each failure up to two
// seconds.
func BackOff(ctx context.Context, failures int) {
	delay := lastBackOff
	if failures <= 3 {
		delay = firstBackOff << (failures - 1)
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// NewWatcher returns a Watcher for the readers of sys.
func NewWatcher(sys System, options ...WatchOption) *Watcher {
	w := &Watcher{sys: sys, pause: BackOff}
	for _, option := range options {
		option(w)
	}
	return w
}

// Watch runs a Watcher in a goroutine and returns a channel with its events, which is closed when ctx is done.
func Watch(ctx context.Context, sys System) <-chan Event {
	events := make(chan Event)
	go func() {
		defer close(events)
		NewWatcher(sys).Run(ctx, events)
	}()
	return events
}

// Run sends events until ctx is done. The first ones are ReadersChanged and a CardInserted for each inserted card, or
// ServiceLost.
//
// When the service is lost, Run sends ServiceLost, and no CardRemoved: no card is monitored any longer, although none
// may have been removed. It then retries. When the service is back, it sends ReadersChanged first, as at the start.
func (w *Watcher) Run(ctx context.Context, events chan<- Event) {
	var known []Reader
	failures, lost := 0, Kind(-1)
	for ctx.Err() == nil {
		now, err := w.sys.Wait(ctx, known, waitTimeout)
		if ctx.Err() != nil {
			return
		}

		if err == nil {
			failures, lost = 0, -1
			if !send(ctx, events, w.named(Changes(known, now))...) {
				return
			}
			known = now
			continue
		}

		failures++
		known = nil
		if kind := KindOf(err); kind != lost {
			lost = kind
			if !send(ctx, events, Event{Kind: ServiceLost, Err: asError(err)}) {
				return
			}
		}

		w.pause(ctx, failures)
	}
}

// named adds the names of other programs to events of cards that they may be using.
func (w *Watcher) named(events []Event) []Event {
	for i, e := range events {
		if e.Kind == CardUnreadable && KindOf(e.Err) == InUse {
			events[i].Err = InUseError(InUse, OtherPrograms(w.sys))
		}
	}
	return events
}

func send(ctx context.Context, to chan<- Event, events ...Event) bool {
	for _, e := range events {
		select {
		case to <- e:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// asError returns err as an *Error, the documented type of Event.Err, whatever a System returned.
func asError(err error) error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // a wrapped one is wrapped again to preserve its context
		return e
	}
	return &Error{Kind: KindOf(err), Err: err}
}
