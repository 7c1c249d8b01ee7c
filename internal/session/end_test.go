package session_test

import (
	"context"
	"crypto"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
)

func TestAnEndDuringACallDropsItsAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		route string
		call  func(*fixture) error
	}{
		"find": {hubtest.Search, func(b *fixture) error {
			_, err := b.Find(context.Background(),
				client.Query{Family: "Example", Born: nhs.Date{Year: 2016, Month: 3, Day: 4}})
			return err
		}},
		"patient": {hubtest.Record, func(b *fixture) error {
			_, err := b.Patient(context.Background(), hubtest.WithAlert)
			return err
		}},
		"lamp": {hubtest.Flag, func(b *fixture) error { return b.Lamp(context.Background(), hubtest.WithAlert).Err }},
		"open": {hubtest.CareTeam, func(b *fixture) error {
			_, err := b.Open(context.Background(), hubtest.WithAlert)
			return err
		}},
		"sign in": {hubtest.Token, func(b *fixture) error {
			_, err := b.SignIn(context.Background(), typed(passcode))
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := setUp(t, -1, 1)
			b.sitNurse(t)
			b.hub.Answer(c.route, func(w http.ResponseWriter, r *http.Request) {
				b.End(context.Background(), session.Idle)
				if c.route == hubtest.Token { // the hub has created a session that nobody waits for
					b.hub.DefaultHandler(c.route)(w, r)
					return
				}
				<-r.Context().Done()
			})
			if err := c.call(b); !errors.Is(err, session.ErrNoSession) {
				t.Errorf("call returned %v, want ErrNoSession", err)
			}
			b.settle(t)
			if n := b.hub.LiveSessions(); n != 0 {
				t.Errorf("%d sessions are open at the hub, want 0", n)
			}
		})
	}
}

// waited is a context that has ended and records whether Wait used it, that is, had anything to wait for.
type waited struct {
	context.Context
	busy bool
}

func (w *waited) Done() <-chan struct{} {
	w.busy = true
	return w.Context.Done()
}

// waits reports whether Wait has anything to wait for.
func waits(d *session.Manager) bool {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	w := &waited{Context: ended}
	d.Wait(w)
	return w.busy
}

// onSignedOut is a log handler that calls a function when the end of a session is logged.
type onSignedOut struct {
	slog.Handler
	call func()
}

func (h onSignedOut) Enabled(context.Context, slog.Level) bool { return true }

func (h onSignedOut) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "signed out" {
		h.call()
	}
	return nil
}

func TestWhatIsLoggedAsSignedOutIsWaitedFor(t *testing.T) {
	b := setUp(t, -1, 1)
	looked, busy := 0, 0
	b.config.Log = slog.New(onSignedOut{slog.DiscardHandler, func() {
		looked++
		if waits(b.Manager) {
			busy++
		}
	}})
	b.Manager = session.New(b.config)
	b.signIn(t)
	b.End(t.Context(), session.Idle)
	b.signIn(t)
	b.signIn(t) // replaces the card session
	if looked != 2 || busy != 2 {
		t.Errorf("Wait had a revocation to wait for at %d of %d ends, want 2 of 2", busy, looked)
	}
}

// stuckCard does not answer until it is released.
type stuckCard struct {
	cardreader.Card
	asked, free chan struct{}
	wiped       chan int
}

func (c *stuckCard) Sign(_ context.Context, p *cardreader.Passcode, _ []byte, _ crypto.Hash) ([]byte, error) {
	close(c.asked)
	<-c.free
	p.Wipe()
	c.wiped <- p.Len()
	return nil, &cardreader.Error{Kind: cardreader.Removed}
}

func TestACardThatHangsDoesNotHoldUpTheEnd(t *testing.T) {
	b := setUp(t, -1, 1)
	stuck := &stuckCard{asked: make(chan struct{}), free: make(chan struct{}), wiped: make(chan int, 1)}
	open := b.config.Open
	b.config.Open = func(ctx context.Context, name string) (cardreader.Card, error) {
		var err error
		stuck.Card, err = open(ctx, name)
		return stuck, err
	}

	manager := session.New(b.config)
	if _, err := manager.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatal(err)
	}

	p := typed(passcode)
	failed := make(chan error, 1)
	go func() {
		_, err := manager.SignIn(context.Background(), p)
		failed <- err
	}()
	<-stuck.asked
	manager.End(t.Context(), session.Locked)
	if err := <-failed; !errors.Is(err, session.ErrNoSession) {
		t.Errorf("call returned %v, want ErrNoSession", err)
	}

	if p.Len() != 0 {
		t.Error("the caller's passcode was not wiped")
	}

	close(stuck.free)
	<-stuck.wiped
}

func TestManyHandsAtOnceLeaveNothingBehind(t *testing.T) {
	b := setUp(t, -1, 1)
	b.sitNurse(t)
	var hands sync.WaitGroup
	for i := range 24 {
		hands.Go(func() {
			switch i % 6 {
			case 0:
				_, _ = b.ReadAhead(t.Context(), in(reader))
			case 1:
				_, _ = b.SignIn(t.Context(), typed(passcode))
			case 2:
				_ = b.Choose(nurse)
			case 3:
				_ = b.Lamp(t.Context(), hubtest.WithAlert)
			case 4:
				_, _ = b.Open(t.Context(), hubtest.WithAlert)
			case 5:
				b.End(t.Context(), session.Idle)
			}
		})
	}

	hands.Wait()
	b.End(t.Context(), session.Quit)
	b.settle(t)
	if n := b.hub.LiveSessions(); n != 0 {
		t.Errorf("%d sessions are open at the hub, want 0", n)
	}
}

// The terminal makes its calls from goroutines, which can begin in another order than they were made. It cancels the
// calls for one card before it makes those for the next.
func TestCallsForAnEarlierCardDoNothing(t *testing.T) {
	b := setUp(t, -1, 1)
	earlier, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ReadAhead(earlier, in(reader)); cardreader.KindOf(err) != cardreader.Busy {
		t.Errorf("ReadAhead for an earlier card: error %v, want Busy", err)
	}

	late := typed("000000")
	if _, err := b.SignIn(earlier, late); client.KindOf(err) != client.Cancelled || late.Len() != 0 {
		t.Errorf("SignIn for an earlier card: error %v, want Cancelled, and the passcode wiped", err)
	}
	if left := b.card.TriesLeft(); left != 3 {
		t.Errorf("%d tries left, want 3", left)
	}

	if _, err := b.SignIn(t.Context(), typed(passcode)); err != nil {
		t.Fatalf("SignIn with the card that was read last: %v", err)
	}
	if err := b.Choose(nurse); err != nil {
		t.Fatal(err)
	}
	before := len(b.hub.Requests(hubtest.CareTeam))
	if _, err := b.Open(earlier, hubtest.WithAlert); client.KindOf(err) != client.Cancelled {
		t.Errorf("Open for an earlier card: error %v, want Cancelled", err)
	}
	if n := len(b.hub.Requests(hubtest.CareTeam)) - before; n != 0 {
		t.Errorf("Open for an earlier card sent %d requests, want 0", n)
	}

	b.End(earlier, session.Idle)
	if err := b.Choose(nurse); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("Choose after End with an ended context: %v, want ErrNoSession", err)
	}
}
