package identity

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub/holder"
	"wardlight/hub/store"
	"wardlight/internal/certerror"
	"wardlight/internal/text"
)

// Limits of what a card may present.
const (
	maxChain   = 5
	minRSABits = 2048
	maxRSABits = 4096
)

// parseChain parses an x5c header (RFC 7515 §4.1.6: base64, not base64url; the card's certificate first).
func parseChain(x5c []string) ([]*x509.Certificate, error) {
	if len(x5c) == 0 || len(x5c) > maxChain {
		return nil, errors.New("x5c has no certificate, or too many")
	}
	chain := make([]*x509.Certificate, len(x5c))
	for i, text := range x5c {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, errors.New("x5c is not base64")
		}
		if chain[i], err = x509.ParseCertificate(der); err != nil {
			return nil, errors.New("x5c does not contain a certificate")
		}
		// Verifying the chain uses the keys in it before they are trusted, and large keys take long.
		if key, ok := chain[i].PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSABits {
			return nil, fmt.Errorf("x5c contains an RSA key of more than %d bits", maxRSABits)
		}
	}
	return chain, nil
}

// algorithmFits reports whether the certificate's key may sign with alg: RSA of 2048 bits with RS256, P-256 with
// ES256, P-384 with ES384.
func algorithmFits(c *x509.Certificate, alg string) bool {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return alg == string(jose.RS256) && key.N.BitLen() >= minRSABits
	case *ecdsa.PublicKey:
		return alg == string(jose.ES256) && key.Curve == elliptic.P256() || alg == string(jose.ES384) &&
			key.Curve == elliptic.P384()
	default:
		return false
	}
}

// VerifiedPaths verifies the chain at the hub's time and returns the paths from the card to a CA in cas. Its refusal
// distinguishes an expired certificate, whose holder needs a renewal, from an untrusted one, whose holder needs
// another card. Certificates in chain aren't trusted because they are sent with the card.
func VerifiedPaths(chain []*x509.Certificate, cas *holder.CAs, now time.Time) ([][]*x509.Certificate, *Refusal) {
	card := chain[0]
	between := cas.Between()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}

	at := now // a time at which the card's own validity doesn't matter
	if at.After(card.NotAfter) {
		at = card.NotAfter
	}

	if at.Before(card.NotBefore) {
		return nil, untrusted(&certerror.Error{Reason: certerror.NotYet, Date: card.NotBefore}, chain)
	}

	ways, err := card.Verify(x509.VerifyOptions{
		Roots: cas.Pool(), Intermediates: between, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nil, untrusted(certerror.Explain(err, card, cas.Certificates(), chain[1:], at), chain)
	}
	if card.IsCA || card.KeyUsage != 0 && card.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		return nil, untrusted(&certerror.Error{Reason: certerror.OtherUse}, chain)
	}
	if now.After(card.NotAfter) {
		return nil, refuse(CertificateEnded, "%v", &certerror.Error{Reason: certerror.Expired, Date: card.NotAfter})
	}

	return ways, nil
}

// untrusted returns the refusal of a card without a path to a trusted CA. The issuer in it is unverified and only for
// the log, where an operator finds which CA is missing.
func untrusted(why error, chain []*x509.Certificate) *Refusal {
	r := refuse(CertificateUntrusted, "%v", why)
	r.Certificate = Described(CertificateOf(chain[0]))
	var e *certerror.Error
	if errors.As(why, &e) {
		r.Fault = e.Reason
		if e.At != nil && !e.At.Equal(chain[0]) && !bytes.Equal(e.At.RawIssuer, e.At.RawSubject) {
			r.Certificate += "; a CA that came with it is of " + text.Clean(e.At.Issuer.String(), maxIssuer)
		}
	}
	return r
}

// CertificateOf returns the identifiers of a certificate for revocation lists.
func CertificateOf(c *x509.Certificate) store.Certificate {
	sum := sha256.Sum256(c.Raw)
	return store.Certificate{
		Fingerprint: hex.EncodeToString(sum[:]), Issuer: c.Issuer.String(),
		Serial: c.SerialNumber.Text(16),
	}
}

// maxIssuer is the maximum number of letters of an issuer's name that are shown, because an intermediate CA may
// choose it.
const maxIssuer = 256

// Described returns a description of a certificate for operators who enrol or look for it.
func Described(c store.Certificate) string {
	return fmt.Sprintf("certificate SHA-256 %s, serial %s, issuer %s", c.Fingerprint, c.Serial,
		text.Clean(c.Issuer, maxIssuer))
}

var described = regexp.MustCompile(`^certificate SHA-256 ([0-9a-f]{64}), serial ([0-9a-f]+), issuer (.*)$`)

// ParseDescribed returns the certificate in a text of [Described], or false if the text has another format.
func ParseDescribed(words string) (store.Certificate, bool) {
	parts := described.FindStringSubmatch(words)
	if parts == nil {
		return store.Certificate{}, false
	}
	return store.Certificate{Fingerprint: parts[1], Serial: parts[2], Issuer: parts[3]}, true
}
