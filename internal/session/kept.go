package session

import (
	"context"
	"slices"

	"wardlight/client"
	"wardlight/rbac"
)

// Seal packs the session for a later process, which takes it up with Resume. ErrNoSession when nobody is signed in.
func (d *Desk) Seal() (client.Sealed, error) {
	var session *client.Session
	d.holds(d.current(), func() { session = d.now.session })
	if session == nil {
		return client.Sealed{}, ErrNoSession
	}
	return session.Seal()
}

// Keep lets the session outlive this desk: End drops it without revoking it. Whoever calls it has put what Seal gave
// into safe keeping, and sees to the session's end.
func (d *Desk) Keep() {
	d.holds(d.current(), func() { d.now.kept = true })
}

// Resume sits down with a session that an earlier process kept, in place of what was. End does not revoke it. That
// its card is still in the reader is for the caller to have made sure.
func (d *Desk) Resume(ctx context.Context, session *client.Session) SignedIn {
	s := d.sitDown(ctx)
	d.holds(s, func() { s.session, s.kept = session, true })
	return signedIn(session)
}

// signedIn returns who a session is of.
func signedIn(session *client.Session) SignedIn {
	in := SignedIn{Person: session.Person(), Roles: session.Roles(), Lists: session.RevocationList()}
	in.Usable = slices.DeleteFunc(session.Roles(), func(r rbac.RoleProfile) bool { return !rbac.Usable(r) })
	return in
}
