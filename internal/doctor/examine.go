package doctor

import (
	"context"
	"crypto/x509"
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
}

// How long readers and card may take. A card at work answers each command within 10 seconds or is not responding.
const (
	readersFor = session.ReadersTimeout
	cardFor    = 20 * time.Second
)

// Examine looks at readers, card and hub, the hub beside the others. It types no passcode and has no error: what
// fails is a fact. When ctx ends, so does it.
func Examine(ctx context.Context, p Parts) Facts {
	f := Facts{Issuers: p.Issuers, IssuersErr: p.IssuersErr, Hub: HubFacts{NotSet: p.NotSet, Settings: p.Settings}}
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

// look returns what readers and card say.
func (p Parts) look(ctx context.Context) (ReaderFacts, CardFacts) {
	r := ReaderFacts{Named: p.Reader}
	r.List, r.Err = p.System.Wait(ctx, nil, readersFor)
	if r.Err != nil {
		return r, CardFacts{}
	}
	chosen, err := pick(r.List)
	if err != nil {
		r.Others = cardreader.OthersOf(p.System)
		return r, CardFacts{}
	}
	r.Used = chosen.Name
	ctx, cancel := context.WithTimeout(ctx, cardFor)
	defer cancel()
	card, err := p.open(ctx, chosen.Name)
	c := CardFacts{Seen: session.Unread(chosen, err), Err: err}
	if err == nil {
		c.Seen, c.Err = session.Look(card.Info(), p.Clock())
	}
	return r, c
}

// open opens the card, and gives up on it when ctx ends: another program may hold it up, or the card itself.
func (p Parts) open(ctx context.Context, reader string) (cardreader.Card, error) {
	type opened struct {
		card cardreader.Card
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		card, err := p.Open(ctx, reader)
		done <- opened{card, err}
	}()
	select {
	case o := <-done:
		return o.card, o.err
	case <-ctx.Done():
		return nil, &cardreader.Error{Kind: cardreader.Busy, Err: ctx.Err()}
	}
}
