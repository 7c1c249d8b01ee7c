// Package certerror says in plain words why a certificate is not accepted, for hub and terminal alike, and without a word
// of what is in it: whoever made the certificate chose its names, and they would come into logs, the outbox and terminals.
package certerror

import (
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"wardlight/internal/nhs"
)

// Reason is why a certificate is not accepted. Its text is the name in documents for programs.
type Reason string

// The reasons. Those that begin with ca are about a CA on the way, not about the certificate itself.
const (
	UnknownCA     Reason = "unknown_ca"     // no CA that is trusted issued it
	Altered       Reason = "altered"        // the signature is not the one of the CA that it names
	Ended         Reason = "ended"          // it has ended
	NotYet        Reason = "not_yet"        // it is not valid yet
	CAAltered     Reason = "ca_altered"     // the signature on the CA's certificate is not the one of the CA above it
	CAEnded       Reason = "ca_ended"       // the CA's certificate has ended
	CANotYet      Reason = "ca_not_yet"     // the CA's certificate is not valid yet
	NotACA        Reason = "not_a_ca"       // what signed it is no CA's certificate
	OtherHost     Reason = "other_host"     // it is another host's
	OtherUse      Reason = "other_use"      // it is not for this use
	TooLong       Reason = "too_long"       // there are too many CAs between
	CAForbidden   Reason = "ca_forbidden"   // its CA may not issue for this name
	WeakSignature Reason = "weak_signature" // it is signed with an algorithm that is not secure
	Unread        Reason = "unread"         // it has a critical extension that is not understood
	Broken        Reason = "broken"         // anything else
)

// words are what people read of each reason, without a date.
var words = map[Reason]string{
	UnknownCA:     "the certificate is of an unknown authority",
	Altered:       "the certificate's signature does not verify: it was altered, or is of another CA with the same name",
	Ended:         "the certificate has ended",
	NotYet:        "the certificate is not valid yet",
	CAAltered:     "the signature on the CA's certificate does not verify: it was altered, or is of another CA with the same name",
	CAEnded:       "the certificate of its CA has ended",
	CANotYet:      "the certificate of its CA is not valid yet",
	NotACA:        "the certificate is signed by one that is no CA's",
	OtherHost:     "the certificate is another host's",
	OtherUse:      "the certificate is not for this use",
	TooLong:       "there are too many CAs between the certificate and one that is trusted",
	CAForbidden:   "a CA of the certificate may not vouch for it",
	WeakSignature: "the certificate is signed with an algorithm that is not secure",
	Unread:        "the certificate has a critical extension that is not understood",
	Broken:        "a certificate of the chain does not hold",
}

// Known reports whether r is one of the reasons: what a hub sends may be any text.
func (r Reason) Known() bool {
	_, known := words[r]
	return known
}

// Words returns the reason for people, without a date: "the certificate of its CA has ended".
func (r Reason) Words() string { return words[r] }

// Error is why a certificate is not accepted.
type Error struct {
	Reason Reason
	Date   time.Time // when it, or its CA's, ended or will be valid; zero for other reasons, and where it is not known
	// At is the certificate that Explain came to: whose issuer is not known, or is at fault. Its names are a stranger's.
	At  *x509.Certificate
	err error
}

// Error returns the reason in words, with dates of UTC.
func (e *Error) Error() string { return e.Words(time.UTC) }

// Words returns the reason in words, with a date of the zone.
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

// Unwrap returns the error with its names.
func (e *Error) Unwrap() error { return e.err }

// Day returns the day of a certificate's date as it is shown everywhere: "20-Nov-2026", in the zone of whoever reads it,
// which is the site's on a terminal and UTC at the hub.
func Day(t time.Time, zone *time.Location) string { return nhs.DateOf(t.In(zone)).String() }

// Nameless returns err as an *Error, where crypto/x509 says it of a certificate; else err itself.
func Nameless(err error) error {
	if e := of(err); e != nil {
		return e
	}
	return err
}

// of returns what err of crypto/x509 says of a certificate; nil for another error.
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
		return &Error{Reason: hinted(authority), err: err}
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
		return &Error{Reason: Unread, err: err}
	}
	return nil
}

// hints are what x509 gives beside "unknown authority", in a text alone, of a CA that has the issuer's name and was not taken;
// names of a certificate come after them.
var hints = []struct {
	text   string
	reason Reason
}{
	{"x509: ECDSA verification failure", Altered},
	{"crypto/rsa: verification error", Altered},
	{"x509: Ed25519 verification failure", Altered},
	{"x509: certificate has expired or is not yet valid: ", CAEnded},
}

// hinted returns what an unknown authority is, as far as x509 says so.
func hinted(authority x509.UnknownAuthorityError) Reason {
	hint, given := strings.CutPrefix(authority.Error(), `x509: certificate signed by unknown authority (possibly because of "`)
	if !given {
		return UnknownCA
	}
	for _, h := range hints {
		if !strings.HasPrefix(hint, h.text) {
			continue
		}
		when, _, _ := strings.Cut(hint, `"`)
		if h.reason == CAEnded && strings.Contains(when, " is before ") {
			return CANotYet
		}
		return h.reason
	}
	return UnknownCA
}

// ofInvalid returns what x509.CertificateInvalidError says.
func ofInvalid(invalid x509.CertificateInvalidError) *Error {
	switch invalid.Reason {
	case x509.Expired:
		c := invalid.Cert
		if c == nil {
			c = new(x509.Certificate)
		}
		return dates(c, c.IsCA, strings.Contains(invalid.Detail, " is before ")) // x509's own: "current time … is before …"
	case x509.NotAuthorizedToSign:
		return &Error{Reason: NotACA}
	case x509.IncompatibleUsage:
		return &Error{Reason: OtherUse}
	case x509.TooManyIntermediates, x509.TooManyConstraints:
		return &Error{Reason: TooLong}
	case x509.CANotAuthorizedForThisName, x509.CANotAuthorizedForExtKeyUsage, x509.NameConstraintsWithoutSANs, x509.UnconstrainedName, x509.NameMismatch:
		return &Error{Reason: CAForbidden}
	default:
		return &Error{Reason: Broken}
	}
}

// dates returns what is wrong with a certificate that has ended, or is not valid yet.
func dates(c *x509.Certificate, ca, early bool) *Error {
	switch {
	case ca && early:
		return &Error{Reason: CANotYet, Date: c.NotBefore}
	case ca:
		return &Error{Reason: CAEnded, Date: c.NotAfter}
	case early:
		return &Error{Reason: NotYet, Date: c.NotBefore}
	}
	return &Error{Reason: Ended, Date: c.NotAfter}
}
