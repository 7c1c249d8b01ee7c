package session

import (
	"context"
	"log/slog"

	"wardlight/client"
)

// End drops the card and the session. Calls that are running return [ErrNoSession]. Unless Detach was called, the
// session is then revoked at the hub in the background, for Config.RevokeTimeout at most, even if ctx ends; use Wait to
// wait for that. Without a card or a session End does nothing.
func (d *Manager) End(ctx context.Context, why Reason) {
	d.replace(context.WithoutCancel(ctx), nil, why)
}

// replace ends the current card session, makes next the current one and returns true. If ctx has ended, it does nothing
// and returns false.
//
// It counts the revocation while it holds the lock, before any call can return because of the end. Otherwise a program
// that calls Wait after such a call would not wait for the revocation.
func (d *Manager) replace(ctx context.Context, next *cardSession, why Reason) bool {
	d.mu.Lock()
	if ctx.Err() != nil {
		d.mu.Unlock()
		return false
	}

	s := d.cardSession
	d.cardSession = next
	if s == nil {
		d.mu.Unlock()
		return true
	}

	session := s.session
	if s.detached {
		session = nil
	}

	if session != nil {
		d.addPendingLocked()
	}

	s.card, s.key, s.nonce, s.session, s.role = nil, nil, nil, nil, nil
	d.mu.Unlock()

	s.cancel()
	if session != nil {
		d.cfg.Log.Info("signed out", slog.String("person", session.Person().UUID), slog.String("why", string(why)))
		d.revokeCounted(ctx, session)
	}
	return true
}

// revoke revokes a session at the hub in the background. If the hub can't be reached, the session expires.
func (d *Manager) revoke(ctx context.Context, session *client.Session) {
	d.addPending()
	d.revokeCounted(ctx, session)
}

// revokeCounted is like revoke, for a caller that has called addPending or addPendingLocked.
func (d *Manager) revokeCounted(ctx context.Context, session *client.Session) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.cfg.RevokeTimeout)
	go func() {
		defer d.donePending()
		defer cancel()
		if err := session.Revoke(ctx); err != nil {
			d.cfg.Log.Warn("session not revoked; the hub ends it in time",
				slog.String("person", session.Person().UUID), slog.String("error", err.Error()))
		}
	}()
}

// addPending adds a background request that Wait waits for.
func (d *Manager) addPending() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.addPendingLocked()
}

// addPendingLocked is like addPending, for a caller that holds d.mu.
func (d *Manager) addPendingLocked() {
	if d.pending == 0 {
		d.idle = make(chan struct{})
	}
	d.pending++
}

// donePending removes a background request.
func (d *Manager) donePending() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pending--; d.pending == 0 {
		close(d.idle)
	}
}

// Wait waits until the background requests, such as revocations, have ended or timed out, or ctx ends. Programs call
// it before they exit.
func (d *Manager) Wait(ctx context.Context) {
	d.mu.Lock()
	busy, parted := d.pending > 0, d.idle
	d.mu.Unlock()
	if !busy {
		return
	}
	select {
	case <-parted:
	case <-ctx.Done():
	}
}
