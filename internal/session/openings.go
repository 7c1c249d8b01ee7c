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

// Unanswered keeps the request ids of openings whose answer never came, for UnansweredFor, each under a key in which no patient stands in
// clear. Its methods may be called from any goroutine.
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

// NotKept is the failure of an opening that may have been recorded, and whose request id is known to this program alone.
type NotKept struct {
	Opening *client.Error // has the id
	Err     error         // why the id could not be kept
}

// Error is the opening's.
func (e *NotKept) Error() string { return e.Opening.Error() }

// Unwrap returns the opening's error.
func (e *NotKept) Unwrap() error { return e.Opening }

// openingKey names an opening of the patient by the person in the role.
func openingKey(as *client.Acting, n nhs.Number) string {
	sum := sha256.Sum256([]byte("opening\n" + as.Person().UUID + "\n" + as.Role().URID + "\n" + n.Digits()))
	return hex.EncodeToString(sum[:])
}

// Open opens the alert, which in unscheduled care writes the access history and notifies the local authority. After an opening whose
// answer never came (client.Error.Unsettled), another Open of the same patient by the same person in the same role has the same request id
// for UnansweredFor, whatever became of the session or the program, so that the hub makes one record and one notification of them.
//
// Errors are *client.Error, *NotKept, or ErrNoSession.
func (d *Desk) Open(ctx context.Context, n nhs.Number) (client.Opened, error) {
	return d.OpenAgain(ctx, n, "")
}

// OpenAgain is Open under the request id of an earlier opening, a UUID; "" is Open.
func (d *Desk) OpenAgain(ctx context.Context, n nhs.Number, id string) (client.Opened, error) {
	_, as, err := d.acting()
	if err != nil {
		return client.Opened{}, err
	}
	d.begin() // a program that leaves waits until the id is kept, or dropped
	defer d.finish()
	return ask(ctx, d, rbac.OpeningOf(as.Role()), func(ctx context.Context, as *client.Acting) (client.Opened, error) {
		if !rbac.Unscheduled(as.Role()) {
			return as.Open(ctx, n, id) // is neither recorded nor notified
		}
		return d.openRecorded(ctx, as, n, id)
	})
}

// openRecorded opens where that is recorded. The id is kept while the hub is asked, not before: a keyring that is slow to answer must not
// hold up an opening.
func (d *Desk) openRecorded(ctx context.Context, as *client.Acting, n nhs.Number, given string) (client.Opened, error) {
	key, keeping := openingKey(as, n), context.WithoutCancel(ctx)
	id := given
	if id == "" {
		id = d.unansweredID(ctx, key)
	}
	before := id != ""
	if !before {
		id = d.cfg.NewID()
	}
	d.remember(key, unanswered{id: id, at: d.cfg.Clock()})
	kept := make(chan struct{})
	var notKept error // once kept is closed
	go func() {
		defer close(kept)
		if d.cfg.Unanswered != nil {
			notKept = d.cfg.Unanswered.Keep(keeping, key, id)
		}
	}()
	opened, err := as.Open(ctx, n, id)

	failed, pending := stillUnsettled(err, before)
	if pending {
		if <-kept; notKept != nil {
			return opened, &NotKept{Opening: failed, Err: notKept}
		}
		return opened, failed
	}
	d.remember(key, unanswered{id: id, at: d.cfg.Clock(), answered: true})
	d.begin()
	go func() {
		defer d.finish()
		<-kept
		d.drop(keeping, key, id)
	}()
	return opened, err
}

// drop removes the id of an opening that was answered from the store, unless its answer was lost after all (see Unseen).
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

// Unseen says that the answer to the opening of the patient with the request id never reached its user: another Open has the same id. The
// error says why it is known to this program alone; or it is ErrNoSession.
func (d *Desk) Unseen(ctx context.Context, n nhs.Number, id string) error {
	_, as, err := d.acting()
	if err != nil {
		return err
	}
	key := openingKey(as, n)
	d.remember(key, unanswered{id: id, at: d.cfg.Clock()})
	if d.cfg.Unanswered == nil {
		return nil
	}
	d.storing.Lock()
	defer d.storing.Unlock()
	return d.cfg.Unanswered.Keep(context.WithoutCancel(ctx), key, id)
}

// stillUnsettled reports whether an opening that ended with err may have been recorded without an answer. Where an earlier try may have
// been, only a success settles it: that the hub refuses the later one tells nothing of the earlier.
func stillUnsettled(err error, before bool) (*client.Error, bool) {
	var failed *client.Error
	if !errors.As(err, &failed) {
		return nil, false
	}
	failed.Unsettled = failed.Unsettled || before
	return failed, failed.Unsettled
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
