package session

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"wardlight/cardreader"
)

// Seen is a reader and what the card in it said without a passcode.
type Seen struct {
	Reader cardreader.Reader
	Card   Card  // of a card that could not be read: its reader and ATR
	Err    error // why it cannot sign in, a *cardreader.Error; nil when it can

	// Opened is the card as its driver read it; nil when it could not be read.
	Opened cardreader.Card
}

// SeveralCardsError is returned where more than one card can sign in: somebody has to say which is meant.
type SeveralCardsError struct{ Cards []Card }

// Error names the cards, and the reader of each.
func (e *SeveralCardsError) Error() string {
	named := make([]string, len(e.Cards))
	for i, c := range e.Cards {
		_, holder := c.Holder()
		named[i] = holder + " in " + c.Reader
	}
	return "several cards can sign in: " + strings.Join(named, "; ")
}

// Choose returns the card to sign in with, by what the card in each reader said. It is the one rule of screens, commands
// and doctor:
//
//   - Of the cards that can sign in there is one: that one, whatever the others are.
//   - There are several: a *SeveralCardsError. A certificate that two readers show is that of one card, which a vendor's
//     module sees in both.
//   - There is none: the card that is most likely to be meant, with the reason why it cannot sign in. A card with a
//     sign-in certificate comes first, then one that could not be read, then one that does not answer, then one without
//     certificate or driver. Of equals the first counts.
//
// Where no reader has a card the error is a *cardreader.Error of kind NoCard, and of kind NoReader where there is no reader.
func Choose(all []Seen) (Seen, error) {
	var able []Seen
	var best Seen
	likeliest, empty := 0, false
	for _, s := range all {
		if s.Err == nil {
			able = addCard(able, s)
			continue
		}
		empty = empty || !s.Reader.Present
		if n := likelihood(s.Err); n > likeliest {
			best, likeliest = s, n
		}
	}
	switch {
	case len(able) == 1:
		return able[0], nil
	case len(able) > 1:
		several := &SeveralCardsError{}
		for _, s := range able {
			several.Cards = append(several.Cards, s.Card)
		}
		return Seen{}, several
	case len(all) == 0:
		return Seen{}, &cardreader.Error{Kind: cardreader.NoReader}
	case empty && (likeliest == likelyOther || likeliest == likelyMute):
		best.Err = orInsertYours(best)
	}
	return best, best.Err
}

// addCard adds a card that can sign in. Of one that two readers show, the one that the reader itself showed is kept: a
// module that does not name readers cannot tell where its card is.
func addCard(able []Seen, s Seen) []Seen {
	for i, other := range able {
		if s.Card.CertificateSerial == "" || other.Card.Fingerprint != s.Card.Fingerprint {
			continue
		}
		if s.Card.Driver == piv && other.Card.Driver != piv {
			able[i] = s
		}
		return able
	}
	return append(able, s)
}

// piv is the driver that reads a card by its reader alone.
const piv = "PIV"

// How likely a card that cannot sign in is the one that is meant.
const (
	likelyNone  = iota + 1 // there is no card
	likelyOther            // another kind of card
	likelyMute
	likelyUnread
	likelyStaff // a card with a sign-in certificate
)

func likelihood(err error) int {
	switch cardreader.KindOf(err) {
	case cardreader.NoReader, cardreader.NoCard:
		return likelyNone
	case cardreader.NoCertificate, cardreader.NotPIV, cardreader.UnknownCard:
		return likelyOther
	case cardreader.Mute, cardreader.Unpowered:
		return likelyMute
	case cardreader.CertificateEnded, cardreader.CertificateNotYet, cardreader.KeyUnsupported, cardreader.KeyMismatch, cardreader.Locked:
		return likelyStaff
	}
	return likelyUnread
}

// orInsertYours returns the reason why a card cannot sign in, with advice for those who have not inserted theirs: a computer
// may have a card of its own, which is always in.
func orInsertYours(s Seen) error {
	var e *cardreader.Error
	if !errors.As(s.Err, &e) {
		return s.Err
	}
	advised := *e
	advised.Hint = "If the card in " + s.Card.Reader + " is not yours, insert yours. " + e.Advice()
	return &advised
}

