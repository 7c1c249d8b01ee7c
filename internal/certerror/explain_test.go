package certerror_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/certerror"
	"wardlight/internal/certtest"
)

var at = time.Date(2026, 7, 15, 22, 30, 0, 0, time.UTC) // 23:30 in London

// issue creates a certificate, which is self-signed if by is nil.
func issue(t *testing.T, by *certtest.Issuer, name string, change func(*x509.Certificate)) *certtest.Issuer {
	t.Helper()
	return by.Issue(t, at, func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: name}
		change(c)
	})
}

func ca(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }

func card(*x509.Certificate) {}

func with(changes ...func(*x509.Certificate)) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		for _, change := range changes {
			change(c)
		}
	}
}

func dated(from, to time.Duration) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = at.Add(from), at.Add(to) }
}

// altered returns the certificate with one bit of its serial number flipped.
func altered(t *testing.T, c *x509.Certificate) *x509.Certificate {
	t.Helper()
	der := slices.Clone(c.Raw)
	i := slices.Index(der, 0xA0)
	der[i+7] ^= 0x40 // [0] version is five bytes, followed by INTEGER, its length, its value
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestExplain(t *testing.T) {
	day := 24 * time.Hour
	root := issue(t, nil, "Root", ca)
	sub := issue(t, root, "Sub", ca)
	good := issue(t, sub, "Ada", card)
	endedRoot := issue(t, nil, "Ended", with(ca, dated(-9*day, -2*day)))
	comingRoot := issue(t, nil, "Coming", with(ca, dated(2*day, 9*day)))
	namesake := issue(t, nil, "Root", ca)
	shortRoot := issue(t, nil, "Short", with(ca, func(c *x509.Certificate) { c.MaxPathLenZero = true }))
	shortSub := issue(t, shortRoot, "Short sub", ca)
	endedSub := issue(t, root, "Ended sub", with(ca, dated(-9*day, -2*day)))
	all := func(cs ...*certtest.Issuer) (certs []*x509.Certificate) {
		for _, c := range cs {
			certs = append(certs, c.Cert)
		}
		return certs
	}

	for name, c := range map[string]struct {
		card             *x509.Certificate
		trusted, between []*x509.Certificate
		reason           certerror.Reason
		words            string
		alone            certerror.Reason // reason without the CAs, if it is less specific
	}{
		"no CA": {
			good.Cert, all(namesake), nil, certerror.UnknownCA,
			"the certificate is of an unknown authority", "",
		},
		"the CA between missing": {good.Cert, all(root), nil, certerror.UnknownCA, "of an unknown authority", ""},
		"altered": {
			altered(t, good.Cert), all(root), all(sub), certerror.Altered,
			"signature does not verify", "",
		},
		"a CA of the same name": {
			issue(t, root, "Ada", card).Cert, all(namesake), nil, certerror.Altered,
			"another CA with the same name", "",
		},
		"a CA below a namesake": {
			good.Cert, all(namesake), all(sub), certerror.CAAltered,
			"the signature on the CA's certificate does not verify", certerror.Altered,
		},
		"ended": {
			issue(t, sub, "Ada", dated(-9*day, -2*day)).Cert, all(root), all(sub),
			certerror.Expired, "the certificate ended on 13-Jul-2026", "",
		},
		"not valid yet": {
			issue(t, sub, "Ada", dated(2*day, 9*day)).Cert, all(root), all(sub),
			certerror.NotYet, "the certificate is not valid yet, only from 17-Jul-2026", "",
		},
		"the root has ended": {
			issue(t, endedRoot, "Ada", card).Cert, all(endedRoot), nil, certerror.CAExpired,
			"the certificate of its CA ended on 13-Jul-2026", "",
		},
		"the root is to come": {
			issue(t, comingRoot, "Ada", card).Cert, all(comingRoot), nil, certerror.CANotYet,
			"the certificate of its CA is not valid yet, only from 17-Jul-2026", "",
		},
		"a CA between has ended": {
			issue(t, endedSub, "Ada", card).Cert, all(root), all(endedSub), certerror.CAExpired,
			"ended on 13-Jul-2026", "",
		},
		"signed by a card": {
			issue(t, good, "Eve", card).Cert, all(root), all(sub, good), certerror.NotACA,
			"signed by a certificate that is not a CA's", certerror.UnknownCA,
		},
		"too many CAs": {
			issue(t, shortSub, "Ada", card).Cert, all(shortRoot), all(shortSub), certerror.TooLong,
			"too many CAs", certerror.UnknownCA,
		},
		"another use": {
			issue(t, sub, "Ada", func(c *x509.Certificate) {
				c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
			}).Cert,
			all(root), all(sub), certerror.OtherUse, "not for this use", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			roots, more := x509.NewCertPool(), x509.NewCertPool()
			for _, ca := range c.trusted {
				roots.AddCert(ca)
			}

			for _, ca := range c.between {
				more.AddCert(ca)
			}

			_, err := c.card.Verify(x509.VerifyOptions{
				Roots: roots, Intermediates: more, CurrentTime: at,
				KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
			})
			if err == nil {
				t.Fatal("Verify succeeded, want error")
			}

			var got *certerror.Error
			if !errors.As(certerror.Explain(err, c.card, c.trusted, c.between, at), &got) || got.Reason != c.reason ||
				!strings.Contains(got.Error(), c.words) {
				t.Errorf("Explain(%v) = %+v, want %s, %q", err, got, c.reason, c.words)
			}

			if !errors.Is(got, err) {
				t.Error("Explain does not wrap the error of x509")
			}

			// Without the CAs, as for a TLS connection, the reason is the one at which x509 hints.
			var alone *certerror.Error
			if !errors.As(certerror.Nameless(err), &alone) || alone.Reason != c.reason && alone.Reason != c.alone {
				t.Errorf("Nameless(%v) = %+v, want %s", err, alone, c.reason)
			}
		})
	}
}

func TestError_DatesInTheZoneOfWhoReads(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	e := certerror.Error{Reason: certerror.CAExpired, Date: time.Date(2026, 7, 13, 23, 30, 0, 0, time.UTC)}
	if got := e.Words(london); got != "the certificate of its CA ended on 14-Jul-2026" {
		t.Errorf("Words in London = %q", got)
	}
	if got := e.Error(); got != "the certificate of its CA ended on 13-Jul-2026" {
		t.Errorf("Error = %q, want the date in UTC", got)
	}
}

func TestReason_Known(t *testing.T) {
	if !certerror.CAExpired.Known() || certerror.Reason("\x1b[2J").Known() {
		t.Error("Known is wrong for a reason or for an unknown value")
	}
}
