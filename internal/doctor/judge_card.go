package doctor

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/certerror"
	"wardlight/internal/session"
	"wardlight/internal/text"
)

func (j *resultBuilder) service() {
	if j.Readers.Looking {
		j.set(Service, NotReached, serviceBeingAsked, "")
		return
	}
	if j.Readers.Err != nil {
		j.setError(Service, FailureCard, j.Readers.Err)
		return
	}
	j.set(Service, Pass, serviceRuns, "")
}

func (j *resultBuilder) readers() {
	seen := j.Readers
	switch {
	case !j.passed(Service):
		j.skip(Readers, readersNotReached, Service)
	case len(seen.List) == 0 && seen.Named != "":
		j.setError(Readers, FailureCard, &cardreader.Error{
			Kind: cardreader.NoReader, Detail: fmt.Sprintf("No smartcard reader is called %q.", clean(seen.Named)),
			Hint: "Plug it in, or ask support to check reader.name: 'wardlight card readers' lists those there are.",
		})
	case len(seen.List) == 0:
		j.setError(Readers, FailureCard, &cardreader.Error{Kind: cardreader.NoReader})
	default:
		names := make([]string, len(seen.List))
		for i, r := range seen.List {
			names[i] = clean(r.Name)
		}
		how := "1 reader: "
		if len(names) > 1 {
			how = fmt.Sprintf("%d readers: ", len(names))
		}
		j.set(Readers, Pass, readersFound, how+strings.Join(names, "; ")+".")
	}
}

// ofCard lists the failures that occur before a driver is used: of the card, its reader, or another program.
var ofCard = []cardreader.Kind{
	cardreader.NoReader, cardreader.NoCard, cardreader.Mute, cardreader.InUse, cardreader.Busy, cardreader.Removed,
	cardreader.WasReset,
	cardreader.Unpowered, cardreader.NotResponding, cardreader.NeedsContact, cardreader.ServiceDown,
	cardreader.ServiceRefused, cardreader.VersionMismatch,
	cardreader.BuiltWithout,
}

func (j *resultBuilder) card() {
	seen := j.Readers
	switch {
	case !j.passed(Readers):
		j.skip(Card, cardNotReached, Readers)
	case len(seen.Several) > 0:
		j.set(Card, Warning, cardsSeveral, "Several cards can sign in: "+inReaders(seen.Several)+
			". The first was looked at.")
	case seen.Used == "" && j.Card.Reading:
		j.set(Card, NotReached, cardBeingRead, "")
	case seen.readError() != nil:
		j.setError(Card, FailureCard, seen.readError())
	case is(j.Card.Err, ofCard...):
		j.setError(Card, FailureCard, j.Card.Err)
	default:
		j.set(Card, Pass, cardAnswers, fmt.Sprintf("A card answers in %s: ATR % X.", clean(seen.Used), j.atr())+
			passedOver(seen.Passed))
	}
}

// readError returns the error that prevents reading a card, by the rule of [session.Choose], or the error of the card
// in use. It returns nil if a card can be read.
func (r ReaderFacts) readError() error {
	var all []session.CardResult
	for _, l := range r.List {
		if r.Used == "" || l.Name == r.Used {
			all = append(all, session.Unread(l))
		}
	}
	_, err := session.Choose(all)
	switch {
	case is(err, cardreader.InUse):
		return cardreader.InUseError(cardreader.InUse, r.Others)
	case err == nil && r.Used == "", errors.As(err, new(*session.SeveralCardsError)): // just inserted
		return &cardreader.Error{Kind: cardreader.NoCard}
	}
	return err
}

// atr returns the answer to reset of the card in use.
func (j *resultBuilder) atr() []byte {
	if atr := j.Card.Seen.ATR; len(atr) > 0 {
		return atr
	}
	for _, r := range j.Readers.List {
		if r.Name == j.Readers.Used {
			return r.ATR
		}
	}
	return nil
}

