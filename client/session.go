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

// Session is the session of one person at one hub. It contains the token and the key that the token is bound to. It is
// safe for concurrent use.
type Session struct {
	hub    *Hub
	token  string
	key    *ProofKey
	person Person
	roles  []rbac.RoleProfile
	ends   time.Time
	lists  RevocationList

	byBrowser bool // the person signed in by browser, without a card
}

// RevocationList states whether the hub has a revocation list of the CA that issued the card.
type RevocationList int

// Values of RevocationList. That of a resumed session is not known.
const (
	ListUnknown RevocationList = iota
	ListInForce
	NoList
)

// RevocationList returns whether the hub has a revocation list of the CA that issued the card that signed in.
func (s *Session) RevocationList() RevocationList { return s.lists }

// ByBrowser reports whether the person signed in in the browser, without a card.
func (s *Session) ByBrowser() bool { return s.byBrowser }

// Person returns the person who signed in.
func (s *Session) Person() Person { return s.person }

// Roles returns the person's role profiles, in the hub's order. There may be none.
func (s *Session) Roles() []rbac.RoleProfile { return slices.Clone(s.roles) }

// Ends returns the time when the hub ends the session at the latest, by this computer's clock.
func (s *Session) Ends() time.Time { return s.ends }

// Format writes a fixed text for every fmt verb, so that token and key are never printed.
func (s *Session) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(session)") }

// As returns the session in one of the person's roles. The error is an *Error of kind NotAllowed if urid is not one of
// them.
func (s *Session) As(urid string) (*Acting, error) {
	for _, r := range s.roles {
		if r.URID == urid {
			return &Acting{session: s, role: r}, nil
		}
	}
	return nil, &Error{Kind: NotAllowed, Detail: "You do not have this role."}
}

// Revoke ends the session at the hub (RFC 7009). Errors are *Error. The session must not be used afterwards, even
// after an error.
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

// call returns a call with the session's token and key.
func (s *Session) call(method, path, route string) call {
	return call{
		method: method, path: path, route: route, requestID: s.hub.newID(), key: s.key, token: s.token,
		byBrowser: s.byBrowser,
	}
}

// Acting is a session in one role. Its methods make the calls about patients.
type Acting struct {
	session *Session
	role    rbac.RoleProfile
}

// Role returns the role.
func (a *Acting) Role() rbac.RoleProfile { return a.role }

// Person returns the person who signed in.
func (a *Acting) Person() Person { return a.session.person }
