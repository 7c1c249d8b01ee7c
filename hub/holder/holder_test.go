package holder_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/hub/holder"
	"wardlight/hub/store"
	"wardlight/internal/certtest"
	"wardlight/internal/text"
)

var at = time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)

// newCA returns a CA that by has issued, or a self-signed one if by is nil.
func newCA(t testing.TB, by *certtest.Issuer, name string) *certtest.Issuer {
	t.Helper()
	return by.Issue(t, at, func(c *x509.Certificate) {
		c.Subject, c.IsCA, c.BasicConstraintsValid, c.KeyUsage = pkix.Name{CommonName: name}, true, true,
			x509.KeyUsageCertSign
	})
}

// names returns a subject alternative name extension with these principal names.
func names(t testing.TB, tag int, principals ...string) pkix.Extension {
	t.Helper()
	var all []asn1.RawValue
	for _, p := range principals {
		id, err := asn1.Marshal(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 3})
		if err != nil {
			t.Fatal(err)
		}

		inner, err := asn1.Marshal(asn1.RawValue{Tag: tag, Bytes: []byte(p)})
		if err != nil {
			t.Fatal(err)
		}

		value, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: inner})
		if err != nil {
			t.Fatal(err)
		}

		all = append(all, asn1.RawValue{
			Class: asn1.ClassContextSpecific, IsCompound: true,
			Bytes: append(id, value...),
		})
	}

	der, err := asn1.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}

	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: der}
}

func TestName(t *testing.T) {
	uris := func(all ...string) func(*x509.Certificate) {
		return func(c *x509.Certificate) {
			for _, s := range all {
				u, err := url.Parse(s)
				if err != nil {
					t.Fatal(err)
				}
				c.URIs = append(c.URIs, u)
			}
		}
	}

	upns := func(tag int, all ...string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.ExtraExtensions = append(c.ExtraExtensions, names(t, tag, all...)) }
	}

	cn := func(name string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.Subject.CommonName = name }
	}

	const card = "00112233-4455-6677-8899-aabbccddeeff"
	for _, c := range []struct {
		name   string
		naming holder.Naming
		change func(*x509.Certificate)
		want   string // "" if the certificate names nobody
	}{
		{"12 digits", holder.UUID, cn("999000000111"), "999000000111"},
		{"11 digits", holder.UUID, cn("99900000011"), ""},
		{"digits of another script", holder.UUID, cn("９９９0"), ""},
		{"a sign", holder.UUID, cn("+99000000111"), ""},
		{"a principal", holder.UPN, upns(asn1.TagUTF8String, "ada@trust.example"), "ada@trust.example"},
		{"the same twice", holder.UPN, upns(asn1.TagUTF8String, "ada@trust.example", "ada@trust.example"), ""},
		{"no principal", holder.UPN, cn("ada@trust.example"), ""},
		{"a principal of bytes", holder.UPN, upns(asn1.TagOctetString, "ada@trust.example"), ""},
		{"a principal that is not UTF-8", holder.UPN, upns(asn1.TagUTF8String, "ada\xff"), ""},
		{"a principal with an invisible letter", holder.UPN, upns(asn1.TagUTF8String, "ada\u200b@trust.example"), ""},
		{"a principal with an escape", holder.UPN, upns(asn1.TagUTF8String, "ada\x1b[2J"), ""},
		{"a principal of nothing", holder.UPN, upns(asn1.TagUTF8String, " "), ""},
		{"a long principal", holder.UPN, upns(asn1.TagUTF8String, strings.Repeat("a", 2000)), ""},
		{"a UUID", holder.URI, uris("https://trust.example/", "urn:uuid:"+strings.ToUpper(card)), card},
		{"two UUIDs", holder.URI, uris("urn:uuid:"+card, "urn:uuid:"+card), ""},
		{"half a UUID", holder.URI, uris("urn:uuid:" + card[:35]), ""},
		{"a subject", holder.Subject, func(c *x509.Certificate) {
			c.Subject = pkix.Name{Organization: []string{"Trust"}, CommonName: "Sample, Ada"}
		}, `CN=Sample\, Ada,O=Trust`},
		{"a subject in another order", holder.Subject, func(c *x509.Certificate) {
			c.RawSubject = inOrder(t, pkix.Name{CommonName: "Ada"}, pkix.Name{Organization: []string{"Trust"}})
		}, `O=Trust,CN=Ada`},
		{"a subject with a line break", holder.Subject, cn("Ada\nCN=Eve"), ""},
		{"a subject of nothing", holder.Subject, func(*x509.Certificate) {}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := newCA(t, nil, "Root")
			sub := newCA(t, root, "Sub")
			leaf := sub.Issue(t, at, c.change)
			cas := holder.Only(root.Cert, c.naming)
			got, err := cas.Name(leaf.Cert, [][]*x509.Certificate{{leaf.Cert, sub.Cert, root.Cert}})
			if (err != nil) != (c.want == "") || got.Name != c.want && err == nil {
				t.Fatalf("Name = %q, %v; want %q", got.Name, err, c.want)
			}
			want := store.CertificateName{Kind: string(c.naming), CA: "CN=Root", Issuer: "CN=Sub", Name: c.want}
			if c.naming == holder.UUID {
				want.CA, want.Issuer = "", ""
			}
			if err == nil && got != want {
				t.Errorf("Name = %+v, want %+v", got, want)
			}
			if err != nil && text.Clean(err.Error(), 0) != err.Error() {
				t.Errorf("the error contains control characters of the certificate: %q", err)
			}
		})
	}
}