// inReaders lists cards by their holders and readers.
func inReaders(cards []session.Card) string {
	named := make([]string, len(cards))
	for i, c := range cards {
		_, holder := c.Holder()
		named[i] = orNotKnown(clean(holder)) + " in " + clean(c.Reader)
	}
	return strings.Join(named, "; ")
}

// passedOver lists the readers whose card was not chosen, with the code of the reason; "" if there are none.
func passedOver(passed []session.CardResult) string {
	if len(passed) == 0 {
		return ""
	}
	named := make([]string, len(passed))
	for i, s := range passed {
		_, _, code := explain(s.Err)
		named[i] = fmt.Sprintf("%s (%s)", clean(s.Card.Reader), code)
	}
	return " Passed over: " + strings.Join(named, "; ") + "."
}

// Withdrawn reports whether the ATR is one that public lists state for NHS cards of series 4 to 6 (JCOP41), which were
// withdrawn in 2026. It is used only for advice: what a card can do is never decided by its ATR.
func Withdrawn(atr []byte) bool {
	switch fmt.Sprintf("%X", atr) {
	case "3B6A00FF4A434F50343156323231", "3BF91800008131FE454A434F503431563232AF":
		return true
	}
	return false
}

func (j *resultBuilder) driver() {
	c := j.Card
	switch {
	case !j.passed(Card):
		j.skip(Driver, driverNotReached, Card)
	case c.Reading:
		j.set(Driver, NotReached, cardBeingRead, "")
	case c.Seen.Driver != "" && c.Seen.KeyKind != "":
		j.set(Driver, Pass, driverFits, fmt.Sprintf("%s, key %s.", clean(c.Seen.Driver), clean(c.Seen.KeyKind)))
	case c.Seen.Driver != "":
		j.set(Driver, Pass, driverFits, clean(c.Seen.Driver)+".")
	case c.Err == nil, is(c.Err, ofCertificate...):
		j.set(Driver, Pass, driverFits, "")
	default:
		j.setError(Driver, FailureCard, c.Err)
		if Withdrawn(c.Seen.ATR) {
			j.lines[Driver].Advice = "Its ATR is that of series 4 to 6, which were withdrawn in 2026: ask your " +
				"Registration Authority for a new card."
		}
	}
}

// ofCertificate lists the failures of a card that a driver could read.
var ofCertificate = []cardreader.Kind{
	cardreader.NoCertificate, cardreader.CertificateEnded, cardreader.CertificateNotYet, cardreader.KeyUnsupported,
	cardreader.KeyMismatch,
	cardreader.Locked,
}

// expiryWarning is how long before its expiry a card's certificate causes a warning: care identity warns from 90 days.
const expiryWarning = 90 * 24 * time.Hour

func (j *resultBuilder) certificate() {
	c := j.Card
	if !j.passed(Driver) {
		j.skip(Certificate, certificateNotReached, Driver)
		return
	}

	if c.Err != nil && !is(c.Err, cardreader.Locked) {
		j.setError(Certificate, FailureCard, c.Err)
		return
	}

	chain, wrong := j.chain()
	what, who := c.Seen.Holder()
	facts := fmt.Sprintf("%s %s, ends %s, issued by %s", what, orNotKnown(clean(who)), j.day(c.Seen.NotAfter),
		orNotKnown(clean(c.Seen.Issuer)))
	switch {
	case j.IssuersErr != nil:
		j.fail(Certificate, FailureSettings, certificateNoCA,
			sentence(text.WithoutCredentials(clean(j.IssuersErr.Error()))))
	case wrong != nil:
		j.fail(Certificate, FailureCard, wordOf(wrong), facts+": "+j.faultWords(wrong)+".")
	case c.Seen.NotAfter.Sub(j.At) < expiryWarning:
		j.set(Certificate, Warning, certificateEndsSoon, fmt.Sprintf("%s; %s. It ends soon.", facts, chain))
	default:
		j.set(Certificate, Pass, certificateGood, facts+"; "+chain+".")
	}
}

