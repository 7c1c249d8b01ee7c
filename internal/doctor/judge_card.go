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

func (j *judgement) service() {
	if j.Readers.Looking {
		j.say(Service, NotReached, serviceBeingAsked, "")
		return
	}
	if j.Readers.Err != nil {
		j.blame(Service, OfCard, j.Readers.Err)
		return
	}
	j.say(Service, Pass, serviceRuns, "")
}

func (j *judgement) readers() {
	seen := j.Readers
	switch {
	case !j.good(Service):
		j.skip(Readers, readersNotReached, Service)
	case len(seen.List) == 0 && seen.Named != "":
		j.blame(Readers, OfCard, &cardreader.Error{
			Kind: cardreader.NoReader, Detail: fmt.Sprintf("No smartcard reader is called %q.", clean(seen.Named)),
			Hint: "Plug it in, or ask support to check reader.name: 'wardlight card readers' lists those there are.",
		})
	case len(seen.List) == 0:
		j.blame(Readers, OfCard, &cardreader.Error{Kind: cardreader.NoReader})
	default:
		names := make([]string, len(seen.List))
		for i, r := range seen.List {
			names[i] = clean(r.Name)
		}
		how := "1 reader: "
		if len(names) > 1 {
			how = fmt.Sprintf("%d readers: ", len(names))
		}
		j.say(Readers, Pass, readersFound, how+strings.Join(names, "; ")+".")
	}
}

// ofCard lists the failures that occur before a driver is used: of the card, its reader, or another program.
var ofCard = []cardreader.Kind{
	cardreader.NoReader, cardreader.NoCard, cardreader.Mute, cardreader.InUse, cardreader.Busy, cardreader.Removed, cardreader.WasReset,
	cardreader.Unpowered, cardreader.NotResponding, cardreader.NeedsContact, cardreader.ServiceDown, cardreader.ServiceRefused, cardreader.VersionMismatch,
	cardreader.BuiltWithout,
}

func (j *judgement) card() {
	seen := j.Readers
	switch {
	case !j.good(Readers):
		j.skip(Card, cardNotReached, Readers)
	case len(seen.Several) > 0:
		j.say(Card, Warning, cardsSeveral, "Several cards can sign in: "+inReaders(seen.Several)+". The first was looked at.")
	case seen.Used == "" && j.Card.Reading:
		j.say(Card, NotReached, cardBeingRead, "")
	case seen.unread() != nil:
		j.blame(Card, OfCard, seen.unread())
	case is(j.Card.Err, ofCard...):
		j.blame(Card, OfCard, j.Card.Err)
	default:
		j.say(Card, Pass, cardAnswers, fmt.Sprintf("A card answers in %s: ATR % X.", clean(seen.Used), j.atr())+passedOver(seen.Passed))
	}
}

// unread returns the error that prevents reading a card, by the rule of [session.Choose], or the error of the card in
// use. It returns nil if a card can be read.
func (r ReaderFacts) unread() error {
	var all []session.Seen
	for _, l := range r.List {
		if r.Used == "" || l.Name == r.Used {
			all = append(all, session.Unread(l))
		}
	}
	_, err := session.Choose(all)
	switch {
	case is(err, cardreader.InUse):
		return cardreader.HeldBy(cardreader.InUse, r.Others)
	case err == nil && r.Used == "", errors.As(err, new(*session.SeveralCardsError)): // just inserted
		return &cardreader.Error{Kind: cardreader.NoCard}
	}
	return err
}

