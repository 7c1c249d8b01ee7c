package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"wardlight/cardreader"
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

func TestTheReaderWithTheCardIsPicked(t *testing.T) {
	empty := cardreader.Reader{Name: "Keyboard Reader"}
	card := cardreader.Reader{Name: "Desk Reader 00 00", Present: true}
	other := cardreader.Reader{Name: "Wall Reader", Present: true}
	mute := cardreader.Reader{Name: "Wall Reader", Present: true, Mute: true}
	taken := cardreader.Reader{Name: "Wall Reader", Present: true, Taken: true}
	for name, c := range map[string]struct {
		readers []cardreader.Reader
		named   string
		want    string // the reader, or the kind of error
	}{
		"none at all":         {nil, "", "no_reader"},
		"none of that name":   {[]cardreader.Reader{card}, "wall", "no_reader"},
		"no card":             {[]cardreader.Reader{empty}, "", "no_card"},
		"the one with a card": {[]cardreader.Reader{empty, card}, "", card.Name},
		"two with cards":      {[]cardreader.Reader{card, other}, "", "usage"},
		"the one named":       {[]cardreader.Reader{card, other}, "desk reader", card.Name},
		"mute":                {[]cardreader.Reader{mute}, "", "card_mute"},
		"held by another":     {[]cardreader.Reader{taken}, "", "card_in_use"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := pick(t.Context(), onlyNamed(&shelf{readers: c.readers}, c.named), c.named)
			if err != nil {
				if kind := errorOf(err).Kind; kind != c.want {
					t.Errorf("error is %v (%s), want %s", err, kind, c.want)
				}
				return
			}
			if got.Name != c.want {
				t.Errorf("picked %q, want %q", got.Name, c.want)
			}
		})
	}
}

func TestReadersOfAnotherNameDoNotMakeTheWatcherSpin(t *testing.T) {
	s := &shelf{readers: []cardreader.Reader{{Name: "Desk"}, {Name: "Wall"}}}
	named := onlyNamed(s, "desk")
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
