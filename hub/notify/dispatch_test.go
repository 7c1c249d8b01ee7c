package notify_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
)

var start = time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)

// timers is a clock with timers; both go when they are told to.
type timers struct {
	mu      sync.Mutex
	now     time.Time
	waiting []timer
	set     chan time.Duration // each wait that begins
}

type timer struct {
	at   time.Time
	fire chan time.Time
}

func newTimers() *timers { return &timers{now: start, set: make(chan time.Duration, 1000)} }

func (x *timers) Now() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.now
}

func (x *timers) After(d time.Duration) <-chan time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	fire := make(chan time.Time, 1)
	x.waiting = append(x.waiting, timer{x.now.Add(d), fire})
	x.set <- d
	return fire
}

// Add lets the time pass.
func (x *timers) Add(d time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.now = x.now.Add(d)
	x.waiting = slices.DeleteFunc(x.waiting, func(t timer) bool {
		if t.at.After(x.now) {
			return false
		}
		t.fire <- x.now
		return true
	})
}

// authorities is a transport; each attempt waits for the test to say what comes of it.
type authorities struct {
	down     func(notify.Message) bool
	mu       sync.Mutex
	attempts []string
	taken    []string
}

func (a *authorities) Deliver(_ context.Context, m notify.Message) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.attempts = append(a.attempts, m.ID)
	if a.down(m) {
		return errors.New("down")
	}
	a.taken = append(a.taken, m.ID)
	return nil
}

func (a *authorities) seen() (attempts, taken []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.attempts), slices.Clone(a.taken)
}

type bench struct {
	t     *testing.T
	store *sqlite.Store
	time  *timers
	la    *authorities
	d     *notify.Dispatcher
}

