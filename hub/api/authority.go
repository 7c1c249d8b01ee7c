package api

import (
	"errors"
	"fmt"
	"net/http"

	"wardlight/hub/identity"
	"wardlight/hub/store"
)

// authorityChallenge asks for a credential of an authority (RFC 7617).
const authorityChallenge = `Basic realm="Wardlight hub, local authorities", charset="UTF-8"`

// authority is a local authority's system with its credential.
type authority struct {
	store.Authority
	credential []byte // its hash
}

// Key returns whose budget it is: the credential's, so that one faulty system of an authority stops no other.
func (p *authority) Key() string { return string(p.credential) }

// Entry wants the credential to be in use.
func (p *authority) Entry() store.Entry { return store.Entry{Credential: p.credential} }

// Audit returns the authority, and its credential where a person has a session.
func (p *authority) Audit() store.AuditRecord {
	return store.AuditRecord{OrgODS: p.Code, Session: identity.CredentialID(p.credential)}
}

// Permit permits every route for authorities: each shows and changes only what is the authority's own.
func (*authority) Permit(*call, route) error { return nil }

// badCredential refuses a call whose code and secret are not good, or not any more, with a line in the log.
func (a *API) badCredential(c *call) *problem {
	a.Log.WarnContext(c.ctx, "A credential of an authority was refused.", "request", loggedID(c.writer), "source", a.source(c.request))
	return noCredential("The authority's code and secret are not good")
}

func noCredential(diagnostics string) *problem {
	return &problem{status: http.StatusUnauthorized, code: "ACCESS_DENIED", challenge: authorityChallenge, diagnostics: diagnostics}
}

// authenticateAuthority knows whose system is asking by its credential: the code is the user name, the secret the
// password. A request without an id gets one.
func (a *API) authenticateAuthority(c *call) (principal, error) {
	r := c.request
	unknown := func(refused *problem) (principal, error) {
		if err := a.Identity.Stranger(a.source(r)); err != nil {
			return nil, err
		}
		return nil, refused
	}
	code, secret, ok := r.BasicAuth()
	if !ok || len(r.Header.Values("Authorization")) != 1 {
		return unknown(noCredential("Missing Authorization header of the form Basic, with the authority's code and secret"))
	}
	hash := identity.HashSecret(secret)
	who, err := a.Authorities.AuthorityByCredential(c.ctx, hash)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && who.Code != code:
		return unknown(a.badCredential(c))
	case err != nil:
		return nil, fmt.Errorf("credential: %w", err)
	}
	if c.requestID == "" && r.Header.Get(headerRequestID) == "" { // an authority's system may be a line of curl
		c.requestID = a.NewID()
		c.writer.Header().Set(headerRequestID, c.requestID)
	}
	c.authority = &authority{who, hash}
	return c.authority, nil
}
