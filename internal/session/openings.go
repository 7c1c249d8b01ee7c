package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// OpeningTTL is how long the request id of an opening without an answer is used for further attempts.
const OpeningTTL = 24 * time.Hour

// OpeningStore stores the request ids of openings without an answer for [OpeningTTL]. The keys are hashes, so that
// they do not reveal the patient. Its methods must be safe for concurrent use.
type OpeningStore interface {
	// Find returns the id stored under key, or "".
	Find(ctx context.Context, key string) (id string, err error)
	// Save stores the id under key and replaces an earlier one.
	Save(ctx context.Context, key, id string) error
	// Delete removes the id if it is the one stored under key.
	Delete(ctx context.Context, key, id string) error
}

// pendingOpening is an opening whose answer has not arrived.
type pendingOpening struct {
	id string // its X-Request-ID
	at time.Time
	// answered is set when the answer has arrived after all. The id is then not used again, even if it is still in the
	// store.
	answered bool
}

// NotStoredError is the error of an opening that may have been recorded and whose request id could not be stored. Only
// this process can repeat it under the same id.
type NotStoredError struct {
	Opening *client.Error // contains the id
	Err     error         // why the id could not be stored
}

// Error returns the opening's error text.
func (e *NotStoredError) Error() string { return e.Opening.Error() }

// Unwrap returns the opening's error.
func (e *NotStoredError) Unwrap() error { return e.Opening }

// openingKey returns a hash of the person, the role and the patient of an opening.
func openingKey(as *client.Acting, n nhs.Number) string {
	sum := sha256.Sum256([]byte("opening\n" + as.Person().UUID + "\n" + as.Role().URID + "\n" + n.Digits()))
	return hex.EncodeToString(sum[:])
}

// Open opens the alert. In unscheduled care the hub records this in the access history and notifies the local
// authority.
//
// If no answer arrives (client.Error.Unsettled), another Open of the same patient by the same person in the same role
// uses the same request id for [OpeningTTL], also in another session or process. The hub then makes one record and
// one notification of both.
//
// Errors are *client.Error, *[NotStored] or [ErrNoSession].
func (d *Manager) Open(ctx context.Context, n nhs.Number) (client.Opened, error) {
	return d.OpenAgain(ctx, n, "")
}

// OpenAgain is like Open, with the request id of an earlier opening, a UUID. With "" it is the same as Open.
func (d *Manager) OpenAgain(ctx context.Context, n nhs.Number, id string) (client.Opened, error) {
	_, as, err := d.acting(ctx)
	switch {
	case err != nil:
		return client.Opened{}, err
	case !rbac.Unscheduled(as.Role()): // such an opening is neither recorded nor notified
		return ask(ctx, d, rbac.OpeningOf(as.Role()), func(ctx context.Context, as *client.Acting) (client.Opened,
			error,
		) {
			return as.Open(ctx, n, id)
		})
	}

	d.addPending() // Wait must wait until the id is stored or removed
	defer d.donePending()
	o := &openingAttempt{
		sessions: d, ctx: context.WithoutCancel(ctx), id: id, given: id != "",
		stored: make(chan struct{}),
	}

	opened, err := ask(ctx, d, rbac.OpeningOf(as.Role()), func(ctx context.Context, as *client.Acting) (client.Opened,
		error,
	) {
		o.start(openingKey(as, n))
		opened, err := as.Open(ctx, n, o.id)
		o.err = err
		return opened, err
	})
	return opened, o.finish(err)
}

// openingAttempt is an opening that is in progress.
type openingAttempt struct {
	sessions *Manager
	ctx      context.Context // does not end with the session
	key      string          // "" if no request was sent
	id       string
	given    bool // the caller passed the id of an earlier attempt
	repeated bool // there was an earlier attempt

	stored   chan struct{} // closed when storing the id has succeeded or failed
	storeErr error         // the error of storing the id, set before kept is closed
	err      error         // the error of the request, even if the session has ended
}

// start sets the request id: the id of an earlier attempt, or a new one. It stores the id in the background, because
// a slow keyring must not delay the opening. An id passed by the caller is not stored yet, because it may belong to
// another opening.
func (o *openingAttempt) start(key string) {
	o.key = key
	if o.given {
		o.repeated = true
		close(o.stored)
		return
	}
	o.id = o.sessions.unansweredID(o.ctx, key)
	if o.repeated = o.id != ""; !o.repeated {
		o.id = o.sessions.cfg.NewID()
	}
	o.sessions.recordOpening(key, pendingOpening{id: o.id, at: o.sessions.cfg.Clock()})
	go func() {
		defer close(o.stored)
		o.storeErr = o.sessions.saveOpening(o.ctx, o.key, o.id)
	}()
}

