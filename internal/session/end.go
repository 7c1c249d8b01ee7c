package session

import (
	"context"
	"log/slog"

	"wardlight/client"
)

// End drops the card, the session and everything that belongs to it, before it returns; calls in progress end with
// ErrNoSession. The session, unless it is kept, is then revoked at the hub in the background, for Config.Farewell at
// most, whether ctx ends or not: Wait waits for that. Without a sitting it does nothing.
func (d *Desk) End(ctx context.Context, why Reason) { d.replace(ctx, nil, why) }

// replace puts next in the place of the present sitting and ends that one.
//
// The revocation is counted under the lock that takes the sitting away, before anything can show that it has ended: a
// program that sees the end of a call and then waits must find the revocation among what it waits for.
func (d *Desk) replace(ctx context.Context, next *sitting, why Reason) {
	d.mu.Lock()
	s := d.now
	d.now = next
	if s == nil {
		d.mu.Unlock()
		return
	}
	session := s.session
	if s.kept {
		session = nil
	}
	if session != nil {
		d.count()
	}
	s.card, s.key, s.nonce, s.session, s.role = nil, nil, nil, nil, nil
	d.mu.Unlock()

	s.cancel()
	if session != nil {
		d.cfg.Log.Info("signed out", slog.String("person", session.Person().UUID), slog.String("why", string(why)))
		d.revokeCounted(ctx, session)
	}
}

// revoke ends a session at the hub in the background. A hub that cannot be reached ends it by itself in time.
func (d *Desk) revoke(ctx context.Context, session *client.Session) {
	d.begin()
	d.revokeCounted(ctx, session)
}

// revokeCounted is revoke for a caller that has counted the exchange already.
func (d *Desk) revokeCounted(ctx context.Context, session *client.Session) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.cfg.Farewell)
	go func() {
		defer d.finish()
		defer cancel()
		if err := session.Revoke(ctx); err != nil {
			d.cfg.Log.Warn("session not revoked; the hub ends it in time",
				slog.String("person", session.Person().UUID), slog.String("error", err.Error()))
		}
	}()
}

// begin counts an exchange that Wait waits for.
func (d *Desk) begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count()
}

// count is begin for a caller that holds the lock.
func (d *Desk) count() {
	if d.parting == 0 {
		d.parted = make(chan struct{})
	}
	d.parting++
}

// finish counts it off.
func (d *Desk) finish() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.parting--; d.parting == 0 {
		close(d.parted)
	}
}

// Wait waits until the sessions that were ended are revoked, or have been given up, or ctx ends. A program calls it
// before it leaves.
func (d *Desk) Wait(ctx context.Context) {
	d.mu.Lock()
	busy, parted := d.parting > 0, d.parted
	d.mu.Unlock()
	if !busy {
		return
	}
	select {
	case <-parted:
	case <-ctx.Done():
	}
}
