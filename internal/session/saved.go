package session

import (
	"context"
	"slices"

	"wardlight/client"
	"wardlight/rbac"
)

// Seal returns the session in a form that a later process can pass to Resume. It returns [ErrNoSession] if nobody is
// signed in.
func (d *Manager) Seal() (client.Sealed, error) {
	var session *client.Session
	d.ifCurrent(d.current(), func() { session = d.cardSession.session })
	if session == nil {
		return client.Sealed{}, ErrNoSession
	}
	return session.Seal()
}

// Detach makes End drop the session without revoking it. The caller must have stored the result of Seal securely, and
// is responsible for ending the session.
func (d *Manager) Detach() {
	d.ifCurrent(d.current(), func() { d.cardSession.detached = true })
}

// Resume makes the session of an earlier process current. End will not revoke it. The caller must have checked that
// its card is still in the reader.
func (d *Manager) Resume(ctx context.Context, session *client.Session) SignedIn {
	s := d.startCardSession(context.WithoutCancel(ctx)) // a session that exists is not left out
	d.ifCurrent(s, func() { s.session, s.detached = session, true })
	return signedIn(session)
}

// signedIn returns the person and the roles of a session.
func signedIn(session *client.Session) SignedIn {
	in := SignedIn{
		Person: session.Person(), Roles: session.Roles(), Lists: session.RevocationList(),
		ByBrowser: session.ByBrowser(),
	}
	in.Usable = slices.DeleteFunc(session.Roles(), func(r rbac.RoleProfile) bool { return !rbac.Usable(r) })
	return in
}