// finish stores the id if the user gets no answer to the opening, and removes it otherwise. err is the error that the
// user gets. It returns err, or a *[NotStored] if the id could not be stored.
func (o *openingAttempt) finish(err error) error {
	if o.key == "" {
		return err
	}

	failed, pending := o.pending()
	if !pending && o.err == nil && err != nil { // the answer arrived after the session had ended
		pending = true
	}

	if !pending {
		o.sessions.recordOpening(o.key, pendingOpening{id: o.id, at: o.sessions.cfg.Clock(), answered: true})
		o.sessions.addPending()
		go func() {
			defer o.sessions.donePending()
			<-o.stored
			o.sessions.drop(o.ctx, o.key, o.id)
		}()
		return err
	}

	if <-o.stored; o.given {
		o.sessions.recordOpening(o.key, pendingOpening{id: o.id, at: o.sessions.cfg.Clock()})
		o.storeErr = o.sessions.saveOpening(o.ctx, o.key, o.id)
	}

	if o.storeErr != nil && failed != nil && !errors.Is(err, ErrNoSession) {
		return &NotStoredError{Opening: failed, Err: o.storeErr}
	}

	return err
}

// pending returns the error of the request, and reports whether the opening may have been recorded without an answer.
// If there was an earlier attempt, a refusal of this one does not show whether that one was recorded. Only success
// does, or a bad request (400), because the earlier request was the same.
func (o *openingAttempt) pending() (*client.Error, bool) {
	var failed *client.Error
	if !errors.As(o.err, &failed) {
		return nil, false
	}
	failed.OutcomeUnknown = failed.OutcomeUnknown || o.repeated && failed.Kind != client.BadRequest
	return failed, failed.OutcomeUnknown
}

// saveOpening stores the id in Config.Unanswered, if it is set.
func (d *Manager) saveOpening(ctx context.Context, key, id string) error {
	if d.cfg.Openings == nil {
		return nil
	}
	return d.cfg.Openings.Save(ctx, key, id)
}

// drop removes the id of an answered opening from the store, unless MarkUnseen was called meanwhile.
func (d *Manager) drop(ctx context.Context, key, id string) {
	if d.cfg.Openings == nil {
		return
	}
	d.storing.Lock()
	defer d.storing.Unlock()
	d.mu.Lock()
	u := d.unanswered[key]
	d.mu.Unlock()
	if u.id != id || u.answered {
		_ = d.cfg.Openings.Delete(ctx, key, id)
	}
}

// MarkUnseen records that the answer to the opening with this request id, made by this process, was not shown to the
// user. Another Open of the same patient then uses the same id. It needs no session. The error reports why the id
// could not be stored.
func (d *Manager) MarkUnseen(ctx context.Context, id string) error {
	d.mu.Lock()
	key := ""
	for k, u := range d.unanswered {
		if u.id == id {
			key = k
		}
	}
	d.mu.Unlock()
	if key == "" { // an opening that isn't recorded, or older than OpeningTTL
		return nil
	}
	d.recordOpening(key, pendingOpening{id: id, at: d.cfg.Clock()})
	d.addPending()
	defer d.donePending()
	d.storing.Lock()
	defer d.storing.Unlock()
	return d.saveOpening(context.WithoutCancel(ctx), key, id)
}

// recordOpening stores the state of an opening in memory, and removes those older than [OpeningTTL].
func (d *Manager) recordOpening(key string, u pendingOpening) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if was, known := d.unanswered[key]; known && was.id == u.id {
		u.at = was.at // the time counts from the first attempt
	}
	d.unanswered[key] = u
	maps.DeleteFunc(d.unanswered, func(_ string, u pendingOpening) bool { return !d.isReusable(u) })
}

// isReusable reports whether the opening is recent enough for its id to be used again.
func (d *Manager) isReusable(u pendingOpening) bool {
	return d.cfg.Clock().Sub(u.at).Abs() < OpeningTTL
}

// unansweredID returns the id of an opening without an answer, or "". Errors of the store are ignored.
func (d *Manager) unansweredID(ctx context.Context, key string) string {
	d.mu.Lock()
	u, known := d.unanswered[key]
	d.mu.Unlock()
	known = known && d.isReusable(u)
	switch {
	case known && !u.answered:
		return u.id
	case d.cfg.Openings == nil:
		return ""
	}
	id, err := d.cfg.Openings.Find(ctx, key)
	if err != nil || known && id == u.id {
		return ""
	}
	return id
}
