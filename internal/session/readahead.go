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

// maxWords is the maximum length, in runes, of a text from the card. Longer ones are truncated.
const maxWords = 128

// maxName is the maximum length, in runes, of an issuer's full name.
const maxName = 256

// ReadAhead does everything that needs no passcode: it reads the cards in the readers, chooses the one to sign in with
// (see [Choose]), and requests a nonce from the hub at the same time. A hub that can't be reached is reported only by
// SignIn. ReadAhead ends the session of an earlier card.
//
// Errors are *cardreader.Error, *[SeveralCardsError], or [ErrNoSession] if End or another ReadAhead was called
// meanwhile. For the kinds NoCertificate, CertificateExpired, CertificateNotYet, KeyUnsupported and Locked, the Card is
// returned too, with what could be read.
func (d *Manager) ReadAhead(ctx context.Context, readers []cardreader.Reader) (Card, error) {
	s := d.startCardSession(ctx)
	if s == nil {
		return Card{}, cardBusy(ctx.Err())
	}

	bounded, stop := s.within(ctx)
	defer stop()
	ahead := d.askNonce(s.ctx)

	looking := CardSearch{Open: d.cfg.Open, Clock: d.cfg.Clock, Others: d.cfg.Others}
	seen, unusable := Choose(looking.ReadAll(bounded, readers))
	var key *client.ProofKey
	if unusable == nil {
		var err error
		if key, err = client.NewProofKey(); err != nil {
			unusable = &cardreader.Error{Kind: cardreader.Internal, Err: err}
		}
	}

	if unusable != nil {
		s.cancel() // the nonce is not needed
	}

	if !d.ifCurrent(s, func() { s.card, s.unusable, s.key, s.nonce = seen.Opened, unusable, key, ahead }) {
		return Card{}, ErrNoSession
	}

	return seen.Card, unusable
}

// Look returns what may be shown of a card before the passcode is typed. The error reports why the card can't sign in
// at time now: nil, or a *cardreader.Error of kind NoCertificate, CertificateExpired, CertificateNotYet, KeyUnsupported
// or Locked. Dates in it are in now's location.
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

	c.NotAfter, c.KeyKind, c.Fingerprint = cert.NotAfter, keyKind(cert), sha256.Sum256(cert.Raw)
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

// keyKind returns the type of the certificate's key, such as "RSA 2048" or "P-256".
func keyKind(cert *x509.Certificate) string {
	switch k := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return k.Curve.Params().Name
	}
	return cert.PublicKeyAlgorithm.String()
}

// words cleans a text from the card, and truncates it to maxWords.
func words(s string) string { return text.Clean(s, maxWords) }
