package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/session"
)

// Parts are the dependencies of Examine.
type Parts struct {
	Clock  func() time.Time // its time zone is used for displayed dates
	System cardreader.System
	Reader string // setting reader.name; System lists only matching readers
	Open   cardreader.Opener
	// Issuers and IssuersErr are the same as in Facts.
	Issuers    []*x509.Certificate
	IssuersErr error
	// Hub probes the hub (client.Hub.Probe). It is nil if the hub cannot be probed; NotSet or Settings then give the
	// reason.
	Hub      func(context.Context) client.ProbeResult
	NotSet   bool
	Settings error
	// Final names the source that makes the hub's address unchangeable on this computer; "" if users may change it.
	Final string
}

// Timeouts for readers and card. A working card answers each command within 10 seconds.
const (
	readersTimeout = session.ReadersTimeout
	cardTimeout    = 20 * time.Second
)

// Examine examines the readers, the card and, concurrently, the hub. It does not verify a passcode. Errors are part of
// the returned facts. It returns early if ctx is done.
func Examine(ctx context.Context, p Parts) Facts {
	f := Facts{Issuers: p.Issuers, IssuersErr: p.IssuersErr, Hub: HubFacts{
		NotSet: p.NotSet, Settings: p.Settings,
		FinalSource: p.Final,
	}}
	probed := make(chan client.ProbeResult, 1)
	if p.Hub != nil {
		go func() { probed <- p.Hub(ctx) }()
	}
	f.Readers, f.Card = p.look(ctx)
	if p.Hub != nil {
		f.Hub.Probed, f.Hub.HasProbe = <-probed, true
	}
	f.At = p.Clock()
	return f
}

// look examines the readers and cards.
func (p Parts) look(ctx context.Context) (ReaderFacts, CardFacts) {
	r := ReaderFacts{Named: p.Reader}
	r.List, r.Err = p.System.Wait(ctx, nil, readersTimeout)
	if r.Err != nil {
		return r, CardFacts{}
	}

	ctx, cancel := context.WithTimeout(ctx, cardTimeout)
	defer cancel()
	looking := session.CardSearch{Open: p.Open, Clock: p.Clock, Others: func() []string {
		return cardreader.OtherPrograms(p.System)
	}}

	all := looking.ReadAll(ctx, r.List)
	chosen, err := session.Choose(all)
	if several := new(session.SeveralCardsError); errors.As(err, &several) {
		// Without a user to choose a card, the first one is examined.
		r.Several = several.Cards
		first := slices.IndexFunc(all, func(s session.CardResult) bool { return s.Card.Slot == several.Cards[0].Slot })
		chosen, err = all[first], nil
	}

	if c := chosen.Reader; c.Present && !c.Mute && !c.Exclusive {
		r.Used = c.Name
	}

	for _, s := range all {
		if s.Reader.Present && s.Reader.Name != r.Used && s.Err != nil {
			r.Passed = append(r.Passed, s)
		}
	}

	if r.Used == "" {
		r.Others = cardreader.OtherPrograms(p.System)
		return r, CardFacts{}
	}

	return r, CardFacts{Seen: chosen.Card, Err: err}
}
