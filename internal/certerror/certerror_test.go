package certerror_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"strings"
	"testing"

	"wardlight/internal/certerror"
)

func TestNameless(t *testing.T) {
	const name = "\x1b]0;Tess Example"
	c := &x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}}
	for words, err := range map[string]error{
		"unknown authority":         x509.UnknownAuthorityError{Cert: c},
		"for another host":          x509.HostnameError{Certificate: c, Host: "la.example"},
		"the certificate has ended": x509.CertificateInvalidError{Cert: c, Reason: x509.Expired, Detail: name},
		"is not a CA's": x509.CertificateInvalidError{
			Cert: c, Reason: x509.NotAuthorizedToSign,
			Detail: name,
		},
		"not for this use": x509.CertificateInvalidError{Cert: c, Reason: x509.IncompatibleUsage, Detail: name},
		"too many CAs": x509.CertificateInvalidError{
			Cert: c, Reason: x509.TooManyIntermediates,
			Detail: name,
		},
		"not allowed to issue it": x509.CertificateInvalidError{
			Cert: c, Reason: x509.CANotAuthorizedForThisName,
			Detail: name,
		},
		"not secure":           x509.InsecureAlgorithmError(x509.MD5WithRSA),
		"is not supported":     x509.UnhandledCriticalExtension{},
		"not allowed to issue": x509.ConstraintViolationError{},
		"something else":       errors.New("something else"),
		"a connection closed":  errors.New("a connection closed"),
	} {
		wrapped := fmt.Errorf("tls: %w", err)
		got := certerror.Nameless(wrapped)
		if !strings.Contains(got.Error(), words) || strings.Contains(got.Error(), "Tess") || !errors.Is(got, wrapped) {
			t.Errorf("Nameless(%v) = %q, want %q", err, got, words)
		}
	}

	if err := certerror.Nameless(nil); err != nil {
		t.Errorf("Nameless(nil) = %v, want nil", err)
	}
}
