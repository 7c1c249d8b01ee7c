package keep_test

import (
	"testing"
	"time"

	"wardlight/internal/keep"
	"wardlight/internal/keep/keeptest"
)

// waiting is a keyring that answers nothing while its owner is away.
type waiting struct {
	*keeptest.Memory
	back  chan struct{} // closed when its owner has unlocked it
	calls chan struct{}
}

func (w *waiting) Get(service, name string) (string, error) {
	w.calls <- struct{}{}
	<-w.back
	return w.Memory.Get(service, name)
}

// timers are those of a test: each is over when the test says so.
type timers struct {
	asked chan time.Duration
	over  chan time.Time
}

func (t *timers) After(d time.Duration) <-chan time.Time {
	t.asked <- d
	return t.over
}

func TestAKeyringThatDoesNotAnswerIsGoneOnWithoutAfterThreeSeconds(t *testing.T) {
	_, memory := keeptest.Ring()
	w := &waiting{Memory: memory, back: make(chan struct{}), calls: make(chan struct{}, 9)}
	clock := &timers{asked: make(chan time.Duration, 9), over: make(chan time.Time)}
	said := 0
	ring := keep.Over(w, "")
	ring.After, ring.Silent = clock.After, func() { said++ }

	failed := make(chan error, 1)
	get := func() { _, err := ring.Get(t.Context(), "x"); failed <- err }
	go get()
	<-w.calls
	if d := <-clock.asked; d != 3*time.Second {
		t.Errorf("it is waited for %s", d)
	}
	clock.over <- time.Time{}
	if err := <-failed; keep.KindOf(err) != keep.NoAnswer || said != 1 {
		t.Errorf("error is %v, said %d times", err, said)
	}
	// What comes after it waits no more, and asks no more.
	get()
	if err := <-failed; keep.KindOf(err) != keep.NoAnswer || said != 1 || len(w.calls) != 0 || len(clock.asked) != 0 {
		t.Errorf("error is %v, said %d times, %d calls", err, said, len(w.calls))
	}
	close(w.back)
	for kind := keep.NoAnswer; kind == keep.NoAnswer; { // its answer comes when it is unlocked
		get()
		kind = keep.KindOf(<-failed)
		if kind != keep.NoAnswer && kind != keep.Nothing {
			t.Fatalf("kind %v", kind)
		}
	}
}

func TestWhoComesToUnlockAKeyringHasAMinute(t *testing.T) {
	_, memory := keeptest.Ring()
	w := &waiting{Memory: memory, back: make(chan struct{}), calls: make(chan struct{}, 9)}
	clock := &timers{asked: make(chan time.Duration, 9), over: make(chan time.Time)}
	said := make(chan struct{}, 9)
	ring := keep.Over(w, "")
	ring.After, ring.Waiting = clock.After, func() { said <- struct{}{} }
	failed := make(chan error, 1)
	go func() { _, err := ring.ForUnlocking().Get(t.Context(), "x"); failed <- err }()
	first := <-clock.asked
	clock.over <- time.Time{}
	<-said
	rest := <-clock.asked
	if first != 3*time.Second || first+rest != time.Minute {
		t.Errorf("it is waited for %s and %s", first, rest)
	}
	close(w.back)
	if err := <-failed; keep.KindOf(err) != keep.Nothing {
		t.Errorf("error is %v", err)
	}
}