// acceptedBy describes which checks the hub has made of a card that it accepts.
var acceptedBy = map[client.RevocationList]string{
	client.ListInForce: "chain and revocation checked",
	client.NoList:      "chain checked; revocation not by a list, as it has none of this CA",
	client.ListUnknown: "chain checked; whether revocation was, it does not say",
}

// chain describes which checks of the certificate's issuer and revocation were made, and which weren't. The error is
// the reason why card.ca_file doesn't accept the certificate.
func (j *resultBuilder) chain() (said string, wrong error) {
	if j.SignIn.Done && j.SignIn.Err == nil {
		return "the hub accepts it: " + acceptedBy[j.SignIn.In.Lists], nil
	}
	cert := j.Card.Seen.Certificate
	if j.Issuers == nil || cert == nil {
		return "chain and revocation not checked before the sign-in", nil
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range j.Issuers {
		roots.AddCert(c)
	}
	sent := client.ChainOf(cert, j.Card.Seen.CAs)[1:]
	for _, c := range sent {
		between.AddCert(c)
	}
	_, err := cert.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: j.At, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return "chain checked, revocation not before the sign-in", certerror.Explain(err, cert, j.Issuers, sent, j.At)
}

// wordOf returns the table entry for a certificate that card.ca_file does not accept.
func wordOf(wrong error) entry {
	var e *certerror.Error
	switch {
	case !errors.As(wrong, &e):
		return certificateRefused
	case e.Reason == certerror.UnknownCA:
		return certificateOfOthers
	case e.Reason == certerror.Altered, e.Reason == certerror.CAAltered:
		return certificateAltered
	case e.Reason == certerror.CAExpired, e.Reason == certerror.CANotYet:
		return certificateCADates
	}
	return certificateRefused
}

// errorText describes why card.ca_file does not accept a certificate.
func (j *resultBuilder) faultWords(wrong error) string {
	var e *certerror.Error
	switch {
	case !errors.As(wrong, &e):
		return "it cannot be checked by card.ca_file"
	case e.Reason == certerror.UnknownCA:
		return "that CA is not in card.ca_file"
	}
	return e.Words(j.At.Location())
}

func (j *resultBuilder) tries() {
	c := j.Card
	n, low := c.Seen.Tries, c.Seen.TriesLow
	var wrong *cardreader.Error
	if errors.As(j.SignIn.Err, &wrong) && wrong.Kind == cardreader.WrongPasscode { // newer than the card facts
		n, low = wrong.Tries, wrong.Tries < 0
	}

	switch {
	case is(c.Err, cardreader.Locked):
		j.setError(Tries, FailureCard, c.Err)
	case is(j.SignIn.Err, cardreader.Locked):
		j.setError(Tries, FailureCard, j.SignIn.Err)
	case !j.passed(Driver):
		j.skip(Tries, triesNotReached, Driver)

	// The tries of such a card aren't read.
	case c.Seen.Driver == "", n < 0 && is(c.Err, cardreader.NoCertificate, cardreader.KeyUnsupported):
		j.skip(Tries, triesNotReached, Certificate)
	case j.SignIn.Lasts: // a successful sign-in has reset the tries
		j.set(Tries, Pass, triesLeft, "The passcode was right, so all tries are left.")
	case n == 0:
		j.setError(Tries, FailureCard, &cardreader.Error{Kind: cardreader.Locked})
	case n < 0 && low:
		j.set(Tries, Warning, triesFewer, "")
	case n < 0:
		j.set(Tries, Warning, triesNotSaid, "")
	case n == 1:
		j.set(Tries, Warning, triesOne, "")
	default:
		j.set(Tries, Pass, triesLeft, fmt.Sprintf("%d tries left.", n))
	}
}

func orNotKnown(s string) string {
	if s == "" {
		return "not known"
	}
	return s
}
