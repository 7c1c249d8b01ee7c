// Package certerror describes why a certificate was not accepted without a word of what stands in it: whoever made the
// certificate chose its names, and they would come into logs, the outbox and terminals.
package certerror

import (
	"crypto/x509"
	"errors"
)

// nameless is an error of crypto/x509 in other words.
type nameless struct {
	words string
	err   error
}

// Error says what is wrong.
func (e *nameless) Error() string { return e.words }

// Unwrap returns the error with its names.
func (e *nameless) Unwrap() error { return e.err }

// Nameless returns err in words without anything of a certificate, where it is about one; else err itself.
func Nameless(err error) error {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		name      x509.ConstraintViolationError
		algorithm x509.InsecureAlgorithmError
		critical  x509.UnhandledCriticalExtension
	)
	words := ""
	switch {
	case err == nil:
		return nil
	case errors.As(err, &authority):
		words = "the certificate is of an unknown authority"
	case errors.As(err, &host):
		words = "the certificate is another host's"
	case errors.As(err, &invalid):
		words = reason(invalid.Reason)
	case errors.As(err, &name):
		words = "a CA of the certificate may not vouch for it"
	case errors.As(err, &algorithm):
		words = "the certificate is signed with an algorithm that is not secure"
	case errors.As(err, &critical):
		words = "the certificate has a critical extension that is not understood"
	default:
		return err
	}
	return &nameless{words, err}
}

func reason(r x509.InvalidReason) string {
	switch r {
	case x509.Expired:
		return "a certificate has expired, or is not valid yet"
	case x509.NotAuthorizedToSign:
		return "a certificate is signed by one that is no CA's"
	case x509.IncompatibleUsage:
		return "a certificate is not for this use"
	case x509.TooManyIntermediates, x509.TooManyConstraints:
		return "the chain of certificates is too long"
	default:
		return "a certificate of the chain does not hold"
	}
}