// atr returns the answer to reset of the card in use.
func (j *judgement) atr() []byte {
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
func passedOver(passed []session.Seen) string {
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

func (j *judgement) driver() {
	c := j.Card
	switch {
	case !j.good(Card):
		j.skip(Driver, driverNotReached, Card)
	case c.Reading:
		j.say(Driver, NotReached, cardBeingRead, "")
	case c.Seen.Driver != "" && c.Seen.KeyKind != "":
		j.say(Driver, Pass, driverFits, fmt.Sprintf("%s, key %s.", clean(c.Seen.Driver), clean(c.Seen.KeyKind)))
	case c.Seen.Driver != "":
		j.say(Driver, Pass, driverFits, clean(c.Seen.Driver)+".")
	case c.Err == nil, is(c.Err, ofCertificate...):
		j.say(Driver, Pass, driverFits, "")
	default:
		j.blame(Driver, OfCard, c.Err)
		if Withdrawn(c.Seen.ATR) {
			j.lines[Driver].Advice = "Its ATR is that of series 4 to 6, which were withdrawn in 2026: ask your Registration Authority for a new card."
		}
	}
}

// ofCertificate lists the failures of a card that a driver could read.
var ofCertificate = []cardreader.Kind{
	cardreader.NoCertificate, cardreader.CertificateEnded, cardreader.CertificateNotYet, cardreader.KeyUnsupported, cardreader.KeyMismatch,
	cardreader.Locked,
}

// endsSoon is how long before its expiry a card's certificate causes a warning: care identity warns from 90 days.
const endsSoon = 90 * 24 * time.Hour

func (j *judgement) certificate() {
	c := j.Card
	if !j.good(Driver) {
		j.skip(Certificate, certificateNotReached, Driver)
		return
	}
	if c.Err != nil && !is(c.Err, cardreader.Locked) {
		j.blame(Certificate, OfCard, c.Err)
		return
	}
	chain, wrong := j.chain()
	what, who := c.Seen.Holder()
	facts := fmt.Sprintf("%s %s, ends %s, issued by %s", what, orNotKnown(clean(who)), j.day(c.Seen.Ends), orNotKnown(clean(c.Seen.Issuer)))
	switch {
	case j.IssuersErr != nil:
		j.fail(Certificate, OfSettings, certificateNoCA, sentence(text.WithoutCredentials(clean(j.IssuersErr.Error()))))
	case wrong != nil:
		j.fail(Certificate, OfCard, wordOf(wrong), facts+": "+j.faultWords(wrong)+".")
	case c.Seen.Ends.Sub(j.At) < endsSoon:
		j.say(Certificate, Warning, certificateEndsSoon, fmt.Sprintf("%s; %s. It ends soon.", facts, chain))
	default:
		j.say(Certificate, Pass, certificateGood, facts+"; "+chain+".")
	}
}

// acceptedBy describes which checks the hub has made of a card that it accepts.
var acceptedBy = map[client.RevocationList]string{
	client.ListInForce: "chain and revocation checked",
	client.NoList:      "chain checked; revocation not by a list, as it has none of this CA",
	client.ListNotSaid: "chain checked; whether revocation was, it does not say",
}

// chain describes which checks of the certificate's issuer and revocation were made, and which weren't. The error is
// the reason why card.ca_file doesn't accept the certificate.
func (j *judgement) chain() (said string, wrong error) {
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
func wordOf(wrong error) word {
	var e *certerror.Error
	switch {
	case !errors.As(wrong, &e):
		return certificateRefused
	case e.Reason == certerror.UnknownCA:
		return certificateOfOthers
	case e.Reason == certerror.Altered, e.Reason == certerror.CAAltered:
		return certificateAltered
	case e.Reason == certerror.CAEnded, e.Reason == certerror.CANotYet:
		return certificateCADates
	}
	return certificateRefused
}

// faultWords describes why card.ca_file does not accept a certificate.
func (j *judgement) faultWords(wrong error) string {
	var e *certerror.Error
	switch {
	case !errors.As(wrong, &e):
		return "it cannot be checked by card.ca_file"
	case e.Reason == certerror.UnknownCA:
		return "that CA is not in card.ca_file"
	}
	return e.Words(j.At.Location())
}

func (j *judgement) tries() {
	c := j.Card
	n, low := c.Seen.Tries, c.Seen.TriesLow
	var wrong *cardreader.Error
	if errors.As(j.SignIn.Err, &wrong) && wrong.Kind == cardreader.WrongPasscode { // newer than the card facts
		n, low = wrong.Tries, wrong.Tries < 0
	}
	switch {
	case is(c.Err, cardreader.Locked):
		j.blame(Tries, OfCard, c.Err)
	case is(j.SignIn.Err, cardreader.Locked):
		j.blame(Tries, OfCard, j.SignIn.Err)
	case !j.good(Driver):
		j.skip(Tries, triesNotReached, Driver)
	// The tries of such a card aren't read.
	case c.Seen.Driver == "", n < 0 && is(c.Err, cardreader.NoCertificate, cardreader.KeyUnsupported):
		j.skip(Tries, triesNotReached, Certificate)
	case j.SignIn.Lasts: // a successful sign-in has reset the tries
		j.say(Tries, Pass, triesLeft, "The passcode was right, so all tries are left.")
	case n == 0:
		j.blame(Tries, OfCard, &cardreader.Error{Kind: cardreader.Locked})
	case n < 0 && low:
		j.say(Tries, Warning, triesFewer, "")
	case n < 0:
		j.say(Tries, Warning, triesNotSaid, "")
	case n == 1:
		j.say(Tries, Warning, triesOne, "")
	default:
		j.say(Tries, Pass, triesLeft, fmt.Sprintf("%d tries left.", n))
	}
}

func orNotKnown(s string) string {
	if s == "" {
		return "not known"
	}
	return s
}
