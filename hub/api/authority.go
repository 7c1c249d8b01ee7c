package api

import (
	"errors"
	"fmt"
	"net/http"

	"wardlight/hub/identity"
	"wardlight/hub/store"
)

// authorityChallenge is the WWW-Authenticate header for authorities (RFC 7617).
const authorityChallenge = `Basic realm="Wardlight hub, local authorities", charset="UTF-8"`

// authority is the principal of a local authority's system.
type authority struct {
	store.Authority
	credential []byte // hash of the credential
}

// Key returns the credential's hash, so that a faulty system of an authority doesn't use up the budget of its others.
func (p *authority) Key() string { return string(p.credential) }

// Entry returns an entry that requires the credential to be active.
func (p *authority) Entry() store.Entry { return store.Entry{Credential: p.credential} }

// Audit returns the authority, and the credential's ID in place of a session.
func (p *authority) Audit() store.AuditRecord {
	return store.AuditRecord{OrgODS: p.Code, Session: identity.CredentialID(p.credential)}
}

// Permit returns nil: each route for authorities reads and changes only data of the authority itself.
func (*authority) Permit(*call, route) error { return nil }

// badCredential logs and returns the refusal of a wrong or ended credential.
func (a *API) badCredential(c *call) *problem {
	a.Log.WarnContext(c.ctx, "A credential of an authority was refused.", "request", loggedID(c.writer), "source",
		a.source(c.request))
	return noCredential("The authority's code or secret is wrong")
}

func noCredential(diagnostics string) *problem {
	return &problem{
		status: http.StatusUnauthorized, code: "ACCESS_DENIED", challenge: authorityChallenge,
		diagnostics: diagnostics,
	}
}

// authenticateAuthority authenticates an authority by HTTP Basic: the user name is its code, the password the secret.
// A request without an ID gets one.
func (a *API) authenticateAuthority(c *call) (principal, error) {
	r := c.request
	unknown := func(refused *problem) (principal, error) {
		if err := a.Identity.CountUnauthenticated(a.source(r)); err != nil {
			return nil, err
		}
		return nil, refused
	}

	code, secret, ok := r.BasicAuth()
	if !ok || len(r.Header.Values("Authorization")) != 1 {
		return unknown(noCredential("Missing Authorization header (Basic, with the authority's code and secret)"))
	}

	hash := identity.HashSecret(secret)
	who, err := a.Authorities.AuthorityByCredential(c.ctx, hash)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && who.Code != code:
		return unknown(a.badCredential(c))
	case err != nil:
		return nil, fmt.Errorf("credential: %w", err)
	}

	if c.requestID == "" && r.Header.Get(headerRequestID) == "" { // an authority may use plain curl
		c.requestID = a.NewID()
		c.writer.Header().Set(headerRequestID, c.requestID)
	}

	c.authority = &authority{who, hash}
	return c.authority, nil
}
