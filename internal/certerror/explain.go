package certerror

import (
	"bytes"
	"crypto/x509"
	"errors"
	"slices"
	"time"
)

// maxChain is the maximum number of CAs above a certificate that are examined.
const maxChain = 8

// Explain returns an *Error with the reason if err, returned by c.Verify at that time, is about a certificate, and
// otherwise err itself. x509 also reports "unknown authority" for a certificate that was altered, whose CA has
// expired, or whose CA may not have that many CAs below it. Explain distinguishes these with the trusted CAs and those
// sent with c.
func Explain(err error, c *x509.Certificate, trusted, between []*x509.Certificate, at time.Time) error {
	e := of(err)
	switch {
	case e == nil:
		return err
	case !errors.As(err, new(x509.UnknownAuthorityError)):
		return e
	}

	e.Reason = UnknownCA // unless a CA with the issuer's name is found below
	below, all := c, slices.Concat(trusted, between)
	for above := range maxChain {
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
		case slices.ContainsFunc(trusted, issuer.Equal): // its CA is trusted, so there is another reason
			e.Reason = OtherReason
			return e
		}

		below = issuer
	}

	return e
}

// issuerOf returns the CA that issued c, or the error of a CA with the issuer's name. Both are nil if there is no such
// CA. below is the number of CAs from c down.
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
		case ca.Version == 3 && !ca.BasicConstraintsValid || ca.BasicConstraintsValid && !ca.IsCA: // as x509 checks it
			this = &Error{Reason: NotACA}
		case at.Before(ca.NotBefore) || at.After(ca.NotAfter):
			this = dates(ca, true, at.Before(ca.NotBefore))
		case ca.BasicConstraintsValid && ca.MaxPathLen >= 0 && (ca.MaxPathLen > 0 || ca.MaxPathLenZero) &&
			below > ca.MaxPathLen:
			this = &Error{Reason: TooLong}
		default:
			return ca, nil
		}

		if wrong == nil || wrong.Reason == Altered { // prefer the error of a CA whose key verifies the signature
			wrong = this
		}
	}

	return nil, wrong
}
