package cardreader_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
)

// eventText returns a short form of an event for comparison.
func eventText(e cardreader.Event) string {
	switch e.Kind {
	case cardreader.CardInserted:
		return fmt.Sprintf("inserted %s %X", e.Reader, e.ATR)
	case cardreader.CardRemoved:
		return "removed " + e.Reader
	case cardreader.CardUnreadable:
		return fmt.Sprintf("unreadable %s %d", e.Reader, cardreader.KindOf(e.Err))
	case cardreader.ReadersChanged:
		names := []string{"readers"}
		for _, r := range e.Readers {
			names = append(names, r.Name)
		}
		return strings.Join(names, " ")
	case cardreader.ServiceLost:
		return fmt.Sprintf("lost %d", cardreader.KindOf(e.Err))
	}
	return "?"
}

func TestChanges(t *testing.T) {
	empty := cardreader.Reader{Name: "A"}
	with := func(edit func(*cardreader.Reader)) cardreader.Reader {
		r := cardreader.Reader{Name: "A", Present: true, ATR: []byte{0x3B, 1}, Events: 1}
		if edit != nil {
			edit(&r)
		}
		return r
	}

	in := with(nil)
	mute := with(func(r *cardreader.Reader) { r.Mute, r.ATR = true, nil })
	taken := with(func(r *cardreader.Reader) { r.Exclusive = true })
	again := with(func(r *cardreader.Reader) { r.Events = 3 })
	uncounted := with(func(r *cardreader.Reader) { r.Events = 0 })
	other := with(func(r *cardreader.Reader) { r.Events, r.ATR = 0, []byte{0x3B, 2} })
	warm := with(func(r *cardreader.Reader) { r.ATR = []byte{0x3B, 2} })
	shared := with(func(r *cardreader.Reader) { r.Shared = true })
	second := cardreader.Reader{Name: "B"}
	type looks []cardreader.Reader
	unreadable := func(k cardreader.Kind) string { return fmt.Sprintf("unreadable A %d", k) }

	for _, c := range []struct {
		name          string
		before, after looks
		want          []string
	}{
		{"first look, no reader", nil, looks{}, []string{"readers"}},
		{"first look, card in", nil, looks{in}, []string{"readers A", "inserted A 3B01"}},
		{"nothing", looks{in}, looks{in}, nil},
		{"insert", looks{empty}, looks{in}, []string{"inserted A 3B01"}},
		{"remove", looks{in}, looks{empty}, []string{"removed A"}},
		{"pulled and put back between two looks", looks{in}, looks{again}, []string{"removed A", "inserted A 3B01"}},
		{"swapped, no counter", looks{uncounted}, looks{other}, []string{"removed A", "inserted A 3B02"}},
		{"another ATR after a warm reset", looks{in}, looks{warm}, nil},
		{"put in and pulled between two looks", looks{empty}, looks{cardreader.Reader{Name: "A", Events: 2}}, nil},
		{"mute card", looks{empty}, looks{mute}, []string{unreadable(cardreader.Mute)}},
		{"mute card pulled", looks{mute}, looks{empty}, []string{"removed A"}},
		{"taken by another program", looks{in}, looks{taken}, []string{unreadable(cardreader.InUse)}},
		{"given back", looks{taken}, looks{in}, []string{"inserted A 3B01"}},
		{"shared with another program", looks{in}, looks{shared}, nil},
		{"reader came", looks{empty}, looks{empty, second}, []string{"readers A B"}},
		{"reader gone, card in it", looks{in, second}, looks{second}, []string{"removed A", "readers B"}},
		{"readers exchanged", looks{in}, looks{second}, []string{"removed A", "readers B"}},
		{"last reader gone", looks{empty}, looks{}, []string{"readers"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, e := range cardreader.Changes(c.before, c.after) {
				got = append(got, eventText(e))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("Changes: got %q, want %q", got, c.want)
			}
		})
	}
}

// scriptedSystem is a System whose Wait returns prepared results, and then blocks until ctx is done.
type scriptedSystem struct {
	cardreader.System
	steps []step
}

type step struct {
	readers []cardreader.Reader
	err     error
}

func (s *scriptedSystem) Wait(ctx context.Context, _ []cardreader.Reader,
	_ time.Duration,
) ([]cardreader.Reader, error) {
	if len(s.steps) == 0 {
		<-ctx.Done()
		return nil, nil
	}
	next := s.steps[0]
	s.steps = s.steps[1:]
	return next.readers, next.err
}

func TestWatcher_ServiceLost(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in := []cardreader.Reader{{Name: "A", Present: true, ATR: []byte{0x3B}, Events: 1}}
	down := &cardreader.Error{Kind: cardreader.ServiceDown}
	sys := &scriptedSystem{steps: []step{
		{readers: in},
		{err: down},
		{err: down},
		{err: &cardreader.Error{Kind: cardreader.ServiceRefused}},
		{readers: in},
		{err: fmt.Errorf("wrapped: %w", down)},
	}}

	var pauses []int
	events := make(chan cardreader.Event)
	watcher := cardreader.NewWatcher(sys, cardreader.WithPause(func(_ context.Context, failures int) {
		pauses = append(pauses, failures)
	}))

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		watcher.Run(ctx, events)
	}()

	for _, want := range []string{
		"readers A", "inserted A 3B",
		fmt.Sprintf("lost %d", cardreader.ServiceDown), fmt.Sprintf("lost %d", cardreader.ServiceRefused),
		"readers A", "inserted A 3B", fmt.Sprintf("lost %d", cardreader.ServiceDown),
	} {
		if got := eventText(<-events); got != want {
			t.Fatalf("next event: got %q, want %q", got, want)
		}
	}

	cancel()
	<-ended
	if !slices.Equal(pauses, []int{1, 2, 3, 1}) {
		t.Errorf("pauses after failures: got %v, want [1 2 3 1]", pauses)
	}
}

func TestWatch_ContextDone(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	events := cardreader.Watch(ctx, &scriptedSystem{steps: []step{{readers: []cardreader.Reader{}}}})
	if got := eventText(<-events); got != "readers" {
		t.Errorf("first event: got %q, want \"readers\"", got)
	}
	cancel()
	for range events {
		t.Error("got an event after ctx was cancelled")
	}
}
