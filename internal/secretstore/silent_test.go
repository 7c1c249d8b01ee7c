package secretstore_test

import (
	"testing"
	"time"

	"wardlight/internal/secretstore"
	"wardlight/internal/secretstore/secretstoretest"
)

// waiting is a keyring whose calls return only after the user has unlocked it.
type waiting struct {
	*secretstoretest.Memory
	back  chan struct{} // closed when the user has unlocked it
	calls chan struct{}
}

func (w *waiting) Get(service, name string) (string, error) {
	w.calls <- struct{}{}
	<-w.back
	return w.Memory.Get(service, name)
}

// timers creates timers that expire when the test sends on over.
type timers struct {
	asked chan time.Duration
	over  chan time.Time
}

func (t *timers) After(d time.Duration) <-chan time.Time {
	t.asked <- d
	return t.over
}

func TestAKeyringThatDoesNotAnswerIsGoneOnWithoutAfterThreeSeconds(t *testing.T) {
	_, memory := secretstoretest.Keyring()
	w := &waiting{Memory: memory, back: make(chan struct{}), calls: make(chan struct{}, 9)}
	clock := &timers{asked: make(chan time.Duration, 9), over: make(chan time.Time)}
	said := 0
	secrets := secretstore.NewKeyring(w, "")
	secrets.After, secrets.OnTimeout = clock.After, func() { said++ }

	failed := make(chan error, 1)
	get := func() { _, err := secrets.Get(t.Context(), "x"); failed <- err }
	go get()
	<-w.calls
	if d := <-clock.asked; d != 3*time.Second {
		t.Errorf("timeout = %s, want 3s", d)
	}

	clock.over <- time.Time{}
	if err := <-failed; secretstore.KindOf(err) != secretstore.NoAnswer || said != 1 {
		t.Errorf("Get error = %v, Silent called %d times, want kind NoAnswer and 1 call", err, said)
	}

	// The next call fails at once, without calling the keyring.
	get()
	if err := <-failed; secretstore.KindOf(err) != secretstore.NoAnswer || said != 1 || len(w.calls) != 0 ||
		len(clock.asked) != 0 {
		t.Errorf("next Get error = %v, Silent called %d times, %d calls to the keyring, want NoAnswer, 1 and 0",
			err, said, len(w.calls))
	}

	close(w.back)

	// the abandoned call returns once the keyring is unlocked
	for kind := secretstore.NoAnswer; kind == secretstore.NoAnswer; {
		get()
		kind = secretstore.KindOf(<-failed)
		if kind != secretstore.NoAnswer && kind != secretstore.NotFound {
			t.Fatalf("Get error has kind %v, want NoAnswer or Nothing", kind)
		}
	}
}

func TestWhoComesToUnlockAKeyringHasAMinute(t *testing.T) {
	_, memory := secretstoretest.Keyring()
	w := &waiting{Memory: memory, back: make(chan struct{}), calls: make(chan struct{}, 9)}
	clock := &timers{asked: make(chan time.Duration, 9), over: make(chan time.Time)}
	said := make(chan struct{}, 9)
	secrets := secretstore.NewKeyring(w, "")
	secrets.After, secrets.OnUnlock = clock.After, func() { said <- struct{}{} }
	failed := make(chan error, 1)
	go func() { _, err := secrets.ForUnlocking().Get(t.Context(), "x"); failed <- err }()
	first := <-clock.asked
	clock.over <- time.Time{}
	<-said
	rest := <-clock.asked
	if first != 3*time.Second || first+rest != time.Minute {
		t.Errorf("timeouts = %s and %s, want 3s and a minute in total", first, rest)
	}
	close(w.back)
	if err := <-failed; secretstore.KindOf(err) != secretstore.NotFound {
		t.Errorf("Get after unlocking: error = %v, want kind Nothing", err)
	}
}
