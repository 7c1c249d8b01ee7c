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

// savedLists is a System whose readers the test sets. Its Wait blocks if the caller knows all readers already.
type savedLists struct {
	cardreader.System
	readers []cardreader.Reader
	known   [][]cardreader.Reader // the known argument of each Wait
}

func (s *savedLists) Wait(_ context.Context, known []cardreader.Reader, _ time.Duration) ([]cardreader.Reader, error) {
	s.known = append(s.known, known)
	return s.readers, nil
}

func TestReaders_NoneOfTheName(t *testing.T) {
	sys := session.FilterReaders(&savedLists{readers: []cardreader.Reader{{Name: "Desk"}}}, "wall")
	_, err := session.Readers(t.Context(), sys, "wall")
	if cardreader.KindOf(err) != cardreader.NoReader || !strings.Contains(err.Error(), `"wall"`) {
		t.Errorf("Readers: error %v, want NoReader with the name", err)
	}
}

func TestReadersOfAnotherNameDoNotMakeTheWatcherSpin(t *testing.T) {
	s := &savedLists{readers: []cardreader.Reader{{Name: "Desk"}, {Name: "Wall"}}}
	named := session.FilterReaders(s, "desk")
	seen, err := named.Wait(t.Context(), nil, time.Second)
	if err != nil || len(seen) != 1 || seen[0].Name != "Desk" {
		t.Fatalf("Wait = %v, %v, want the reader Desk", seen, err)
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
		t.Errorf("known readers passed to Wait = %v, want all readers: otherwise Wait returns at once, in a loop",
			s.known)
	}
}