// Looking is what looking at cards needs. Open and Clock are required.
type Looking struct {
	Open  cardreader.Opener
	Clock func() time.Time
	// Others returns the programs that may hold a card, for the words of an error; nil names none.
	Others func() []string
	// OthersTimeout is how long a card may still take to be read once another one can sign in; 0 is three seconds.
	OthersTimeout time.Duration
}

const defaultOthersTimeout = 3 * time.Second

// All reads the cards in the readers, all at the same time, and returns what each said, in the order of the readers. A card
// that does not answer holds the others up for OthersTimeout at most; without another one that can sign in it is waited for.
// When ctx ends, the cards that were not read have an error of kind Busy.
func (l Looking) All(ctx context.Context, readers []cardreader.Reader) []Seen {
	// A card that is not waited for any more is let go of.
	opening, stop := context.WithCancel(ctx)
	defer stop()

	all := make([]Seen, len(readers))
	type answer struct {
		i    int
		seen Seen
	}
	answers := make(chan answer, len(readers))
	unread := map[int]bool{}
	for i, r := range readers {
		all[i] = l.unread(r)
		if all[i].Err == nil {
			unread[i] = true
			go func(s Seen) { answers <- answer{i, l.read(opening, s)} }(all[i])
		}
	}

	var late <-chan time.Time
	for len(unread) > 0 {
		select {
		case a := <-answers:
			delete(unread, a.i)
			all[a.i] = a.seen
			if ended := ctx.Err(); ended != nil && errors.Is(a.seen.Err, ended) {
				all[a.i].Err = cardBusy(ended) // the driver saw the end first
			}
			if a.seen.Err == nil && late == nil {
				timer := time.NewTimer(cmp.Or(l.OthersTimeout, defaultOthersTimeout))
				defer timer.Stop()
				late = timer.C
			}
		case <-late:
			return gaveUp(all, unread, &cardreader.Error{Kind: cardreader.NotResponding})
		case <-ctx.Done():
			return gaveUp(all, unread, cardBusy(ctx.Err()))
		}
	}
	return all
}

func gaveUp(all []Seen, unread map[int]bool, why error) []Seen {
	for i := range unread {
		all[i].Err = why
	}
	return all
}

// Unread returns what is known of a reader's card that was not read: its error is nil where it could be.
func Unread(r cardreader.Reader) Seen { return Looking{}.unread(r) }

func (l Looking) unread(r cardreader.Reader) Seen {
	s := Seen{Reader: r, Card: Card{Reader: words(r.Name), Slot: r.Name, ATR: r.ATR, Tries: -1}}
	switch {
	case !r.Present:
		s.Err = &cardreader.Error{Kind: cardreader.NoCard}
	case r.Mute:
		s.Err = &cardreader.Error{Kind: cardreader.Mute}
	case r.Taken && l.Others != nil:
		s.Err = cardreader.HeldBy(cardreader.InUse, l.Others())
	case r.Taken:
		s.Err = &cardreader.Error{Kind: cardreader.InUse}
	}
	return s
}

// read reads the card.
func (l Looking) read(ctx context.Context, s Seen) Seen {
	s.Opened, s.Err = l.Open(ctx, s.Reader.Name)
	if s.Err != nil {
		s.Opened, s.Card.Driver = nil, words(cardreader.DriverOf(s.Err))
		return s
	}
	s.Card, s.Err = Look(s.Opened.Info(), l.Clock())
	s.Card.Slot = s.Reader.Name
	return s
}

// Readers returns the readers that sys has now, at least one. name is that of [OnlyNamed], for the words of the error:
// NoReader, or one of the smartcard service.
func Readers(ctx context.Context, sys cardreader.System, name string) ([]cardreader.Reader, error) {
	readers, err := sys.Wait(ctx, nil, ReadersTimeout)
	if err == nil && len(readers) == 0 {
		err = NoReader(name)
	}
	return readers, err
}
