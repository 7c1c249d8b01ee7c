package certerror

import (
	"bytes"
	"crypto/x509"
	"errors"
	"slices"
	"time"
)

// maxWay is how many CAs are looked at above a certificate.
const maxWay = 8

// Explain returns the *Error that says why c was not accepted, where err of c.Verify at that time says so of a certificate;
// else err itself. x509 says "unknown authority" also of a certificate that was altered, and of one whose CA has ended or may
// not have so many CAs below it: these are told apart by the CAs, those that are trusted and those that came with c.
func Explain(err error, c *x509.Certificate, trusted, between []*x509.Certificate, at time.Time) error {
	e := of(err)
	switch {
	case e == nil:
		return err
	case !errors.As(err, new(x509.UnknownAuthorityError)):
		return e
	}
	e.Reason = UnknownCA // which is said of less than x509 hints at
	below, all := c, slices.Concat(trusted, between)
	for above := range maxWay {
		e.At = below
		issuer, wrong := issuerOf(below, all, above, at)
		switch {
		case wrong != nil:
			e.Reason, e.Date = wrong.Reason, wrong.Date
			if e.Reason == Altered && below != c {
				e.Reason = CAAltered
			}
			return e
		case issuer == nil, issuer.Equal(below):
			return e
		case slices.ContainsFunc(trusted, issuer.Equal): // its CA is known: something else does not hold
			e.Reason = Broken
			return e
		}
		below = issuer
	}
	return e
}

// issuerOf returns the CA that issued c, or what is wrong with those that have its issuer's name; neither when there is none.
// below is how many CAs there are from c on down.
func issuerOf(c *x509.Certificate, all []*x509.Certificate, below int, at time.Time) (*x509.Certificate, *Error) {
	var wrong *Error
	for _, ca := range all {
		if !bytes.Equal(ca.RawSubject, c.RawIssuer) {
			continue
		}
		var this *Error
		switch {
		case ca.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil:
			this = &Error{Reason: Altered}
		case ca.Version == 3 && !ca.BasicConstraintsValid || ca.BasicConstraintsValid && !ca.IsCA: // as x509 has it
			this = &Error{Reason: NotACA}
		case at.Before(ca.NotBefore) || at.After(ca.NotAfter):
			this = dates(ca, true, at.Before(ca.NotBefore))
		case ca.BasicConstraintsValid && ca.MaxPathLen >= 0 && (ca.MaxPathLen > 0 || ca.MaxPathLenZero) && below > ca.MaxPathLen:
			this = &Error{Reason: TooLong}
		default:
			return ca, nil
		}
		if wrong == nil || wrong.Reason == Altered { // one that has the right key says more
			wrong = this
		}
	}
	return nil, wrong
}
