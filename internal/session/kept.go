package session

import (
	"context"
	"slices"

	"wardlight/client"
	"wardlight/rbac"
)

// Seal returns the session in a form that a later process can pass to Resume. It returns [ErrNoSession] if nobody is
// signed in.
func (d *Desk) Seal() (client.Sealed, error) {
	var session *client.Session
	d.holds(d.current(), func() { session = d.now.session })
	if session == nil {
		return client.Sealed{}, ErrNoSession
	}
	return session.Seal()
}

// Keep makes End drop the session without revoking it. The caller must have stored the result of Seal securely, and is
// responsible for ending the session.
func (d *Desk) Keep() {
	d.holds(d.current(), func() { d.now.kept = true })
}

// Resume makes the session of an earlier process current. End will not revoke it. The caller must have checked that
// its card is still in the reader.
func (d *Desk) Resume(ctx context.Context, session *client.Session) SignedIn {
	s := d.sitDown(ctx)
	d.holds(s, func() { s.session, s.kept = session, true })
	return signedIn(session)
}

// signedIn returns the person and the roles of a session.
func signedIn(session *client.Session) SignedIn {
	in := SignedIn{Person: session.Person(), Roles: session.Roles(), Lists: session.RevocationList()}
	in.Usable = slices.DeleteFunc(session.Roles(), func(r rbac.RoleProfile) bool { return !rbac.Usable(r) })
	return in
}
