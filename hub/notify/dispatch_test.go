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
	"testing/synctest"
	"time"

	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
)

// quiet is a logger that discards everything.
var quiet = slog.New(slog.DiscardHandler)

// fixture is a dispatcher in a bubble of testing/synctest, in which time advances when all goroutines are blocked.
type fixture struct {
	t     *testing.T
	store *sqlite.Store
	la    *authorities
	d     *notify.Dispatcher
	log   lines
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	s, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	b := &fixture{t: t, store: s, la: &authorities{}}
	b.delivers(s, b.la)
	for _, code := range []string{"V1", "V2"} {
		if err := s.PutAuthority(t.Context(), store.Authority{Code: code, Name: code}); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// delivers replaces the bench's dispatcher.
func (b *fixture) delivers(outbox store.Outbox, transport notify.Transport) {
	b.d = notify.NewDispatcher(outbox, transport, time.Now, time.After, slog.New(slog.NewTextHandler(&b.log, nil)))
}

// add adds a notification to the outbox.
func (b *fixture) add(id, authority string) {
	b.t.Helper()
	_, err := b.store.Commit(b.t.Context(), []*store.Entry{{Opening: &store.Opening{
		Person: "s", RequestID: id, Answer: []byte("{}"),
		Notifications: []store.Notification{{
			ID: id, Authority: authority, Body: []byte("{}"), Created: time.Now(),
			NextAttempt: time.Now(),
		}},
	}}})
	if err != nil {
		b.t.Fatal(err)
	}
}

// run starts the dispatcher and stops it at the end of the test.
func (b *fixture) run() {
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
	synctest.Wait()
}

// pass advances the time and waits until all goroutines are blocked.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (b *fixture) notification(id string) store.Notification {
	b.t.Helper()
	n, err := b.store.Notification(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// is checks the state of notifications.
func (b *fixture) is(state store.NotificationState, ids ...string) {
	b.t.Helper()
	for _, id := range ids {
		if got := b.notification(id).State(); got != state {
			b.t.Errorf("state of notification %s: got %s, want %s", id, got, state)
		}
	}
}

// alarms checks the number of alarms in the log.
func (b *fixture) alarms(want int) {
	b.t.Helper()
	if got := strings.Count(b.log.String(), `level=ERROR msg="ALARM: `); got != want {
		b.t.Errorf("got %d alarms, want %d:\n%s", got, want, b.log.String())
	}
}

// authorities is a transport that records its messages.
type authorities struct {
	answer   func(context.Context, notify.Message) error // nil accepts everything
	mu       sync.Mutex
	attempts []attempt
	accepted []string
}

type attempt struct {
	id string
	at time.Time
}

func (a *authorities) Deliver(ctx context.Context, m notify.Message) (string, error) {
	a.mu.Lock()
	a.attempts = append(a.attempts, attempt{m.ID, time.Now()})
	answer := a.answer
	a.mu.Unlock()
	if answer != nil {
		if err := answer(ctx, m); err != nil {
			return "", err
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.accepted = append(a.accepted, m.ID)
	return "receipt of " + m.ID, nil
}

// answers sets the result of later attempts. nil accepts everything.
func (a *authorities) answers(answer func(context.Context, notify.Message) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = answer
}

// took checks which messages were accepted, in order.
func (b *fixture) took(want ...string) {
	b.t.Helper()
	b.la.mu.Lock()
	defer b.la.mu.Unlock()
	if !slices.Equal(b.la.accepted, want) {
		b.t.Errorf("got accepted messages %v, want %v", b.la.accepted, want)
	}
}

// tries returns the number of attempts for a notification.
func (b *fixture) tries(id string) int {
	b.la.mu.Lock()
	defer b.la.mu.Unlock()
	n := 0
	for _, a := range b.la.attempts {
		if a.id == id {
			n++
		}
	}
	return n
}

// refuse returns an answer that refuses every message with that error.
func refuse(err error) func(context.Context, notify.Message) error {
	return func(context.Context, notify.Message) error { return err }
}

func TestWhatFailsIsTriedAgainLaterAndLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		b.la.answers(refuse(errors.New("down")))
		b.add("1", "V1")
		b.run()
		want := []time.Duration{2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900}
		pass(3000 * time.Second)
		var got []time.Duration
		for i, a := range b.la.attempts[1:] {
			got = append(got, a.at.Sub(b.la.attempts[i].at)/time.Second)
		}
		if !slices.Equal(got, want) {
			t.Errorf("waits between attempts in seconds: got %d, want %d", got, want)
		}
		b.took()
	})
}

func TestOneAuthorityThatIsDownHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		up := time.Now().Add(time.Second)
		b.la.answers(func(_ context.Context, m notify.Message) error {
			if m.Authority == "V1" && time.Now().Before(up) {
				return errors.New("down")
			}
			return nil
		})

		for i := range 3 {
			b.add(fmt.Sprint("1-", i), "V1")
			b.add(fmt.Sprint("2-", i), "V2")
		}

		b.run()
		b.took("2-0", "2-1", "2-2")
		pass(2 * time.Second)
		b.took("2-0", "2-1", "2-2", "1-0", "1-1", "1-2")
		if n := b.tries("1-0"); n != 2 {
			t.Errorf("got %d attempts for the first, want 2", n)
		}

		b.is(store.Delivered, "1-0", "1-1", "1-2", "2-0", "2-1", "2-2")
		if got := b.notification("1-0").Receipt; got != "receipt of 1-0" {
			t.Errorf("got receipt %q, want \"receipt of 1-0\"", got)
		}
	})
}

