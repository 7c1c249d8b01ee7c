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

// UnansweredFor is how long the request id of an opening whose answer never came serves another try.
const UnansweredFor = 24 * time.Hour

// Unanswered keeps the request ids of openings whose answer never came, for UnansweredFor, each under a key in which
// no patient stands in clear. Its methods may be called from any goroutine.
type Unanswered interface {
	// Find returns the id that is kept under the key, "" for none.
	Find(ctx context.Context, key string) (id string, err error)
	// Keep keeps the id under the key, in place of another.
	Keep(ctx context.Context, key, id string) error
	// Drop removes the id, where it is what is kept under the key.
	Drop(ctx context.Context, key, id string) error
}

// unanswered is an opening whose answer has not come.
type unanswered struct {
	id string // its X-Request-ID
	at time.Time
	// answered marks one whose answer came after all: the id serves no other, even where the store has not dropped it yet.
	answered bool
}

// NotKept is the failure of an opening that may have been recorded, and whose request id is known to this program
// alone.
type NotKept struct {
	Opening *client.Error // has the id
	Err     error         // why the id could not be kept
}

// Error returns the opening's.
func (e *NotKept) Error() string { return e.Opening.Error() }

// Unwrap returns the opening's error.
func (e *NotKept) Unwrap() error { return e.Opening }

// openingKey names an opening of the patient by the person in the role.
func openingKey(as *client.Acting, n nhs.Number) string {
	sum := sha256.Sum256([]byte("opening\n" + as.Person().UUID + "\n" + as.Role().URID + "\n" + n.Digits()))
	return hex.EncodeToString(sum[:])
}

// Open opens the alert, which in unscheduled care writes the access history and notifies the local authority. After
// an opening whose answer never came (client.Error.Unsettled), another Open of the same patient by the same person in
// the same role has the same request id for UnansweredFor, whatever became of the session or the program, so that the
// hub makes one record and one notification of them.
//
// Errors are *client.Error, *NotKept, or ErrNoSession.
func (d *Desk) Open(ctx context.Context, n nhs.Number) (client.Opened, error) {
	return d.OpenAgain(ctx, n, "")
}

// OpenAgain returns Open under the request id of an earlier opening, a UUID; "" is Open.
func (d *Desk) OpenAgain(ctx context.Context, n nhs.Number, id string) (client.Opened, error) {
	_, as, err := d.acting()
	switch {
	case err != nil:
		return client.Opened{}, err
	case !rbac.Unscheduled(as.Role()): // is neither recorded nor notified
		return ask(ctx, d, rbac.OpeningOf(as.Role()), func(ctx context.Context, as *client.Acting) (client.Opened, error) {
			return as.Open(ctx, n, id)
		})
	}
	d.begin() // a program that leaves waits until the id is kept, or dropped
	defer d.finish()
	o := &tried{desk: d, ctx: context.WithoutCancel(ctx), id: id, given: id != "", kept: make(chan struct{})}
	opened, err := ask(ctx, d, rbac.OpeningOf(as.Role()), func(ctx context.Context, as *client.Acting) (client.Opened, error) {
		o.begins(openingKey(as, n))
		opened, err := as.Open(ctx, n, o.id)
		o.err = err
		return opened, err
	})
	return opened, o.ends(err)
}

// tried is an opening on its way.
type tried struct {
	desk  *Desk
	ctx   context.Context // outlives the session
	key   string          // "" when the hub was not asked
	id    string
	given bool // by the caller, who knows of an earlier try
	again bool // there was one, given or found

	kept    chan struct{} // closed when the id is kept, or can't be
	notKept error         // why not, once kept is closed
	err     error         // of the call, whatever became of its session
}

// begins finds the id of an earlier try, or takes a new one, and keeps it while the hub is asked, not before: a
// keyring that is slow to answer must not hold up an opening. An id that was given is not yet known to be of this
// opening.
func (o *tried) begins(key string) {
	o.key = key
	if o.given {
		o.again = true
		close(o.kept)
		return
	}
	o.id = o.desk.unansweredID(o.ctx, key)
	if o.again = o.id != ""; !o.again {
		o.id = o.desk.cfg.NewID()
	}
	o.desk.remember(key, unanswered{id: o.id, at: o.desk.cfg.Clock()})
	go func() {
		defer close(o.kept)
		o.notKept = o.desk.keep(o.ctx, o.key, o.id)
	}()
}

