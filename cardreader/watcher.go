package cardreader

import (
	"context"
	"time"
)

// Watcher turns what a System sees into events. Its Run is the only place in the program that may call System.Wait.
type Watcher struct {
	sys   System
	pause Pause
}

// Pause waits before another attempt to reach a lost service; failures counts from 1. It returns when ctx ends.
type Pause func(ctx context.Context, failures int)

// WatchOption changes a Watcher.
type WatchOption func(*Watcher)

// WithPause replaces BackOff.
func WithPause(pause Pause) WatchOption { return func(w *Watcher) { w.pause = pause } }

// Times of the Watcher.
const (
	// waitFor is how long one System.Wait may take. It must be finite: pcsc-lite loses a Cancel that comes just before a
	// wait.
	waitFor      = 2 * time.Second
	firstBackOff = 250 * time.Millisecond
	lastBackOff  = 2 * time.Second
)

// BackOff is the Pause of a Watcher that was given none: a quarter of a second, doubled up to two seconds.
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

// NewWatcher makes a Watcher for the readers of sys.
func NewWatcher(sys System, options ...WatchOption) *Watcher {
	w := &Watcher{sys: sys, pause: BackOff}
	for _, option := range options {
		option(w)
	}
	return w
}

// Watch runs a Watcher in a goroutine of its own and returns its events. The channel is closed when ctx ends.
func Watch(ctx context.Context, sys System) <-chan Event {
	events := make(chan Event)
	go func() {
		defer close(events)
		NewWatcher(sys).Run(ctx, events)
	}()
	return events
}

// Run sends what happens to events until ctx ends. It starts with ReadersChanged and a CardInserted for each card that
// is in already, or with ServiceLost.
//
// When the service is lost, every card that was in is reported removed before ServiceLost, since nobody watches over it
// any more. Run keeps trying; the first look at a service that is back starts afresh, with ReadersChanged.
func (w *Watcher) Run(ctx context.Context, events chan<- Event) {
	var known []Reader
	failures, lost := 0, Kind(-1)
	for ctx.Err() == nil {
		now, err := w.sys.Wait(ctx, known, waitFor)
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
		if known != nil && !send(ctx, events, removals(known)...) {
			return
		}
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

// named adds to cards that are held by another program who that may be.
func (w *Watcher) named(events []Event) []Event {
	for i, e := range events {
		if e.Kind == CardUnreadable && KindOf(e.Err) == InUse {
			events[i].Err = HeldBy(InUse, OthersOf(w.sys))
		}
	}
	return events
}

// removals returns CardRemoved for every card that was in.
func removals(known []Reader) []Event {
	var out []Event
	for _, r := range known {
		if r.Present {
			out = append(out, Event{Kind: CardRemoved, Reader: r.Name})
		}
	}
	return out
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

// asError keeps the promise that an Event's Err is an *Error, whatever a System returned.
func asError(err error) error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // a wrapped one is wrapped again, so that its context is kept
		return e
	}
	return &Error{Kind: KindOf(err), Err: err}
}
