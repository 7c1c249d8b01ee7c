package session_test

import (
	"context"
	"crypto/elliptic"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/session"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	passcode = "246813"
	reader   = "Virtual Reader"
	nurse    = "999000000222"
)

// clock is a clock that a test advances.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fixture is a session manager with a virtual card in its reader, and a test hub.
type fixture struct {
	*session.Manager
	hub    *hubtest.Hub
	clock  *clock
	reader *virtual.Reader
	card   *virtual.Card
	config session.Config
}

// setUp returns a bench whose card is valid between the given numbers of days from noon.
func setUp(t *testing.T, from, until int) *fixture {
	t.Helper()
	b := &fixture{clock: &clock{now: noon}, reader: virtual.NewReader(reader)}
	b.hub = hubtest.New(t, b.clock.Now)
	who := hubtest.EC(t, elliptic.P256(), noon.AddDate(0, 0, from), noon.AddDate(0, 0, until))
	var err error
	b.card, err = virtual.New(virtual.Config{
		Key: who.Key, Certificate: who.Certificate.Raw,
		Passcode: []byte(passcode),
	})
	if err != nil {
		t.Fatal(err)
	}

	b.reader.Insert(b.card)
	hub, err := client.New(client.Config{
		BaseURL: b.hub.URL, HTTP: client.NewHTTP(b.hub.Roots), Clock: b.clock.Now,
		NewID: uuid.NewString, Timeout: 20 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}

	b.config = session.Config{
		Open: func(ctx context.Context, name string) (cardreader.Card, error) { return piv.Open(ctx, b.reader, name) },
		Hub:  hub, Clock: b.clock.Now, NewID: uuid.NewString,
	}

	b.Manager = session.New(b.config)
	t.Cleanup(func() { b.End(context.Background(), session.Quit); b.settle(t) })
	return b
}

// settle waits until all ended sessions are revoked.
func (b *fixture) settle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	b.Wait(ctx)
	if ctx.Err() != nil {
		t.Error("Wait did not return before the timeout")
	}
}

func typed(s string) *cardreader.Passcode {
	p := new(cardreader.Passcode)
	for _, b := range []byte(s) {
		p.Append(b)
	}
	return p
}

// signIn reads the card and signs in.
func (b *fixture) signIn(t *testing.T) session.SignedIn {
	t.Helper()
	if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
		t.Fatal(err)
	}
	in, err := b.SignIn(t.Context(), typed(passcode))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// sitNurse signs in and chooses the nurse's role.
func (b *fixture) sitNurse(t *testing.T) {
	t.Helper()
	b.signIn(t)
	if err := b.Choose(nurse); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until f returns true.
func eventually(t *testing.T, f func() bool) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-deadline.Done():
			t.Fatal("timed out waiting for the condition")
		}
	}
}

// in returns a list with one reader, which has a card.
func in(reader string) []cardreader.Reader {
	return []cardreader.Reader{{Name: reader, Present: true}}
}
