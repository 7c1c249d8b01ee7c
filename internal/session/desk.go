package session

import (
	"context"
	"crypto"
	"log/slog"
	"sync"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
)

// Hub is what a desk needs of the hub before there is a session. *client.Hub is one.
type Hub interface {
	Challenge(ctx context.Context) (client.Challenge, error)
	SignIn(ctx context.Context, c client.Challenge, signed client.Assertion) (*client.Session, error)
}

// Config is what a Desk is made of. All but Others, Unanswered, Log and Farewell are required.
type Config struct {
	Open  cardreader.Opener
	Hub   Hub
	Clock func() time.Time
	NewID func() string // a new random UUID each time
	// Others returns the programs that may hold a card, for the words of an error; nil names none.
	Others func() []string
	// Unanswered is where the ids of openings whose answer never came outlive the program; nil keeps them in memory.
	Unanswered Unanswered
	// Farewell is how long the hub may take to end a session behind the user's back; 0 means client.DefaultTimeout.
	Farewell time.Duration
	Log      *slog.Logger // starts and ends of sessions, without patients; nil keeps none
}

// Desk is one terminal's front door: at most one card and one session at a time. Its methods may be called from any
// goroutine. A call whose session ends while it runs returns ErrNoSession at once, never another session's answer.
type Desk struct {
	cfg Config

	mu      sync.Mutex
	now     *sitting      // nil: no card was read, or all is over
	parting int           // exchanges with the hub that go on behind the user's back
	parted  chan struct{} // closed when that comes down to none

	unanswered map[string]unanswered // by openingKey
	storing    sync.Mutex            // held while an opening's id leaves the store, or comes back
}

// sitting is one card, from reading ahead to the end, and the session that came of it. Everything about it is dropped
// together. Its fields are guarded by Desk.mu, apart from those set when it was made.
type sitting struct {
	ctx    context.Context
	cancel context.CancelFunc

	card     cardreader.Card  // nil until read
	unusable error            // why the card that was read cannot sign in
	key      *client.ProofKey // of the session to come
	nonce    *nonce
	session  *client.Session
	role     *client.Acting
	kept     bool // the session outlives the sitting
}

// New makes a desk at which nobody sits.
func New(c Config) *Desk {
	if c.Farewell <= 0 {
		c.Farewell = client.DefaultTimeout
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Desk{cfg: c, unanswered: make(map[string]unanswered)}
}

// sitDown ends what was and begins a sitting.
func (d *Desk) sitDown(ctx context.Context) *sitting {
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &sitting{ctx: life, cancel: cancel}
	d.replace(ctx, s, CardRemoved)
	return s
}

// current returns the sitting; nil when there is none.
func (d *Desk) current() *sitting {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// holds runs f, while the desk is locked, if s is still the sitting, and reports whether it was.
func (d *Desk) holds(s *sitting, f func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s == nil || d.now != s {
		return false
	}
	if f != nil {
		f()
	}
	return true
}

// within returns ctx, ended also by the end of the sitting.
func (s *sitting) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	detach := context.AfterFunc(s.ctx, cancel)
	return ctx, func() { detach(); cancel() }
}

// await runs f, which a card, a driver or the hub may hold up. When ctx ends it stops waiting, and gives gaveUp for
// what the matter was.
func await[T any](ctx context.Context, gaveUp func(cause error) error, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, gaveUp(ctx.Err())
	}
}

// cardBusy returns giving up on a card.
func cardBusy(cause error) error { return &cardreader.Error{Kind: cardreader.Busy, Err: cause} }

// cancelled returns giving up on the hub.
func cancelled(cause error) error { return &client.Error{Kind: client.Cancelled, Err: cause} }

// nonce is a challenge that was asked for ahead of its use.
type nonce struct {
	done      chan struct{} // closed when the others are set
	challenge client.Challenge
	err       error
}

// askNonce asks the hub for a nonce in the background of ctx.
func (d *Desk) askNonce(ctx context.Context) *nonce {
	n := &nonce{done: make(chan struct{})}
	go func() {
		defer close(n.done)
		n.challenge, n.err = d.cfg.Hub.Challenge(ctx)
	}()
	return n
}

// cardSign has the card sign with the passcode.
func cardSign(ctx context.Context, card cardreader.Card, passcode *cardreader.Passcode) client.CardSign {
	return func(message []byte, hash crypto.Hash) ([]byte, error) {
		if whole, is := card.(cardreader.MessageSigner); is {
			return whole.SignMessage(ctx, passcode, message, hash)
		}
		digest := hash.New()
		_, _ = digest.Write(message)
		return card.Sign(ctx, passcode, digest.Sum(nil), hash)
	}
}
