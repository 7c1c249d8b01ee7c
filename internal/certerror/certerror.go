// Package certerror describes in plain words why a certificate is not accepted, for the hub and the terminal. The text
// contains nothing of the certificate: its names are chosen by whoever made it, and would be written to logs, the
// outbox and terminals.
package certerror

import (
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"wardlight/internal/nhs"
)

// Reason is why a certificate is not accepted. Its value is the name in machine-readable output.
type Reason string

// The reasons. Those that begin with ca are about the certificate of a CA in the chain.
const (
	UnknownCA Reason = "unknown_ca" // not issued by a trusted CA
	Altered   Reason = "altered"    // the signature isn't that of the CA that it names
	Expired   Reason = "ended"      // expired
	NotYet    Reason = "not_yet"    // not yet valid
	// the signature of the CA's certificate isn't that of the CA that it names
	CAAltered        Reason = "ca_altered"
	CAExpired        Reason = "ca_ended"       // the CA's certificate has expired
	CANotYet         Reason = "ca_not_yet"     // the CA's certificate is not yet valid
	NotACA           Reason = "not_a_ca"       // the issuer's certificate is not a CA certificate
	OtherHost        Reason = "other_host"     // for another host
	OtherUse         Reason = "other_use"      // not for this use
	TooLong          Reason = "too_long"       // too many CAs in the chain
	CAForbidden      Reason = "ca_forbidden"   // the CA may not issue for this name
	WeakSignature    Reason = "weak_signature" // signed with an insecure algorithm
	UnknownExtension Reason = "unread"         // has an unknown critical extension
	OtherReason      Reason = "broken"         // any other reason
)

// words maps reasons to the text for people, without a date.
var words = map[Reason]string{
	UnknownCA: "the certificate is of an unknown authority",
	Altered:   "the certificate's signature does not verify: it was altered, or is of another CA with the same name",
	Expired:   "the certificate has ended",
	NotYet:    "the certificate is not valid yet",
	CAAltered: "the signature on the CA's certificate does not verify: it was altered, or is of another CA " +
		"with the same name",
	CAExpired:        "the certificate of its CA has ended",
	CANotYet:         "the certificate of its CA is not valid yet",
	NotACA:           "the certificate is signed by a certificate that is not a CA's",
	OtherHost:        "the certificate is for another host",
	OtherUse:         "the certificate is not for this use",
	TooLong:          "there are too many CAs between the certificate and one that is trusted",
	CAForbidden:      "a CA of the certificate is not allowed to issue it",
	WeakSignature:    "the certificate is signed with an algorithm that is not secure",
	UnknownExtension: "the certificate has a critical extension that is not supported",
	OtherReason:      "a certificate of the chain is not valid",
}

// Known reports whether r is one of the reasons. A value from a hub may be any text.
func (r Reason) Known() bool {
	_, known := words[r]
	return known
}

// Words returns the text for people, without a date: "the certificate of its CA has ended".
func (r Reason) Words() string { return words[r] }

// Error is returned if a certificate is not accepted.
type Error struct {
	Reason Reason
	Date   time.Time // when it, or the CA's certificate, expired or becomes valid; zero if unknown or for other reasons
	// At is the certificate at which Explain stopped: its issuer is unknown or invalid. Its names are untrusted.
	At  *x509.Certificate
	err error
}

// Error returns the reason in words, with dates in UTC.
func (e *Error) Error() string { return e.Words(time.UTC) }

// Words returns the reason in words, with dates in the time zone.
func (e *Error) Words(zone *time.Location) string {
	said := e.Reason.Words()
	switch {
	case e.Date.IsZero():
		return said
	case e.Reason == NotYet, e.Reason == CANotYet:
		return said + ", only from " + Day(e.Date, zone)
	}
	return strings.TrimSuffix(said, "has ended") + "ended on " + Day(e.Date, zone)
}

// Unwrap returns the original error, whose text may contain names from the certificate.
func (e *Error) Unwrap() error { return e.err }

