package client_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/internal/certtest"
)

// link is a certificate and its key.
type link certtest.Issuer

// issue returns a CA certificate signed by by, with spare additional bytes.
func (by *link) issue(t *testing.T, name string, key crypto.Signer, spare int) *link {
	t.Helper()
	return by.make(t, name, key, func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: []int{1, 3, 6, 1, 4, 1, 32473, 1}, Value: make([]byte, spare)}}
	})
}

// make returns a CA certificate signed by by, or self-signed if by is nil. change may edit it before it is signed.
func (by *link) make(t *testing.T, name string, key crypto.Signer, change ...func(*x509.Certificate)) *link {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: noon.AddDate(-1, 0, 0),
		NotAfter: noon.AddDate(1, 0, 0),
		IsCA:     true, BasicConstraintsValid: true,
	}
	for _, c := range change {
		c(template)
	}
	return &link{(*certtest.Issuer)(by).Sign(t, template, key), key}
}

// A card may store any certificates. ChainOf returns those that lead up from its own, within the hub's limits.
func TestChainOf(t *testing.T) {
	var none *link
	root := none.issue(t, "Root", certtest.P256(t), 0)
	a := root.issue(t, "A", certtest.P256(t), 0)
	b := a.issue(t, "B", certtest.P256(t), 0)
	card := b.issue(t, "Card", certtest.P256(t), 0)
	namesake := none.issue(t, "Other", certtest.P256(t), 0).issue(t, "B", certtest.P256(t), 0)
	large, err := rsa.GenerateKey(rand.Reader, 4104)
	if err != nil {
		t.Fatal(err)
	}

	hard := root.issue(t, "Hard", large, 0)
	fat := root.issue(t, "Fat", certtest.P256(t), client.MaxChainBytes)
	deep := []*link{root}
	for range 7 {
		deep = append(deep, deep[len(deep)-1].issue(t, string(rune('a'+len(deep))), certtest.P256(t), 0))
	}

	last := deep[len(deep)-1]
	certs := func(all ...*link) (out []*x509.Certificate) {
		for _, l := range all {
			out = append(out, l.Cert)
		}
		return out
	}

	for name, c := range map[string]struct {
		card *link
		held []*link
		want []*link
	}{
		"no CA":                  {card, nil, []*link{card}},
		"in no order":            {card, []*link{root, a, namesake, b}, []*link{card, b, a}},
		"a CA between missing":   {card, []*link{root, a}, []*link{card}},
		"the root is left out":   {a, []*link{root}, []*link{a}},
		"another of its name":    {card, []*link{namesake, a}, []*link{card}},
		"a key that is too long": {hard.issue(t, "Card", certtest.P256(t), 0), []*link{hard}, nil},
		"too many bytes":         {fat.issue(t, "Card", certtest.P256(t), 0), []*link{fat}, nil},
		"too many":               {last, deep, []*link{last, deep[6], deep[5], deep[4], deep[3]}},
	} {
		want := certs(c.want...)
		if c.want == nil {
			want = certs(c.card)
		}
		if got := client.ChainOf(c.card.Cert, certs(c.held...)); !slices.EqualFunc(got, want,
			(*x509.Certificate).Equal) {
			t.Errorf("ChainOf, %s: got %d certificates, want %d", name, len(got), len(want))
		}
	}
}

// The error for a hub's certificate that is not accepted names the reason, over a real connection.
func TestAHubsCertificateIsToldByItsFault(t *testing.T) {
	now := time.Now()
	dated := func(from, to time.Duration) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = now.Add(from), now.Add(to) }
	}

	const hour = time.Hour
	var none *link
	cert := func(by *link, change ...func(*x509.Certificate)) *link {
		return by.make(t, "Hub", certtest.P256(t), append([]func(*x509.Certificate){dated(-hour, hour)}, change...)...)
	}

	server := func(c *x509.Certificate) {
		c.IsCA, c.IPAddresses, c.ExtKeyUsage = false, []net.IP{net.IPv4(127, 0, 0, 1)},
			[]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}

	root, ended, namesake := cert(none), cert(none, dated(-2*hour, -hour)), cert(none)
	for name, c := range map[string]struct {
		hub, trusted *link
		want         string
	}{
		"its CA has ended": {cert(ended, server), ended, "the certificate of its CA has ended"},
		"it has ended":     {cert(root, server, dated(-2*hour, -hour)), root, "the certificate has ended"},
		"it is to come":    {cert(root, server, dated(hour, 2*hour)), root, "the certificate is not valid yet"},
		"of another CA": {cert(root, server), namesake, "the certificate's signature does not verify: it was " +
			"altered, or is of another CA with the same name"},
		"for another host": {cert(root, server, func(c *x509.Certificate) {
			c.IPAddresses = nil
		}), root, "the certificate is for another host"},
		"for another purpose": {cert(root, server, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}), root, "the certificate is not for this use"},
	} {
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.TLS = &tls.Config{Certificates: []tls.Certificate{{
			Certificate: [][]byte{c.hub.Cert.Raw},
			PrivateKey:  c.hub.Key,
		}}}

		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelWarn)
		s.StartTLS()
		t.Cleanup(s.Close)
		roots := x509.NewCertPool()
		roots.AddCert(c.trusted.Cert)
		hub, err := client.New(client.Config{
			BaseURL: s.URL, HTTP: client.NewHTTP(roots), Clock: time.Now,
			NewID: uuid.NewString, Timeout: time.Minute,
		})
		if err != nil {
			t.Fatal(err)
		}

		_, err = hub.Challenge(t.Context())
		var e *client.Error
		if want := "The hub's identity could not be proved: " + c.want + "."; !errors.As(err, &e) ||
			e.Kind != client.Untrusted || e.Sentence() != want {
			t.Errorf("%s: got %v (%v), want kind Untrusted and %q", name, err, errors.Unwrap(err), want)
		}
	}
}