// An authority that accepts a connection and doesn't answer delays only its own notifications.
func TestOneAuthorityThatIsSlowHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		answer := make(chan struct{})
		b.la.answers(func(_ context.Context, m notify.Message) error {
			if m.Authority == "V1" {
				<-answer
			}
			return nil
		})

		const many = 50
		var others []string
		b.add("slow", "V1")
		b.add("behind it", "V1")
		for i := range many {
			others = append(others, fmt.Sprint("2-", i))
			b.add(others[i], "V2")
		}

		b.run()
		b.took(others...) // although the slow authority hasn't answered
		b.add("new", "V2")
		b.d.Wake()
		synctest.Wait()
		b.took(append(others, "new")...)
		if n := b.tries("slow") + b.tries("behind it"); n != 1 {
			t.Errorf("got %d attempts at the slow authority, want 1", n)
		}

		close(answer)
		synctest.Wait()
		b.took(append(others, "new", "slow", "behind it")...)
	})
}

// There are more unresponsive authorities than concurrent attempts. The next attempt starts when one of them ends.
func TestTheNumberOfAttemptsAtOnceIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound = 256
		b := newFixture(t)
		answer := make(chan struct{})
		b.la.answers(func(context.Context, notify.Message) error { <-answer; return nil })
		o := &store.Opening{Person: "s", RequestID: "many", Answer: []byte("{}")}
		for i := range bound + 2 {
			code := fmt.Sprint("W", i)
			if err := b.store.PutAuthority(t.Context(), store.Authority{Code: code, Name: code}); err != nil {
				t.Fatal(err)
			}
			o.Notifications = append(o.Notifications, store.Notification{
				ID: code, Authority: code, Body: []byte("{}"),
				Created: time.Now(), NextAttempt: time.Now(),
			})
		}

		if _, err := b.store.Commit(t.Context(), []*store.Entry{{Opening: o}}); err != nil {
			t.Fatal(err)
		}

		b.run()

		for ended := range 3 {
			b.la.mu.Lock()
			if got := len(b.la.attempts) - ended; got != min(bound, bound+2-ended) {
				t.Errorf("after %[2]d attempts have ended: got %[1]d running, want %[3]d", got, ended,
					min(bound, bound+2-ended))
			}
			b.la.mu.Unlock()
			answer <- struct{}{}
			synctest.Wait()
		}

		close(answer)
	})
}

// Setting the clock forward expires the lease of a running attempt. The same hub must not start a second one.
func TestAClockThatIsSetForwardStartsNoSecondAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		answer := make(chan struct{})
		b.la.answers(func(context.Context, notify.Message) error { <-answer; return nil })
		var ahead time.Duration
		b.d = notify.NewDispatcher(b.store, b.la, func() time.Time { return time.Now().Add(ahead) }, time.After, quiet)
		b.add("1", "V1")
		b.run()
		ahead = time.Hour
		b.d.Wake()
		synctest.Wait()
		if n := b.tries("1"); n != 1 {
			t.Errorf("got %d attempts at once, want 1", n)
		}
		close(answer)
		synctest.Wait()
		b.is(store.Delivered, "1")
	})
}

