package session_test

import (
	"context"
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

func TestReaders_NoneOfTheName(t *testing.T) {
	sys := session.OnlyNamed(&shelf{readers: []cardreader.Reader{{Name: "Desk"}}}, "wall")
	_, err := session.Readers(t.Context(), sys, "wall")
	if cardreader.KindOf(err) != cardreader.NoReader || !strings.Contains(err.Error(), `"wall"`) {
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
