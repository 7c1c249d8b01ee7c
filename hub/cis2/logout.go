package cis2

import (
	"context"
	"time"
)

// Logout is a verified back-channel logout: the provider ends a session, or all of a subject's sessions.
type Logout struct {
	Subject string // "" if SID is given
	SID     string // "" for all sessions of the subject
	Issued  time.Time
}

// Logout verifies a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6): the signature, issuer, audience, exp,
// iat, event and jti, that sub or sid is there, and that nonce is not. The error is an *[Error].
func (p *Provider) Logout(ctx context.Context, raw string) (Logout, error) {
	k, err := p.metadata(ctx)
	if err != nil {
		return Logout{}, err
	}
	token, err := k.verifier(p).VerifyLogout(p.context(ctx), raw)
	if err != nil {
		return Logout{}, tokenError("logout token", err)
	}

	switch {
	case token.IssuedAt.IsZero() || token.IssuedAt.After(p.Clock().Add(clockLeeway)):
		return Logout{}, failed(Invalid, "iat of the logout token is missing or in the future")
	case len(token.Subject) > maxID || len(token.SessionID) > maxID:
		return Logout{}, failed(Invalid, "a claim of the logout token is too long")
	}
	return Logout{token.Subject, token.SessionID, token.IssuedAt}, nil
}