// When the hub stops, running attempts are completed and recorded.
func TestRunEndsWhenItsAttemptsHaveEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		answer, ended := make(chan struct{}), make(chan struct{})
		b.la.answers(func(ctx context.Context, _ notify.Message) error {
			<-answer
			return ctx.Err()
		})

		b.add("1", "V1")
		b.add("2", "V2")
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			defer close(ended)
			b.d.Run(ctx)
		}()

		synctest.Wait()
		stop()
		synctest.Wait()
		select {
		case <-ended:
			t.Error("Run returned with two running attempts")
		default:
		}

		close(answer)
		<-ended
		b.is(store.Delivered, "1", "2")
	})
}

func TestSomethingNewIsDeliveredWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		b.run()
		b.add("1", "V1")
		b.d.Wake()
		synctest.Wait()
		b.took("1")
		b.add("2", "V1") // added by another hub, which doesn't wake this one
		pass(30*time.Second - 1)
		b.took("1")
		pass(1)
		b.took("1", "2")
	})
}

// forgetful is an outbox that can't store the result of an attempt, as if the hub had crashed after the authority's
// answer.
type forgetful struct {
	*sqlite.Store
	mu    sync.Mutex
	times int
}

func (f *forgetful) Delivered(ctx context.Context, id, receipt string, at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.times > 0 {
		f.times--
		return errors.New("disk full")
	}
	return f.Store.Delivered(ctx, id, receipt, at)
}

func TestADeliveryThatWasNotRecordedIsMadeAgainUnderTheSameID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		b.delivers(&forgetful{Store: b.store, times: 1}, b.la)
		b.add("1", "V1")
		b.run()
		pass(time.Minute)
		b.took("1", "1")
		b.is(store.Delivered, "1")
	})
}

// A refusal that another attempt can't change is given up at once with an alarm. Later notifications are delivered.
func TestWhatIsRefusedForGoodIsSetAsideAtOnce(t *testing.T) {
	for says, refusal := range map[string]*notify.RefusedError{
		"MESH answered 417: 12 Unregistered to address": {
			Status: 417, By: "MESH", Code: "12",
			Text: "Unregistered to address",
		},
		"MESH answered 417: 17 Workflow ID not registered for mailbox": {
			Status: 417, By: "MESH", Code: "17",
			Text: "Workflow ID not registered for mailbox",
		},
		"MESH answered 400: 06 MalformedControlFile": {
			Status: 400, By: "MESH", Code: "06",
			Text: "MalformedControlFile",
		},
		"the authority's system answered 410": {Status: 410, By: "the authority's system"},
		"the authority's system answered 413": {Status: 413, By: "the authority's system"},
		"the authority's system answered 422": {Status: 422, By: "the authority's system"},
	} {
		t.Run(says, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newFixture(t)
				b.la.answers(func(_ context.Context, m notify.Message) error {
					if m.ID == "1" {
						return refusal
					}
					return nil
				})

				b.add("1", "V1")
				b.add("2", "V1")
				b.run()
				b.is(store.Buried, "1")
				b.is(store.Delivered, "2")
				b.alarms(1)
				if got := b.notification("1").LastError; got != says || !strings.Contains(b.log.String(), says) {
					t.Errorf("got last error %q, want %q, also in the log:\n%s", got, says, b.log.String())
				}

				pass(time.Hour)
				if n := b.tries("1"); n != 1 {
					t.Errorf("got %d attempts, want 1", n)
				}

				if err := b.store.Revive(t.Context(), "1", time.Now()); err != nil {
					t.Fatal(err)
				}

				b.la.answers(nil)
				b.d.Wake()
				synctest.Wait()
				b.is(store.Delivered, "1")
				b.alarms(1)
			})
		})
	}
}

// A notification that may still be accepted is given up after a week.
func TestWhatMayYetBeAcceptedWaitsForAWeek(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		alarms int // before it is given up
	}{
		"down":           {errors.New("down"), 0},
		"a failure":      {&notify.RefusedError{Status: 503}, 0},
		"too many":       {&notify.RefusedError{Status: 429}, 0},
		"a wrong secret": {&notify.RefusedError{Status: 401}, 1},
		"a wrong path":   {&notify.RefusedError{Status: 404}, 1},
		"moved":          {&notify.RefusedError{Status: 301}, 1},
		"our mailbox":    {&notify.RefusedError{Status: 403, By: "MESH", Text: "Invalid Authentication Token"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newFixture(t)
				b.la.answers(refuse(c.err))
				b.add("1", "V1")
				pass(7*24*time.Hour - 30*time.Minute) // ten attempts take less time
				b.run()
				b.alarms(c.alarms)
				pass(30*time.Minute - 1)
				b.is(store.Waiting, "1")
				b.alarms(c.alarms)
				pass(15 * time.Minute)
				b.is(store.Buried, "1")
				b.alarms(c.alarms + 1)
			})
		})
	}
}

