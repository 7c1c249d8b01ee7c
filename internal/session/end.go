package session

import (
	"context"
	"log/slog"

	"wardlight/client"
)

// End drops the card, the session and everything that belongs to it, before it returns; calls in progress end with
// ErrNoSession. The session, unless it is kept, is then revoked at the hub in the background, for Config.Farewell at most, whether ctx ends or
// not: Wait waits for that. Without a sitting it does nothing.
func (d *Desk) End(ctx context.Context, why Reason) {
	d.mu.Lock()
	s := d.now
	d.now = nil
	d.mu.Unlock()
	d.leave(ctx, s, why)
}

// leave ends a sitting that is no longer the desk's.
func (d *Desk) leave(ctx context.Context, s *sitting, why Reason) {
	if s == nil {
		return
	}
	s.cancel()
	d.mu.Lock()
	session, kept := s.session, s.kept
	s.card, s.key, s.nonce, s.session, s.role, s.unsettled = nil, nil, nil, nil, nil, nil
	d.mu.Unlock()
	if session != nil && !kept {
		d.cfg.Log.Info("signed out", slog.String("person", session.Person().UUID), slog.String("why", string(why)))
		d.revoke(ctx, session)
	}
}

// revoke ends a session at the hub in the background. A hub that cannot be reached ends it by itself in time.
func (d *Desk) revoke(ctx context.Context, session *client.Session) {
	d.begin()
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

// Wait waits until the sessions that were ended are revoked, or have been given up, or ctx ends. A program calls it before
// it leaves.
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
