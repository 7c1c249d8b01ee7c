package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"wardlight/rbac"
)

// Session is one signed-in person at one hub. It holds the token and the key that the token is bound to, and is safe
// for concurrent use.
type Session struct {
	hub    *Hub
	token  string
	key    *ProofKey
	person Person
	roles  []rbac.RoleProfile
	ends   time.Time
	lists  RevocationList
}

// RevocationList is whether the hub has a revocation list of the CA that issued the card.
type RevocationList int

// What the hub says. One of a saved session is not said.
const (
	ListNotSaid RevocationList = iota
	ListInForce
	NoList
)

// RevocationList returns whether the hub has a revocation list of the CA that issued the card that signed in.
func (s *Session) RevocationList() RevocationList { return s.lists }

// Person returns who signed in.
func (s *Session) Person() Person { return s.person }

// Roles returns the person's role profiles, in the hub's order; none is an ordinary outcome.
func (s *Session) Roles() []rbac.RoleProfile { return slices.Clone(s.roles) }

// Ends returns when the hub ends the session by itself, by this computer's clock.
func (s *Session) Ends() time.Time { return s.ends }

// Format hides token and key from every fmt verb.
func (s *Session) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(session)") }

// As returns the session in one of the person's roles. The error is *Error of kind NotAllowed when urid is not one of
// them.
func (s *Session) As(urid string) (*Acting, error) {
	for _, r := range s.roles {
		if r.URID == urid {
			return &Acting{session: s, role: r}, nil
		}
	}
	return nil, &Error{Kind: NotAllowed, Detail: "You do not have this role."}
}

// Revoke ends the session at the hub (RFC 7009). Errors are *Error; whatever they are, the session is not to be used
// again.
func (s *Session) Revoke(ctx context.Context) error {
	c := s.call(http.MethodPost, "/oauth2/revoke", "/oauth2/revoke")
	c.form, c.accept = url.Values{"token": {s.token}}, jsonType
	a, err := s.hub.do(ctx, c)
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return refusedSignIn(c, a, s.hub.clock())
	}
	return nil
}

// call returns a call that carries the session.
func (s *Session) call(method, path, route string) call {
	return call{method: method, path: path, route: route, requestID: s.hub.newID(), key: s.key, token: s.token}
}

// Acting is a session in one role: what may ask the hub about patients.
type Acting struct {
	session *Session
	role    rbac.RoleProfile
}

// Role returns the role.
func (a *Acting) Role() rbac.RoleProfile { return a.role }

// Person returns who acts.
func (a *Acting) Person() Person { return a.session.person }