// TestDispatcher_AuthorityDownForAWeek adds a notification every six hours while one authority is down for a week. Only
// the first is given up, with an alarm, when it is a week old. The others arrive when the authority is back, and the
// first when an operator sends it again: each once, and in order.
func TestDispatcher_AuthorityDownForAWeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const week, every = 7 * 24 * time.Hour, 6 * time.Hour
		b := newFixture(t)
		b.la.answers(func(_ context.Context, m notify.Message) error {
			if m.Authority == "V1" {
				return &notify.RefusedError{Status: 503}
			}
			return nil
		})
		b.run()

		var down, up []string
		began := time.Now()
		for range week / every {
			for code, ids := range map[string]*[]string{"V1": &down, "V2": &up} {
				id := fmt.Sprint(code, "-", len(*ids))
				b.add(id, code)
				*ids = append(*ids, id)
			}
			b.d.Wake()
			pass(every)
		}

		pass(time.Hour)
		b.took(up...) // the other authority is not delayed
		b.alarms(1)
		b.is(store.Buried, down[0])
		b.is(store.Waiting, down[1:]...)
		backlog, err := b.store.Backlog(t.Context())
		want := store.Backlog{Waiting: len(down) - 1, Buried: 1, Oldest: began.Add(every)}
		if err != nil || backlog.Waiting != want.Waiting || backlog.Buried != 1 || !backlog.Oldest.Equal(want.Oldest) {
			t.Errorf("backlog: got %+v, error %v, want %+v", backlog, err, want)
		}
		if got, most := b.tries(down[0]), int(week/(15*time.Minute))+10; got > most {
			t.Errorf("attempts for the first notification in a week: got %d, want at most %d", got, most)
		}
		if got := b.tries(down[2]); got > 0 {
			t.Errorf("attempts for a notification behind another: got %d, want 0", got)
		}

		b.la.answers(nil)
		pass(15 * time.Minute) // the longest wait between two attempts
		if err := b.store.Revive(t.Context(), down[0], time.Now()); err != nil {
			t.Fatal(err)
		}
		b.d.Wake()
		pass(time.Minute)
		b.took(slices.Concat(up, down[1:], down[:1])...)
		b.alarms(1)
	})
}

// An error that an operator has to fix raises an alarm when it first occurs, when it changes, and when it occurs again
// after a replay.
func TestWhatNeedsRepairIsAnAlarmOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		b.la.answers(refuse(errors.New("down")))
		b.add("1", "V1")
		b.run()
		b.alarms(0)
		b.la.answers(refuse(&notify.RefusedError{Status: 401, By: "the authority's system"}))
		pass(time.Hour)
		b.alarms(1)
		b.la.answers(refuse(&notify.RefusedError{Status: 404, By: "the authority's system"}))
		pass(time.Hour)
		b.alarms(2)
		if err := errors.Join(b.store.Bury(t.Context(), "1", time.Now(), b.notification("1").LastError),
			b.store.Revive(t.Context(), "1", time.Now())); err != nil {
			t.Fatal(err)
		}

		b.d.Wake()
		synctest.Wait()
		b.alarms(3)
		b.la.answers(nil)
		pass(time.Hour)
		b.is(store.Delivered, "1")
		b.alarms(3)
	})
}

// A notification that was given up and is sent again gets as many attempts as a new one.
func TestWhatIsRevivedAfterAWeekHasItsAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		b.la.answers(func(context.Context, notify.Message) error {
			if b.tries("1") < 10 {
				return errors.New("down")
			}
			return nil
		})
		b.add("1", "V1")
		if err := errors.Join(b.store.Bury(t.Context(), "1", time.Now(), "down"),
			b.store.Revive(t.Context(), "1", time.Now())); err != nil {
			t.Fatal(err)
		}
		pass(8 * 24 * time.Hour)
		b.run()
		pass(time.Hour)
		b.is(store.Delivered, "1")
		if n := b.tries("1"); n != 10 {
			t.Errorf("got %d attempts, want 10", n)
		}
	})
}

// lines is a log that can be read while it is written.
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