func newBench(t *testing.T) *bench {
	t.Helper()
	s, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	b := &bench{t, s, newTimers(), &authorities{down: func(notify.Message) bool { return false }}, nil}
	b.d = notify.NewDispatcher(s, b.la, b.time.Now, b.time.After, slog.New(slog.DiscardHandler))
	for _, code := range []string{"V1", "V2"} {
		if err := s.PutAuthority(t.Context(), store.Authority{Code: code, Name: code}); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// tell puts a notification into the outbox.
func (b *bench) tell(id, authority string) {
	b.t.Helper()
	_, err := b.store.Commit(b.t.Context(), []*store.Entry{{Opening: &store.Opening{
		Person: "s", RequestID: id, Answer: []byte("{}"),
		Notifications: []store.Notification{{ID: id, Authority: authority, Body: []byte("{}"), Created: start, NextAttempt: start}},
	}}})
	if err != nil {
		b.t.Fatal(err)
	}
}

// run delivers until the test ends.
func (b *bench) run() {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.d.Run(ctx)
	}()
	b.t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// rests waits until the dispatcher has nothing to do, and says for how long it means to rest.
func (b *bench) rests() time.Duration {
	b.t.Helper()
	select {
	case d := <-b.time.set:
		return d
	case <-time.After(time.Minute):
		b.t.Fatal("the dispatcher does not come to rest")
		return 0
	}
}

func TestWhatFailsIsTriedAgainLaterAndLater(t *testing.T) {
	b := newBench(t)
	b.la.down = func(notify.Message) bool { return true }
	b.tell("1", "V1")
	b.run()
	waits := []time.Duration{2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900}
	for i, want := range waits {
		want *= time.Second
		waited := time.Duration(0)
		for waited < want {
			d := b.rests()
			if d > 30*time.Second {
				t.Fatalf("asks the outbox only after %v", d)
			}
			waited += d
			b.time.Add(d)
		}
		if waited != want {
			t.Errorf("wait %d is %v, want %v", i+1, waited, want)
		}
	}
	b.rests()
	attempts, taken := b.la.seen()
	if len(attempts) != len(waits)+1 || len(taken) != 0 {
		t.Errorf("%d attempts, %d taken", len(attempts), len(taken))
	}
}

func TestOneAuthorityThatIsDownHoldsUpNobodyElse(t *testing.T) {
	b := newBench(t)
	down := true
	b.la.down = func(m notify.Message) bool { return down && m.Authority == "V1" }
	for i := range 3 {
		b.tell(fmt.Sprint("1-", i), "V1")
		b.tell(fmt.Sprint("2-", i), "V2")
	}
	b.run()
	b.rests()
	if _, taken := b.la.seen(); !slices.Equal(taken, []string{"2-0", "2-1", "2-2"}) {
		t.Fatalf("taken %v", taken)
	}
	b.la.mu.Lock()
	down = false
	b.la.mu.Unlock()
	b.time.Add(2 * time.Second)
	b.rests()
	attempts, taken := b.la.seen()
	if !slices.Equal(taken[3:], []string{"1-0", "1-1", "1-2"}) {
		t.Errorf("taken %v, not in order", taken)
	}
	if n := strings.Count(strings.Join(attempts, " "), "1-0"); n != 2 {
		t.Errorf("%d attempts for the first", n)
	}
	all, err := b.store.Notifications(t.Context(), store.NotificationQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range all {
		if n.Delivered.IsZero() {
			t.Errorf("%+v is not marked", n)
		}
	}
}

func TestSomethingNewIsDeliveredWithoutWaiting(t *testing.T) {
	b := newBench(t)
	b.run()
	if d := b.rests(); d != 30*time.Second {
		t.Errorf("an empty outbox is asked after %v", d)
	}
	b.tell("1", "V1")
	b.d.Wake()
	b.rests()
	if _, taken := b.la.seen(); !slices.Equal(taken, []string{"1"}) {
		t.Errorf("taken %v", taken)
	}
	b.tell("2", "V1") // by another hub: nobody wakes this one
	b.time.Add(30 * time.Second)
	b.rests()
	if _, taken := b.la.seen(); !slices.Equal(taken, []string{"1", "2"}) {
		t.Errorf("taken %v", taken)
	}
}

// forgetful is an outbox that can't keep what came of an attempt, as when the hub dies after the authority's answer.
type forgetful struct {
	*sqlite.Store
	mu    sync.Mutex
	times int
}

func (f *forgetful) Delivered(ctx context.Context, id string, at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.times > 0 {
		f.times--
		return errors.New("disk full")
	}
	return f.Store.Delivered(ctx, id, at)
}

func TestADeliveryThatWasNotRecordedIsMadeAgainUnderTheSameID(t *testing.T) {
	b := newBench(t)
	b.d = notify.NewDispatcher(&forgetful{Store: b.store, times: 1}, b.la, b.time.Now, b.time.After, slog.New(slog.DiscardHandler))
	b.tell("1", "V1")
	b.run()
	for range 2 {
		b.time.Add(b.rests())
	}
	b.rests()
	if _, taken := b.la.seen(); !slices.Equal(taken, []string{"1", "1"}) {
		t.Errorf("taken %v", taken)
	}
}

// passes lets the time pass until done, and no longer than at most.
func (b *bench) passes(atMost time.Duration, done func() bool) {
	b.t.Helper()
	for passed := time.Duration(0); !done(); {
		d := b.rests()
		if passed += d; passed > atMost {
			b.t.Fatalf("nothing came of it in %v", atMost)
		}
		if !done() {
			b.time.Add(d)
		}
	}
}

func (b *bench) state(id string) store.NotificationState {
	b.t.Helper()
	all, err := b.store.Notifications(b.t.Context(), store.NotificationQuery{})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, n := range all {
		if n.ID == id {
			return n.State()
		}
	}
	b.t.Fatalf("there is no notification %s", id)
	return ""
}

func TestWhatAnAuthorityWillNotTakeIsGivenUpLoudlyAndTheNextGoesOn(t *testing.T) {
	var log lines
	b := newBench(t)
	refuse := transport(func(m notify.Message) error {
		if m.ID == "1" {
			return &notify.RefusedError{Status: 422}
		}
		return b.la.Deliver(context.Background(), m)
	})
	b.d = notify.NewDispatcher(b.store, refuse, b.time.Now, b.time.After, slog.New(slog.NewTextHandler(&log, nil)))
	b.tell("1", "V1")
	b.tell("2", "V1")
	b.run()
	b.passes(time.Hour, func() bool { return b.state("2") == store.Delivered })
	if got := b.state("1"); got != store.Buried {
		t.Errorf("the first is %s", got)
	}
	if n := strings.Count(log.String(), "level=ERROR msg=\"ALARM: a notification was given up"); n != 1 {
		t.Errorf("%d alarms:\n%s", n, log.String())
	}
	if err := b.store.Revive(t.Context(), "1", b.time.Now()); err != nil {
		t.Fatal(err)
	}
	b.d.Wake()
	b.passes(time.Hour, func() bool { return b.state("1") == store.Buried })
}

// An authority that is down, or a secret that does not fit, is nothing of the message: it waits for a week.
func TestWhatMayYetBeTakenWaitsForAWeek(t *testing.T) {
	for name, err := range map[string]error{
		"down": errors.New("down"), "a failure": &notify.RefusedError{Status: 503}, "a wrong secret": &notify.RefusedError{Status: 401}, "moved": &notify.RefusedError{Status: 301},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.d = notify.NewDispatcher(b.store, transport(func(notify.Message) error { return err }), b.time.Now, b.time.After, slog.New(slog.DiscardHandler))
			b.tell("1", "V1")
			b.time.Add(7*24*time.Hour - 30*time.Minute) // ten attempts take less
			b.run()
			b.passes(time.Hour, func() bool { return b.state("1") == store.Buried })
			if passed := b.time.Now().Sub(start); passed < 7*24*time.Hour {
				t.Errorf("given up after %v", passed)
			}
		})
	}
}

// One that was given up and is sent again is no older for having waited: it has as many attempts as a new one.
func TestWhatIsRevivedAfterAWeekHasItsAttempts(t *testing.T) {
	b := newBench(t)
	attempts := 0
	b.d = notify.NewDispatcher(b.store, transport(func(notify.Message) error {
		if attempts++; attempts < 10 {
			return errors.New("down")
		}
		return nil
	}), b.time.Now, b.time.After, slog.New(slog.DiscardHandler))
	b.tell("1", "V1")
	if err := errors.Join(b.store.Bury(t.Context(), "1", start, "down"), b.store.Revive(t.Context(), "1", start)); err != nil {
		t.Fatal(err)
	}
	b.time.Add(8 * 24 * time.Hour)
	b.run()
	b.passes(time.Hour, func() bool { return b.state("1") == store.Delivered })
	if attempts != 10 {
		t.Errorf("%d attempts", attempts)
	}
}

// transport is a transport made of a function.
type transport func(notify.Message) error

func (f transport) Deliver(_ context.Context, m notify.Message) error { return f(m) }

// lines is a log that may be read while it is written.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
