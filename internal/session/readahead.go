package session

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/certerror"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// maxWords is the length, in runes, that is kept of a line from the card.
const maxWords = 128

// maxName is the same of an issuer's whole name.
const maxName = 256

// ReadAhead reads the cards in the readers, chooses the one to sign in with (see [Choose]), and has a nonce fetched from
// the hub at the same time: all that needs no passcode. A hub that cannot be reached is not an error yet; the sign-in says
// so. It replaces an earlier card and ends its session.
//
// Errors are *cardreader.Error, among them NoCertificate, CertificateEnded, CertificateNotYet, KeyUnsupported and
// Locked, for which the Card is given, too, as far as it could be read; *SeveralCardsError; or ErrNoSession when End, or
// another ReadAhead, came between.
func (d *Desk) ReadAhead(ctx context.Context, readers []cardreader.Reader) (Card, error) {
	s := d.sitDown(ctx)
	bounded, stop := s.within(ctx)
	defer stop()
	ahead := d.askNonce(s.ctx)

	looking := Looking{Open: d.cfg.Open, Clock: d.cfg.Clock, Others: d.cfg.Others}
	seen, unusable := Choose(looking.All(bounded, readers))
	var key *client.ProofKey
	if unusable == nil {
		var err error
		if key, err = client.NewProofKey(); err != nil {
			unusable = &cardreader.Error{Kind: cardreader.Internal, Err: err}
		}
	}
	if unusable != nil {
		s.cancel() // no use for the nonce
	}
	if !d.holds(s, func() { s.card, s.unusable, s.key, s.nonce = seen.Opened, unusable, key, ahead }) {
		return Card{}, ErrNoSession
	}
	return seen.Card, unusable
}

// Look returns what may be shown of a card before the passcode, and why it cannot sign in at that time, in whose zone dates
// are: nil, or a *cardreader.Error of kind NoCertificate, CertificateEnded, CertificateNotYet, KeyUnsupported or Locked.
func Look(i cardreader.Info, now time.Time) (Card, error) {
	c := Card{Reader: words(i.Reader), Driver: words(i.Driver), ATR: i.ATR, Tries: i.Tries, Serial: words(i.Serial)}
	c.Form, c.TriesLow, c.OnReader = i.Form, i.TriesLow, i.OnReader
	cert := i.Certificate
	if cert == nil {
		return c, &cardreader.Error{Kind: cardreader.NoCertificate}
	}
	c.Name, c.Issuer = words(cert.Subject.CommonName), words(cert.Issuer.CommonName)
	if nhs.IsUserID(c.Name) {
		c.UUID = c.Name
	}
	c.Ends, c.KeyKind, c.Fingerprint = cert.NotAfter, keyKind(cert), sha256.Sum256(cert.Raw)
	c.IssuerName, c.CertificateSerial = text.Clean(cert.Issuer.String(), maxName), cert.SerialNumber.Text(16)
	c.Certificate, c.CAs = cert, i.CAs
	day := func(t time.Time) string { return certerror.Day(t, now.Location()) }
	switch {
	case now.After(cert.NotAfter):
		return c, &cardreader.Error{
			Kind:   cardreader.CertificateEnded,
			Detail: fmt.Sprintf("Your certificate ended on %s.", day(cert.NotAfter)),
		}
	case now.Before(cert.NotBefore):
		return c, &cardreader.Error{
			Kind:   cardreader.CertificateNotYet,
			Detail: fmt.Sprintf("Your certificate is valid only from %s.", day(cert.NotBefore)),
		}
	case client.CanAssert(cert) != nil:
		return c, &cardreader.Error{Kind: cardreader.KeyUnsupported}
	case i.Tries == 0:
		return c, &cardreader.Error{Kind: cardreader.Locked}
	}
	return c, nil
}

// keyKind returns the certificate's key in words: "RSA 2048", "P-256".
func keyKind(cert *x509.Certificate) string {
	switch k := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return k.Curve.Params().Name
	}
	return cert.PublicKeyAlgorithm.String()
}

// words cleans a line of text from the card.
func words(s string) string { return text.Clean(s, maxWords) }