// ends keeps the id of an opening whose answer its user does not get, and drops that of one that is settled. err is
// what the user gets.
func (o *tried) ends(err error) error {
	if o.key == "" {
		return err
	}
	failed, pending := o.pending()
	if !pending && o.err == nil && err != nil { // the answer came when the session was over
		pending = true
	}
	if !pending {
		o.desk.remember(o.key, unanswered{id: o.id, at: o.desk.cfg.Clock(), answered: true})
		o.desk.begin()
		go func() {
			defer o.desk.finish()
			<-o.kept
			o.desk.drop(o.ctx, o.key, o.id)
		}()
		return err
	}
	if <-o.kept; o.given {
		o.desk.remember(o.key, unanswered{id: o.id, at: o.desk.cfg.Clock()})
		o.notKept = o.desk.keep(o.ctx, o.key, o.id)
	}
	if o.notKept != nil && failed != nil && !errors.Is(err, ErrNoSession) {
		return &NotKept{Opening: failed, Err: o.notKept}
	}
	return err
}

// pending reports whether the opening failed and may have been recorded without an answer. Where an earlier try may
// have been, only a success settles it: that the hub refuses the later one tells nothing of the earlier, unless it
// refuses what is asked (400), which was the same.
func (o *tried) pending() (*client.Error, bool) {
	var failed *client.Error
	if !errors.As(o.err, &failed) {
		return nil, false
	}
	failed.Unsettled = failed.Unsettled || o.again && failed.Kind != client.BadRequest
	return failed, failed.Unsettled
}

// keep keeps the id where it outlives the program.
func (d *Desk) keep(ctx context.Context, key, id string) error {
	if d.cfg.Unanswered == nil {
		return nil
	}
	return d.cfg.Unanswered.Keep(ctx, key, id)
}

// drop removes the id of an opening that was answered from the store, unless its answer was lost after all (see
// Unseen).
func (d *Desk) drop(ctx context.Context, key, id string) {
	if d.cfg.Unanswered == nil {
		return
	}
	d.storing.Lock()
	defer d.storing.Unlock()
	d.mu.Lock()
	u := d.unanswered[key]
	d.mu.Unlock()
	if u.id != id || u.answered {
		_ = d.cfg.Unanswered.Drop(ctx, key, id)
	}
}

// Unseen says that the answer to the opening with the request id, one of this program's, never reached its user:
// another Open of the same patient has the same id. It needs no session. The error says why the id is known to this
// program alone.
func (d *Desk) Unseen(ctx context.Context, id string) error {
	d.mu.Lock()
	key := ""
	for k, u := range d.unanswered {
		if u.id == id {
			key = k
		}
	}
	d.mu.Unlock()
	if key == "" { // it was silent, or is long ago
		return nil
	}
	d.remember(key, unanswered{id: id, at: d.cfg.Clock()})
	d.begin()
	defer d.finish()
	d.storing.Lock()
	defer d.storing.Unlock()
	return d.keep(context.WithoutCancel(ctx), key, id)
}

// remember notes in memory how the opening stands, and forgets what is older than UnansweredFor.
func (d *Desk) remember(key string, u unanswered) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if was, known := d.unanswered[key]; known && was.id == u.id {
		u.at = was.at // the first try counts
	}
	d.unanswered[key] = u
	maps.DeleteFunc(d.unanswered, func(_ string, u unanswered) bool { return !d.serves(u) })
}

// serves reports whether the opening is not too old for its id to serve another try.
func (d *Desk) serves(u unanswered) bool { return d.cfg.Clock().Sub(u.at).Abs() < UnansweredFor }

// unansweredID returns the id of an opening whose answer never came, "" for none. What cannot be read is none.
func (d *Desk) unansweredID(ctx context.Context, key string) string {
	d.mu.Lock()
	u, known := d.unanswered[key]
	d.mu.Unlock()
	known = known && d.serves(u)
	switch {
	case known && !u.answered:
		return u.id
	case d.cfg.Unanswered == nil:
		return ""
	}
	id, err := d.cfg.Unanswered.Find(ctx, key)
	if err != nil || known && id == u.id {
		return ""
	}
	return id
}
