// Package identity is who is asking: the challenge, the card's assertion, the proof of possession, the session, and the
// CIS2 claims that say which roles a person has.
package identity

import (
	"fmt"
	"time"

	"wardlight/internal/certerror"
)

// Reason is why a sign-in is refused, as docs/api.md lists it.
type Reason string

// The reasons.
const (
	RequestMalformed     Reason = "request_malformed"
	GrantUnsupported     Reason = "grant_unsupported"
	NonceUnknown         Reason = "nonce_unknown"
	AssertionInvalid     Reason = "assertion_invalid"
	ClockSkew            Reason = "clock_skew"
	CertificateUntrusted Reason = "certificate_untrusted"
	CertificateEnded     Reason = "certificate_ended"
	CertificateRevoked   Reason = "certificate_revoked"
	PersonUnknown        Reason = "person_unknown"
	ProofInvalid         Reason = "proof_invalid"
	RateLimited          Reason = "rate_limited"
)

// OAuthError returns the RFC 6749 §5.2 error code that goes with the reason.
func (r Reason) OAuthError() string {
	switch r {
	case RequestMalformed:
		return "invalid_request"
	case GrantUnsupported:
		return "unsupported_grant_type"
	case ProofInvalid:
		return "invalid_dpop_proof"
	case RateLimited:
		return "temporarily_unavailable"
	default:
		return "invalid_grant"
	}
}

// Refusal is a sign-in or a request that is refused. What is for the log; it never holds a token, a nonce or a
// passcode.
type Refusal struct {
	Reason Reason
	What   string
	// Certificate is the SHA-256, serial and issuer of the card, where nobody is known who has it: what whoever enrols it
	// needs, or looks for its CA. It is for the log, and for the audit but of CertificateUntrusted.
	Certificate string
	Fault       certerror.Reason // of CertificateUntrusted: what is wrong with the certificate
	Wait        time.Duration    // of RateLimited: how long until asking again makes sense
}

// Error names the reason.
func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Reason, r.What) }

func refuse(reason Reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, What: fmt.Sprintf(format, args...)}
}

func limited(wait time.Duration, what string) *Refusal {
	return &Refusal{Reason: RateLimited, What: what, Wait: wait}
}

// Unauthenticated is a request without a session. Diagnostics are the words of the PDS API; Code is RFC 6750's and
// RFC 9449's.
type Unauthenticated struct {
	Diagnostics string
	Code        string // "" when nothing was presented
	What        string
	Known       bool // the token is one that the hub gave: no stranger asks
	Stolen      bool // the proof shows that somebody else has the token than its holder
	Recorded    bool // the audit has a record of it; past one a minute for each session it has none
	Session     string
	person      string
}

// Error returns what was wrong.
func (u *Unauthenticated) Error() string { return u.Diagnostics + ": " + u.What }
