package session

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
)

// Hub is the part of the hub that is used before there is a session. *client.Hub implements it.
type Hub interface {
	Challenge(ctx context.Context) (client.Challenge, error)
	SignIn(ctx context.Context, c client.Challenge, signed client.Assertion) (*client.Session, error)
	OffersFlags(ctx context.Context) (bool, error)
	BeginBrowser(ctx context.Context, redirect string) (client.BrowserSignIn, error)
	SignInByBrowser(ctx context.Context, b client.BrowserSignIn, code string) (*client.Session, error)
}

// Browser is the system's browser. *browser.System implements it.
type Browser interface {
	// Available returns nil, or why no browser can be opened here.
	Available() error
	// Open opens an address.
	Open(ctx context.Context, address string) error
}

// Config configures a [Manager]. All fields except Browser, Others, Openings, RevokeTimeout and Log are required.
type Config struct {
	Open  cardreader.Opener
	Hub   Hub
	Clock func() time.Time
	NewID func() string // returns a new random UUID
	// Browser opens the sign-in in the browser; nil means that there is no browser.
	Browser Browser
	// Others returns the programs that may be using a card, for error messages; nil means that none are named.
	Others func() []string
	// Openings stores the request ids of openings without an answer beyond the end of the process; nil means that
	// they are stored in memory only.
	Openings OpeningStore
	// RevokeTimeout is the maximum time for revoking a session in the background; 0 means client.DefaultTimeout.
	RevokeTimeout time.Duration
	Log           *slog.Logger // logs starts and ends of sessions, without patients; nil disables it
}

// Manager manages the card and the session of one terminal, at most one at a time. Its methods are safe for concurrent
// use. A call whose session ends while it runs returns [ErrNoSession] at once; it never returns an answer of another
// session. A call whose context has ended before it begins does nothing, so a caller that cancels the calls for one
// card before it makes those for the next may make them from goroutines that run in any order.
type Manager struct {
	cfg Config

	mu          sync.Mutex
	cardSession *cardSession  // nil before a card is read and after End
	pending     int           // number of background requests to the hub
	idle        chan struct{} // closed when pending becomes 0

	unanswered map[string]pendingOpening // by openingKey
	storing    sync.Mutex                // held while the id of an opening is removed from or added to the store
}

// cardSession is one card, from reading ahead to the end, and its session. All of it is dropped together. Its fields
// are guarded by Manager.mu, except those set at its creation.
type cardSession struct {
	ctx    context.Context
	cancel context.CancelFunc

	card     cardreader.Card  // nil until read
	unusable error            // why the card can't sign in
	key      *client.ProofKey // key of the session to be requested
	nonce    *nonce
	session  *client.Session
	role     *client.Acting
	detached bool // End does not revoke the session
}

// New returns a [Manager] without a card and a session.
func New(c Config) *Manager {
	if c.RevokeTimeout <= 0 {
		c.RevokeTimeout = client.DefaultTimeout
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Manager{cfg: c, unanswered: make(map[string]pendingOpening)}
}

// startCardSession ends the current card session and starts a new one. If ctx has ended, it leaves the current one and
// returns nil.
func (d *Manager) startCardSession(ctx context.Context) *cardSession {
	scope, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &cardSession{ctx: scope, cancel: cancel}
	if !d.replace(ctx, s, CardRemoved) {
		cancel()
		return nil
	}
	return s
}

// current returns the current card session, or nil.
func (d *Manager) current() *cardSession {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cardSession
}

// ifCurrent calls f with d.mu locked if s is still the current card session. It reports whether it is.
func (d *Manager) ifCurrent(s *cardSession, f func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s == nil || d.cardSession != s {
		return false
	}
	if f != nil {
		f()
	}
	return true
}

// currentFor returns the current card session, or nil, for a call with ctx. It calls f with it and with d.mu locked, if
// there is one. If ctx has ended, it returns a *client.Error of kind Cancelled: the call was made for an earlier card,
// and began so late that another card may be the current one.
func (d *Manager) currentFor(ctx context.Context, f func(*cardSession)) (*cardSession, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, cancelled(err)
	}
	if d.cardSession != nil {
		f(d.cardSession)
	}
	return d.cardSession, nil
}

// within returns a context that ends with ctx or with s.
func (s *cardSession) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	detach := context.AfterFunc(s.ctx, cancel)
	return ctx, func() { detach(); cancel() }
}

// await returns the result of f, which may be blocked by a card, a driver or the hub. If ctx ends first, it returns
// gaveUp(ctx.Err()) and f goes on in the background.
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

// cardBusy returns the error for a card that did not answer before the context ended.
func cardBusy(cause error) error { return &cardreader.Error{Kind: cardreader.Busy, Err: cause} }

// cancelled returns the error for a hub that did not answer before the context ended.
func cancelled(cause error) error { return &client.Error{Kind: client.Cancelled, Err: cause} }

// nonce is a challenge that is requested before it is needed.
type nonce struct {
	done      chan struct{} // closed when challenge and err are set
	challenge client.Challenge
	err       error
}

// askNonce requests a challenge from the hub in the background, and after it what the hub offers, so that the first
// lamp need not wait for that. The requests end with ctx.
func (d *Manager) askNonce(ctx context.Context) *nonce {
	n := &nonce{done: make(chan struct{})}
	go func() {
		n.challenge, n.err = d.cfg.Hub.Challenge(ctx)
		close(n.done)
		if n.err == nil {
			_, _ = d.cfg.Hub.OffersFlags(ctx) // the first lamp asks again after an error
		}
	}()
	return n
}
