package hub_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub/holder"
	"wardlight/internal/certtest"
)

// authority is a certification authority.
type authority struct {
	key    *ecdsa.PrivateKey
	cert   *x509.Certificate
	pool   *x509.CertPool
	issued int64
}

func newAuthority(t testing.TB, name string, change ...func(*x509.Certificate)) *authority {
	t.Helper()
	return (&authority{}).below(t, name, change...)
}

// below returns a CA that a has signed. The zero authority returns a self-signed CA.
func (a *authority) below(t testing.TB, name string, change ...func(*x509.Certificate)) *authority {
	t.Helper()
	key := certtest.P256(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"nhs"}, CommonName: name},
		NotBefore: start.AddDate(-5, 0, 0), NotAfter: start.AddDate(5, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	for _, c := range change {
		c(template)
	}
	cert := a.issuer().Sign(t, template, key)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &authority{key: key, cert: cert, pool: pool}
}

// issuer returns what signs for the CA; nil for the zero one.
func (a *authority) issuer() *certtest.Issuer {
	if a.cert == nil {
		return nil
	}
	return &certtest.Issuer{Cert: a.cert, Key: a.key}
}

// cas returns the CA as hub configuration that reads UUIDs from common names.
func (a *authority) cas() *holder.CAs { return holder.Only(a.cert, holder.UUID) }

// inBase64 returns a certificate in the base64 of an x5c header.
func inBase64(c *x509.Certificate) string { return base64.StdEncoding.EncodeToString(c.Raw) }

// card is a smartcard in software.
type card struct {
	key  crypto.Signer
	alg  jose.SignatureAlgorithm
	cert *x509.Certificate
}

// issue returns a card with a certificate that a signs. change may alter the certificate before it is signed.
func (a *authority) issue(t testing.TB, key crypto.Signer, alg jose.SignatureAlgorithm, cn string,
	change ...func(*x509.Certificate),
) *card {
	t.Helper()
	a.issued++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(4711 + a.issued), Subject: pkix.Name{Organization: []string{"nhs"}, CommonName: cn},
		NotBefore: start.AddDate(-1, 0, 0), NotAfter: start.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	for _, c := range change {
		c(template)
	}
	return &card{key, alg, a.issuer().Sign(t, template, key)}
}

// sign returns a compact JWS with exactly the given header and claims, including ones that go-jose rejects.
func (c *card) sign(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: c.alg, Key: c.key}, options(header))
	must(t, err)
	return compact(t, signer, claims)
}

func options(header map[string]any) *jose.SignerOptions {
	o := &jose.SignerOptions{}
	for k, v := range header {
		o.WithHeader(jose.HeaderKey(k), v)
	}
	return o
}

func compact(t testing.TB, signer jose.Signer, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	must(t, err)
	jws, err := signer.Sign(payload)
	must(t, err)
	s, err := jws.CompactSerialize()
	must(t, err)
	return s
}