// Day returns the day of t in display format, "20-Nov-2026", in the time zone. The zone is the site's on a terminal
// and UTC in the hub.
func Day(t time.Time, zone *time.Location) string { return nhs.DateOf(t.In(zone)).String() }

// Nameless returns err as an *Error if it is an error of crypto/x509 about a certificate, and otherwise err itself.
func Nameless(err error) error {
	if e := of(err); e != nil {
		return e
	}
	return err
}

// of returns the *Error for an error of crypto/x509 about a certificate, or nil for another error.
func of(err error) *Error {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		name      x509.ConstraintViolationError
		algorithm x509.InsecureAlgorithmError
		critical  x509.UnhandledCriticalExtension
	)

	switch {
	case err == nil:
		return nil
	case errors.As(err, &authority):
		return &Error{Reason: hintedReason(authority), err: err}
	case errors.As(err, &host):
		return &Error{Reason: OtherHost, err: err}
	case errors.As(err, &invalid):
		e := ofInvalid(invalid)
		e.err = err
		return e
	case errors.As(err, &name):
		return &Error{Reason: CAForbidden, err: err}
	case errors.As(err, &algorithm):
		return &Error{Reason: WeakSignature, err: err}
	case errors.As(err, &critical):
		return &Error{Reason: UnknownExtension, err: err}
	}

	return nil
}

// hints maps texts that x509 adds to "unknown authority" to reasons. They are about a CA that has the issuer's name
// and was rejected. x509 provides them only as text, which may continue with names from a certificate.
var hints = []struct {
	text   string
	reason Reason
}{
	{"x509: ECDSA verification failure", Altered},
	{"crypto/rsa: verification error", Altered},
	{"x509: Ed25519 verification failure", Altered},
	{"x509: certificate has expired or is not yet valid: ", CAExpired},
}

// hintedReason returns the reason that x509 hints at in an unknown authority error, or UnknownCA.
func hintedReason(authority x509.UnknownAuthorityError) Reason {
	hint, given := strings.CutPrefix(authority.Error(),
		`x509: certificate signed by unknown authority (possibly because of "`)
	if !given {
		return UnknownCA
	}
	for _, h := range hints {
		if !strings.HasPrefix(hint, h.text) {
			continue
		}
		when, _, _ := strings.Cut(hint, `"`)
		if h.reason == CAExpired && strings.Contains(when, " is before ") {
			return CANotYet
		}
		return h.reason
	}
	return UnknownCA
}

// ofInvalid returns the *Error for an x509.CertificateInvalidError.
func ofInvalid(invalid x509.CertificateInvalidError) *Error {
	switch invalid.Reason {
	case x509.Expired:
		c := invalid.Cert
		if c == nil {
			c = new(x509.Certificate)
		}
		// X509 writes "current time … is before …".
		return dates(c, c.IsCA, strings.Contains(invalid.Detail, " is before "))
	case x509.NotAuthorizedToSign:
		return &Error{Reason: NotACA}
	case x509.IncompatibleUsage:
		return &Error{Reason: OtherUse}
	case x509.TooManyIntermediates, x509.TooManyConstraints:
		return &Error{Reason: TooLong}
	case x509.CANotAuthorizedForThisName, x509.CANotAuthorizedForExtKeyUsage, x509.NameConstraintsWithoutSANs,
		x509.UnconstrainedName, x509.NameMismatch:
		return &Error{Reason: CAForbidden}
	default:
		return &Error{Reason: OtherReason}
	}
}

// dates returns the *Error for a certificate that has expired or is not yet valid.
func dates(c *x509.Certificate, ca, early bool) *Error {
	switch {
	case ca && early:
		return &Error{Reason: CANotYet, Date: c.NotBefore}
	case ca:
		return &Error{Reason: CAExpired, Date: c.NotAfter}
	case early:
		return &Error{Reason: NotYet, Date: c.NotBefore}
	}
	return &Error{Reason: Expired, Date: c.NotAfter}
}
