// Package identity authenticates persons: the challenge, the card's assertion, the sign-in by browser at an OpenID
// provider, the proof of possession, the session, and the CIS2 claims with a person's roles.
package identity

import (
	"fmt"
	"time"

	"wardlight/internal/certerror"
)

// Reason is the reason of a refused sign-in (docs/api.md).
type Reason string

// Reasons of refusals.
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

	// Of the sign-in by browser:
	BrowserNotOffered     Reason = "browser_not_offered"
	StateUnknown          Reason = "state_unknown"
	ProviderUnavailable   Reason = "provider_unavailable"
	ProviderRefused       Reason = "provider_refused"
	ProviderAnswerInvalid Reason = "provider_answer_invalid"
	ProviderSignInOld     Reason = "provider_sign_in_old"
	ProviderLevelLow      Reason = "provider_level_low"
)

// OAuthError returns the RFC 6749 §5.2 error code for the reason.
func (r Reason) OAuthError() string {
	switch r {
	case RequestMalformed:
		return "invalid_request"
	case GrantUnsupported, BrowserNotOffered:
		return "unsupported_grant_type"
	case ProofInvalid:
		return "invalid_dpop_proof"
	case RateLimited, ProviderUnavailable:
		return "temporarily_unavailable"
	default:
		return "invalid_grant"
	}
}

// Refusal is the refusal of a sign-in or a request. What is for the log; it never contains a token, a nonce or a
// passcode.
type Refusal struct {
	Reason Reason
	What   string
	// Certificate is the SHA-256, serial number and issuer of a card that no person has, for operators who enrol it or
	// look for its CA. It is for the log and, except with CertificateUntrusted, for the audit.
	Certificate string
	Fault       certerror.Reason // with CertificateUntrusted: what is wrong with the certificate
	Wait        time.Duration    // with RateLimited: when to retry
}

// Error returns the reason and the details.
func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Reason, r.What) }

func refuse(reason Reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, What: fmt.Sprintf(format, args...)}
}

func limited(wait time.Duration, what string) *Refusal {
	return &Refusal{Reason: RateLimited, What: what, Wait: wait}
}

// Unauthenticated is a request without a valid session. Diagnostics are those of the PDS API. Code is an error code of
// RFC 6750 or RFC 9449.
type Unauthenticated struct {
	Diagnostics string
	Code        string // "" if the request has no credentials
	What        string
	Known       bool // the hub has issued the token
	Stolen      bool // the proof shows that somebody other than its holder uses the token
	Recorded    bool // the audit has a record of it; there is at most one a minute for each session
	Session     string
	person      string
}

// Error returns the diagnostics and the details.
func (u *Unauthenticated) Error() string { return u.Diagnostics + ": " + u.What }
