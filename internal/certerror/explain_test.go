package certerror_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/certerror"
)

var at = time.Date(2026, 7, 15, 22, 30, 0, 0, time.UTC) // 23:30 in London

type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue creates a certificate, which is self-signed if by is nil.
func (by *issuer) issue(t *testing.T, name string, change func(*x509.Certificate)) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour),
	}
	change(template)
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{parse(t, der), key}
}

func parse(t *testing.T, der []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
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
	return parse(t, der)
}

func TestExplain(t *testing.T) {
	day := 24 * time.Hour
	var none *issuer
	root := none.issue(t, "Root", ca)
	sub := root.issue(t, "Sub", ca)
	good := sub.issue(t, "Ada", card)
	endedRoot := none.issue(t, "Ended", with(ca, dated(-9*day, -2*day)))
	comingRoot := none.issue(t, "Coming", with(ca, dated(2*day, 9*day)))
	namesake := none.issue(t, "Root", ca)
	shortRoot := none.issue(t, "Short", with(ca, func(c *x509.Certificate) { c.MaxPathLenZero = true }))
	shortSub := shortRoot.issue(t, "Short sub", ca)
	endedSub := root.issue(t, "Ended sub", with(ca, dated(-9*day, -2*day)))
	all := func(cs ...*issuer) (certs []*x509.Certificate) {
		for _, c := range cs {
			certs = append(certs, c.cert)
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
		"no CA":                  {good.cert, all(namesake), nil, certerror.UnknownCA, "the certificate is of an unknown authority", ""},
		"the CA between missing": {good.cert, all(root), nil, certerror.UnknownCA, "of an unknown authority", ""},
		"altered":                {altered(t, good.cert), all(root), all(sub), certerror.Altered, "signature does not verify", ""},
		"a CA of the same name":  {root.issue(t, "Ada", card).cert, all(namesake), nil, certerror.Altered, "another CA with the same name", ""},
		"a CA below a namesake":  {good.cert, all(namesake), all(sub), certerror.CAAltered, "the signature on the CA's certificate does not verify", certerror.Altered},
		"ended":                  {sub.issue(t, "Ada", dated(-9*day, -2*day)).cert, all(root), all(sub), certerror.Ended, "the certificate ended on 13-Jul-2026", ""},
		"not valid yet":          {sub.issue(t, "Ada", dated(2*day, 9*day)).cert, all(root), all(sub), certerror.NotYet, "the certificate is not valid yet, only from 17-Jul-2026", ""},
		"the root has ended":     {endedRoot.issue(t, "Ada", card).cert, all(endedRoot), nil, certerror.CAEnded, "the certificate of its CA ended on 13-Jul-2026", ""},
		"the root is to come":    {comingRoot.issue(t, "Ada", card).cert, all(comingRoot), nil, certerror.CANotYet, "the certificate of its CA is not valid yet, only from 17-Jul-2026", ""},
		"a CA between has ended": {endedSub.issue(t, "Ada", card).cert, all(root), all(endedSub), certerror.CAEnded, "ended on 13-Jul-2026", ""},
		"signed by a card":       {good.issue(t, "Eve", card).cert, all(root), all(sub, good), certerror.NotACA, "signed by a certificate that is not a CA's", certerror.UnknownCA},
		"too many CAs":           {shortSub.issue(t, "Ada", card).cert, all(shortRoot), all(shortSub), certerror.TooLong, "too many CAs", certerror.UnknownCA},
		"another use": {
			sub.issue(t, "Ada", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }).cert,
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
				Roots: roots, Intermediates: more, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
			})
			if err == nil {
				t.Fatal("Verify succeeded, want error")
			}
			var got *certerror.Error
			if !errors.As(certerror.Explain(err, c.card, c.trusted, c.between, at), &got) || got.Reason != c.reason || !strings.Contains(got.Error(), c.words) {
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
	e := certerror.Error{Reason: certerror.CAEnded, Date: time.Date(2026, 7, 13, 23, 30, 0, 0, time.UTC)}
	if got := e.Words(london); got != "the certificate of its CA ended on 14-Jul-2026" {
		t.Errorf("Words in London = %q", got)
	}
	if got := e.Error(); got != "the certificate of its CA ended on 13-Jul-2026" {
		t.Errorf("Error = %q, want the date in UTC", got)
	}
}

func TestReason_Known(t *testing.T) {
	if !certerror.CAEnded.Known() || certerror.Reason("\x1b[2J").Known() {
		t.Error("Known is wrong for a reason or for an unknown value")
	}
}
