package session

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"wardlight/cardreader"
)

// CardResult is a reader and what was read from its card without a passcode.
type CardResult struct {
	Reader cardreader.Reader
	Card   Card  // only reader and ATR if the card could not be read
	Err    error // why the card can't sign in, a *cardreader.Error; nil if it can

	// Opened is the open card, or nil if it could not be read.
	Opened cardreader.Card
}

// SeveralCardsError reports that more than one card can sign in, so that the user has to choose one.
type SeveralCardsError struct{ Cards []Card }

// Error returns the holders of the cards and their readers.
func (e *SeveralCardsError) Error() string {
	named := make([]string, len(e.Cards))
	for i, c := range e.Cards {
		_, holder := c.Holder()
		named[i] = holder + " in " + c.Reader
	}
	return "several cards can sign in: " + strings.Join(named, "; ")
}

// Choose returns the card to sign in with. Screens, commands and doctor all use this rule:
//
//   - If exactly one card can sign in, it is chosen, whatever the others are.
//   - If several can, the error is a *[SeveralCardsError]. If two readers have the same certificate, it is one card
//     that a vendor's module shows in both, and it counts once.
//   - If none can, Choose returns the most likely card and the reason why it can't sign in. A card with a sign-in
//     certificate is the most likely, then one that could not be read, then one that does not answer, then one without
//     certificate or driver. Of equals the first is returned.
//
// If no reader has a card, the error is a *cardreader.Error of kind NoCard. If there is no reader, its kind is
// NoReader.
func Choose(all []CardResult) (CardResult, error) {
	var able []CardResult
	var best CardResult
	likeliest, empty := 0, false
	for _, s := range all {
		if s.Err == nil {
			able = appendCard(able, s)
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
		return CardResult{}, several
	case len(all) == 0:
		return CardResult{}, &cardreader.Error{Kind: cardreader.NoReader}
	case empty && (likeliest == likelyOther || likeliest == likelyMute):
		best.Err = adviseOwnCard(best)
	}

	return best, best.Err
}

// appendCard adds a card that can sign in. If two readers show the same card, the one read by the PIV driver is used: a
// module that does not name readers does not know where its card is.
func appendCard(able []CardResult, s CardResult) []CardResult {
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

// piv is the name of the driver that addresses a card by its reader.
const piv = "PIV"

// Ranks of cards that can't sign in, by the likelihood that the user means them.
const (
	likelyNone  = iota + 1 // no card
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
	case cardreader.CertificateEnded, cardreader.CertificateNotYet, cardreader.KeyUnsupported, cardreader.KeyMismatch,
		cardreader.Locked:
		return likelyStaff
	}
	return likelyUnread
}

// adviseOwnCard returns s.Err with the additional advice to insert one's own card, because a computer may have a card
// of its own that is always inserted.
func adviseOwnCard(s CardResult) error {
	var e *cardreader.Error
	if !errors.As(s.Err, &e) {
		return s.Err
	}
	advised := *e
	advised.Hint = "If the card in " + s.Card.Reader + " is not yours, insert yours. " + e.Advice()
	return &advised
}

// CardSearch configures the reading of cards. Open and Clock are required.
type CardSearch struct {
	Open  cardreader.Opener
	Clock func() time.Time
	// Others returns the programs that may be using a card, for error messages; nil means that none are named.
	Others func() []string
	// OthersTimeout is the maximum time to wait for further cards once one that can sign in has been read; 0 means
	// three seconds.
	OthersTimeout time.Duration
}

const defaultOthersTimeout = 3 * time.Second

// ReadAll reads the cards in the readers concurrently and returns the results in the order of the readers. Once a card
// that can sign in has been read, it waits for the others at most OthersTimeout; without such a card it waits until
// ctx ends. Cards not read when ctx ends have an error of kind Busy.
func (l CardSearch) ReadAll(ctx context.Context, readers []cardreader.Reader) []CardResult {
	// Cancelling releases the cards that are no longer waited for.
	opening, stop := context.WithCancel(ctx)
	defer stop()

	all := make([]CardResult, len(readers))
	type answer struct {
		i    int
		seen CardResult
	}

	answers := make(chan answer, len(readers))
	unread := map[int]bool{}
	for i, r := range readers {
		all[i] = l.unread(r)
		if all[i].Err == nil {
			unread[i] = true
			go func(s CardResult) { answers <- answer{i, l.read(opening, s)} }(all[i])
		}
	}

	var late <-chan time.Time
	for len(unread) > 0 {
		select {
		case a := <-answers:
			delete(unread, a.i)
			all[a.i] = a.seen
			if ended := ctx.Err(); ended != nil && errors.Is(a.seen.Err, ended) {
				all[a.i].Err = cardBusy(ended) // the driver returned because ctx ended
			}
			if a.seen.Err == nil && late == nil {
				timer := time.NewTimer(cmp.Or(l.OthersTimeout, defaultOthersTimeout))
				defer timer.Stop()
				late = timer.C
			}
		case <-late:
			return setUnreadErr(all, unread, &cardreader.Error{Kind: cardreader.NotResponding})
		case <-ctx.Done():
			return setUnreadErr(all, unread, cardBusy(ctx.Err()))
		}
	}

	return all
}

func setUnreadErr(all []CardResult, unread map[int]bool, why error) []CardResult {
	for i := range unread {
		all[i].Err = why
	}
	return all
}

// Unread returns what is known about a reader without reading its card. Its error is nil if the card can be read.
func Unread(r cardreader.Reader) CardResult { return CardSearch{}.unread(r) }

func (l CardSearch) unread(r cardreader.Reader) CardResult {
	s := CardResult{Reader: r, Card: Card{Reader: words(r.Name), Slot: r.Name, ATR: r.ATR, Tries: -1}}
	switch {
	case !r.Present:
		s.Err = &cardreader.Error{Kind: cardreader.NoCard}
	case r.Mute:
		s.Err = &cardreader.Error{Kind: cardreader.Mute}
	case r.Exclusive && l.Others != nil:
		s.Err = cardreader.InUseError(cardreader.InUse, l.Others())
	case r.Exclusive:
		s.Err = &cardreader.Error{Kind: cardreader.InUse}
	}
	return s
}

// read opens the card of s and reads it.
func (l CardSearch) read(ctx context.Context, s CardResult) CardResult {
	s.Opened, s.Err = l.Open(ctx, s.Reader.Name)
	if s.Err != nil {
		s.Opened, s.Card.Driver = nil, words(cardreader.DriverOf(s.Err))
		return s
	}
	s.Card, s.Err = Look(s.Opened.Info(), l.Clock())
	s.Card.Slot = s.Reader.Name
	return s
}

// Readers returns the current readers of sys, at least one. If there is none, the error has kind NoReader and contains
// name, the name passed to [FilterReaders]. Other errors are those of the smartcard service.
func Readers(ctx context.Context, sys cardreader.System, name string) ([]cardreader.Reader, error) {
	readers, err := sys.Wait(ctx, nil, ReadersTimeout)
	if err == nil && len(readers) == 0 {
		err = NoReader(name)
	}
	return readers, err
}
