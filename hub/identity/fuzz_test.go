package identity

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/hub/holder"
	"wardlight/internal/certtest"
)

func FuzzTokenOf(f *testing.F) {
	for _, s := range []string{
		"DPoP abc", "dpop abc", "DPoP", "Bearer abc", "DPoP a b", "", "DPoP  abc",
		"DPoP abc\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		token, err := tokenOf([]string{header})
		if err == nil && (token == "" || token != strings.TrimSpace(token) ||
			!strings.HasSuffix(strings.TrimSpace(header), token)) {
			t.Errorf("tokenOf(%q) = %q, which isn't the token in it", header, token)
		}
		if _, err := tokenOf([]string{header, header}); err == nil {
			t.Errorf("tokenOf(%q twice) succeeded, want error", header)
		}
	})
}

func FuzzSameURL(f *testing.F) {
	for _, s := range []string{
		"https://hub.example/oauth2/token", "https://hub.example:443/oauth2/token?a=b#c",
		"HTTPS://HUB.example/oauth2/token", "//hub.example", "%zz", "https://hub.example@evil/",
	} {
		f.Add(s)
	}
	target := &url.URL{Scheme: "https", Host: "hub.example", Path: "/oauth2/token"}
	f.Fuzz(func(t *testing.T, htu string) {
		if !sameURL(htu, target) {
			return
		}
		u, err := url.Parse(htu)
		if err != nil || !strings.EqualFold(u.Scheme, "https") || !strings.EqualFold(u.Hostname(), "hub.example") ||
			u.Path != "/oauth2/token" || u.Port() != "" && u.Port() != "443" {
			t.Errorf("sameURL(%q) = true, want false for another URL than the token's", htu)
		}
	})
}

func FuzzACardsCertificate(f *testing.F) {
	now := time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)
	key := certtest.P256(f)
	make := func(name string, isCA bool) *x509.Certificate {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: now.AddDate(-1, 0, 0),
			NotAfter: now.AddDate(1, 0, 0),
			IsCA:     isCA, BasicConstraintsValid: true,
			KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		}
		return (*certtest.Issuer)(nil).Sign(f, template, key)
	}

	// The fuzzer can't find a certificate that the trusted CA has signed.
	cas := holder.Only(make("Another Sub CA", true), holder.UUID)
	unknown := base64.StdEncoding.EncodeToString(make("999000000111", false).Raw)
	f.Add(unknown, "")
	f.Add(unknown, unknown)
	f.Add("AA==", "!")

	f.Fuzz(func(t *testing.T, first, second string) {
		x5c := []string{first}
		if second != "" {
			x5c = append(x5c, second)
		}
		chain, err := parseChain(x5c)
		if err != nil {
			return
		}
		if _, refused := VerifiedPaths(chain, cas, now); refused == nil {
			t.Errorf("Ways(%q) succeeded, want a refusal", x5c)
		}
	})
}
