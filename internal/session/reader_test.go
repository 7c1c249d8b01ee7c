package session_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/internal/session"
)

// shelf is a system whose readers are as a test sets them. A Wait that knows them all already has nothing to tell.
type shelf struct {
	cardreader.System
	readers []cardreader.Reader
	known   [][]cardreader.Reader // as Wait was told
}

func (s *shelf) Wait(_ context.Context, known []cardreader.Reader, _ time.Duration) ([]cardreader.Reader, error) {
	s.known = append(s.known, known)
	return s.readers, nil
}

func TestPickReader(t *testing.T) {
	empty := cardreader.Reader{Name: "Keyboard Reader"}
	card := cardreader.Reader{Name: "Desk Reader 00 00", Present: true}
	other := cardreader.Reader{Name: "Wall Reader", Present: true}
	mute := cardreader.Reader{Name: "Wall Reader", Present: true, Mute: true}
	taken := cardreader.Reader{Name: "Wall Reader", Present: true, Taken: true}
	for name, c := range map[string]struct {
		readers  []cardreader.Reader
		named    string
		inserted []string
		want     string // the reader, or the kind of error
	}{
		"none at all":                   {nil, "", nil, "no_reader"},
		"none of that name":             {[]cardreader.Reader{card}, "wall", nil, "no_reader"},
		"no card":                       {[]cardreader.Reader{empty}, "", nil, "no_card"},
		"the one with a card":           {[]cardreader.Reader{empty, card}, "", nil, card.Name},
		"two with cards":                {[]cardreader.Reader{card, other}, "", nil, "several"},
		"the one named":                 {[]cardreader.Reader{card, other}, "desk reader", nil, card.Name},
		"the one inserted first":        {[]cardreader.Reader{card, other}, "", []string{other.Name, card.Name}, other.Name},
		"the one that is still in":      {[]cardreader.Reader{card, empty}, "", []string{other.Name, card.Name}, card.Name},
		"mute":                          {[]cardreader.Reader{mute}, "", nil, "card_mute"},
		"mute beside one that answers":  {[]cardreader.Reader{mute, card}, "", nil, card.Name},
		"held by another":               {[]cardreader.Reader{taken}, "", nil, "card_in_use"},
		"held, beside one that is free": {[]cardreader.Reader{taken, card}, "", []string{taken.Name, card.Name}, card.Name},
	} {
		t.Run(name, func(t *testing.T) {
			sys := session.OnlyNamed(&shelf{readers: c.readers}, c.named)
			got, err := session.FindReader(t.Context(), sys, c.named)
			if c.inserted != nil {
				got, err = session.PickReader(c.readers, c.inserted)
			}
			is := got.Name
			var several *session.SeveralCardsError
			switch {
			case errors.As(err, &several):
				is = "several"
				if len(several.Readers) != 2 {
					t.Errorf("%v", several)
				}
			case err != nil:
				is = map[cardreader.Kind]string{
					cardreader.NoReader: "no_reader", cardreader.NoCard: "no_card", cardreader.Mute: "card_mute", cardreader.InUse: "card_in_use",
				}[cardreader.KindOf(err)]
			}
			if is != c.want {
				t.Errorf("got %q, %v, want %q", is, err, c.want)
			}
		})
	}
	if _, err := session.FindReader(t.Context(), session.OnlyNamed(&shelf{readers: []cardreader.Reader{card}}, "wall"), "wall"); !strings.Contains(err.Error(), `"wall"`) {
		t.Errorf("%v", err)
	}
}

func TestReadersOfAnotherNameDoNotMakeTheWatcherSpin(t *testing.T) {
	s := &shelf{readers: []cardreader.Reader{{Name: "Desk"}, {Name: "Wall"}}}
	named := session.OnlyNamed(s, "desk")
	seen, err := named.Wait(t.Context(), nil, time.Second)
	if err != nil || len(seen) != 1 || seen[0].Name != "Desk" {
		t.Fatalf("seen %v, error %v", seen, err)
	}
	if _, err := named.Wait(t.Context(), seen, time.Second); err != nil {
		t.Fatal(err)
	}
	names := func(readers []cardreader.Reader) (all []string) {
		for _, r := range readers {
			all = append(all, r.Name)
		}
		return all
	}
	if s.known[0] != nil || !slices.Equal(names(s.known[1]), []string{"Desk", "Wall"}) {
		t.Errorf("the system was told that %v are known: it would answer at once, for ever", s.known)
	}
}
