package session_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/internal/session"
)

func TestChoose(t *testing.T) {
	reader := func(name string) cardreader.Reader { return cardreader.Reader{Name: name, Present: true} }
	says := func(name string, err error) session.CardResult {
		s := session.Unread(reader(name))
		s.Err = err
		return s
	}

	is := func(kind cardreader.Kind) error { return &cardreader.Error{Kind: kind} }
	staff := func(name, driver string, certificate byte) session.CardResult {
		s := says(name, nil)
		s.Card.Driver, s.Card.UUID, s.Card.CertificateSerial, s.Card.Fingerprint = driver,
			fmt.Sprint("holder ", certificate), "1", [32]byte{certificate}
		return s
	}

	empty := session.Unread(cardreader.Reader{Name: "empty"})
	mute := session.Unread(cardreader.Reader{Name: "mute", Present: true, Mute: true})
	taken := session.Unread(cardreader.Reader{Name: "taken", Present: true, Exclusive: true})
	badge, key := says("badge", is(cardreader.NotPIV)), says("key", is(cardreader.NoCertificate))
	ended, hung := says("ended", is(cardreader.CertificateEnded)), says("hung", is(cardreader.NotResponding))
	sessions, wall := staff("desk", "PIV", 1), staff("wall", "PIV", 2)
	for name, c := range map[string]struct {
		all  []session.CardResult
		want string // the reader, and the code of the error
	}{
		"no reader":     {nil, " C20"},
		"no card":       {[]session.CardResult{empty, empty}, "empty C21"},
		"the only card": {[]session.CardResult{empty, sessions}, "desk"},
		"beside every card that is unfit": {[]session.CardResult{
			empty, mute, taken, badge, key, ended, hung,
			sessions,
		}, "desk"},
		"two that can sign in": {
			[]session.CardResult{badge, wall, sessions},
			"several: holder 2 in wall; holder 1 in desk",
		},
		"one that a module sees twice": {[]session.CardResult{
			staff("badge", "PKCS#11", 1), sessions,
			staff("sim", "PKCS#11", 1),
		}, "desk"},
		"none, one with an old certificate":    {[]session.CardResult{badge, mute, taken, ended}, "ended C51"},
		"none, one that another program holds": {[]session.CardResult{badge, mute, taken}, "taken C24"},
		"none, one that hangs":                 {[]session.CardResult{key, hung}, "hung C29"},
		"none, one that does not answer":       {[]session.CardResult{badge, mute}, "mute C22"},
		"none, of equals the first":            {[]session.CardResult{key, badge}, "key C50"},
		"none, one is of another kind":         {[]session.CardResult{empty, badge}, "badge C30"},
	} {
		t.Run(name, func(t *testing.T) {
			chosen, err := session.Choose(c.all)
			got := chosen.Reader.Name
			var failed *cardreader.Error
			var several *session.SeveralCardsError
			switch {
			case errors.As(err, &several):
				got = "several: " + strings.TrimPrefix(err.Error(), "several cards can sign in: ")
			case errors.As(err, &failed):
				got += " " + failed.Code()
			}
			if got != c.want {
				t.Errorf("Choose = %q, want %q", got, c.want)
			}
		})
	}

	// If another reader is empty, a card that can't be used may be the computer's own.
	for kind, s := range map[cardreader.Kind]session.CardResult{cardreader.NotPIV: badge, cardreader.Mute: mute} {
		_, err := session.Choose([]session.CardResult{s, empty})
		var failed *cardreader.Error
		want := "If the card in " + s.Reader.Name + " is not yours, insert yours. " + (&cardreader.Error{Kind: kind}).
			Advice()
		if !errors.As(err, &failed) || failed.Advice() != want {
			t.Errorf("Advice() = %q, want %q", failed.Advice(), want)
		}
	}
}

// A card that never answers must not prevent the use of one that can sign in.
func TestLooking_OneCardNeverAnswers(t *testing.T) {
	b := setUp(t, -1, 1)
	ctx, end := context.WithCancel(t.Context())
	defer end()

	looking := session.CardSearch{
		OthersTimeout: time.Millisecond, Clock: b.clock.Now,
		Open: func(ctx context.Context, name string) (cardreader.Card, error) {
			if name == reader {
				return b.config.Open(ctx, name)
			}
			<-ctx.Done()
			return nil, ctx.Err()
		},
	}

	all := looking.ReadAll(ctx, append(in("Wall"), in(reader)...))
	if chosen, err := session.Choose(all); err != nil || chosen.Reader.Name != reader || chosen.Opened == nil {
		t.Errorf("Choose = %q, %v, want the card in %q", chosen.Reader.Name, err, reader)
	}

	if kind := cardreader.KindOf(all[0].Err); kind != cardreader.NotResponding {
		t.Errorf("error of the card that does not answer = %v, want NotResponding", all[0].Err)
	}

	end()
	if all = looking.ReadAll(ctx, in("Wall")); cardreader.KindOf(all[0].Err) != cardreader.Busy {
		t.Errorf("error after ctx ended = %v, want Busy", all[0].Err)
	}
}