func inOrder(t *testing.T, parts ...pkix.Name) []byte {
	t.Helper()
	var all pkix.RDNSequence
	for _, p := range parts {
		all = append(all, p.ToRDNSequence()...)
	}
	der, err := asn1.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestName_NearestCA(t *testing.T) {
	root := newCA(t, nil, "Root")
	sub := newCA(t, root, "Sub")
	other := newCA(t, nil, "Other")
	leaf := sub.Issue(t, at, func(c *x509.Certificate) { c.Subject.CommonName = "999000000111" })
	cas, err := holder.NewCAs([]holder.CA{
		{root.Cert, holder.UUID},
		{sub.Cert, holder.SHA256},
		{other.Cert, holder.UUID},
	})
	if err != nil {
		t.Fatal(err)
	}

	long, short := []*x509.Certificate{leaf.Cert, sub.Cert, root.Cert}, []*x509.Certificate{leaf.Cert, sub.Cert}
	for _, ways := range [][][]*x509.Certificate{{short}, {short, long}, {long, short}} {
		if got, err := cas.Name(leaf.Cert, ways); err != nil || got != holder.BySHA256(leaf.Cert) {
			t.Errorf("Name = %+v, %v; want the SHA-256 by the nearer CA", got, err)
		}
	}

	crossed := []*x509.Certificate{leaf.Cert, sub.Cert, other.Cert}
	if got, err := cas.Name(leaf.Cert, [][]*x509.Certificate{long, crossed}); err == nil {
		t.Errorf("Name with two CAs at the same distance = %+v, want error", got)
	}

	if got, err := cas.Name(leaf.Cert, nil); err == nil {
		t.Errorf("Name without a path = %+v, want error", got)
	}
}

func TestNewCAs_TwoWays(t *testing.T) {
	first, again := newCA(t, nil, "CA"), newCA(t, nil, "CA")
	if _, err := holder.NewCAs([]holder.CA{{first.Cert, holder.UPN}, {again.Cert, holder.UPN}}); err != nil {
		t.Errorf("NewCAs with two keys of a CA: %v", err)
	}
	if _, err := holder.NewCAs([]holder.CA{{first.Cert, holder.UPN}, {again.Cert, holder.UUID}}); err == nil ||
		!strings.Contains(err.Error(), "CN=CA is listed twice") {
		t.Errorf("NewCAs with two namings of a CA: got error %v", err)
	}
}

// FuzzName checks that Name returns only printable names.
func FuzzName(f *testing.F) {
	f.Add(names(f, asn1.TagUTF8String, "ada@trust.example").Value)
	f.Add(names(f, asn1.TagUTF8String, "\x1b", "b").Value)
	ca := newCA(f, nil, "CA")
	cas := holder.Only(ca.Cert, holder.UPN)
	f.Fuzz(func(t *testing.T, alternative []byte) {
		c := &x509.Certificate{
			RawIssuer:  ca.Cert.RawSubject,
			Extensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: alternative}},
		}
		n, err := cas.Name(c, [][]*x509.Certificate{{c, ca.Cert}})
		if err == nil && (text.Clean(n.Name, 0) != n.Name && len(n.Name) < text.DefaultMax ||
			strings.TrimSpace(n.Name) == "") {
			t.Errorf("Name = %q, want a printable name", n.Name)
		}
	})
}
