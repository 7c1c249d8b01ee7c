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

// Parts are what an examination looks at.
type Parts struct {
	Clock  func() time.Time // its zone is the one that dates are told in
	System cardreader.System
	Reader string // reader.name of the settings; System shows only readers that fit
	Open   cardreader.Opener
	// Issuers and IssuersErr are as in Facts.
	Issuers    []*x509.Certificate
	IssuersErr error
	// Hub asks the hub once (client.Hub.Probe); nil when it cannot be asked, and NotSet or Settings says why.
	Hub      func(context.Context) client.Probed
	NotSet   bool
	Settings error
	// Final is where the computer makes the hub's address final; "" where a user may set it.
	Final string
}

// How long readers and card may take. A card at work answers each command within 10 seconds or is not responding.
const (
	readersFor = session.ReadersTimeout
	cardFor    = 20 * time.Second
)

// Examine looks at readers, card and hub, the hub beside the others. It types no passcode and has no error: what
// fails is a fact. When ctx ends, so does it.
func Examine(ctx context.Context, p Parts) Facts {
	f := Facts{Issuers: p.Issuers, IssuersErr: p.IssuersErr, Hub: HubFacts{NotSet: p.NotSet, Settings: p.Settings, Final: p.Final}}
	probed := make(chan client.Probed, 1)
	if p.Hub != nil {
		go func() { probed <- p.Hub(ctx) }()
	}
	f.Readers, f.Card = p.look(ctx)
	if p.Hub != nil {
		f.Hub.Probed, f.Hub.Asked = <-probed, true
	}
	f.At = p.Clock()
	return f
}

// look returns what readers and cards say.
func (p Parts) look(ctx context.Context) (ReaderFacts, CardFacts) {
	r := ReaderFacts{Named: p.Reader}
	r.List, r.Err = p.System.Wait(ctx, nil, readersFor)
	if r.Err != nil {
		return r, CardFacts{}
	}
	ctx, cancel := context.WithTimeout(ctx, cardFor)
	defer cancel()
	looking := session.Looking{Open: p.Open, Clock: p.Clock, Others: func() []string { return cardreader.OthersOf(p.System) }}
	all := looking.All(ctx, r.List)
	chosen, err := session.Choose(all)
	if several := new(session.SeveralCardsError); errors.As(err, &several) {
		// Nobody can be asked: the first is looked at.
		r.Several = several.Cards
		first := slices.IndexFunc(all, func(s session.Seen) bool { return s.Card.Slot == several.Cards[0].Slot })
		chosen, err = all[first], nil
	}
	if c := chosen.Reader; c.Present && !c.Mute && !c.Taken {
		r.Used = c.Name
	}
	for _, s := range all {
		if s.Reader.Present && s.Reader.Name != r.Used && s.Err != nil {
			r.Passed = append(r.Passed, s)
		}
	}
	if r.Used == "" {
		r.Others = cardreader.OthersOf(p.System)
		return r, CardFacts{}
	}
	return r, CardFacts{Seen: chosen.Card, Err: err}
}
