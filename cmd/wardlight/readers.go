package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wardlight/cardreader"
	"wardlight/internal/text"
)

// lookFor is how long the readers may take to be listed.
const lookFor = 5 * time.Second

// pick is the reader to use: the one with a card in it, among those whose name fits. Errors are *cardreader.Error: NoReader,
// NoCard, Mute, InUse, and those of the smartcard service; or *usageError when several hold a card.
func pick(ctx context.Context, sys cardreader.System, name string) (cardreader.Reader, error) {
	readers, err := sys.Wait(ctx, nil, lookFor)
	if err != nil {
		return cardreader.Reader{}, err
	}
	if len(readers) == 0 {
		e := &cardreader.Error{Kind: cardreader.NoReader}
		if name != "" {
			e.Detail = fmt.Sprintf("No smartcard reader is called %q.", name)
		}
		return cardreader.Reader{}, e
	}
	var holding []cardreader.Reader
	for _, r := range readers {
		if r.Present {
			holding = append(holding, r)
		}
	}
	switch {
	case len(holding) == 0:
		return cardreader.Reader{}, &cardreader.Error{Kind: cardreader.NoCard}
	case len(holding) > 1:
		names := make([]string, len(holding))
		for i, r := range holding {
			names[i] = text.Clean(r.Name, 0)
		}
		return cardreader.Reader{}, &usageError{problem: "several readers hold a card: " + strings.Join(names, "; "), hint: "name one with --reader"}
	case holding[0].Mute:
		return cardreader.Reader{}, &cardreader.Error{Kind: cardreader.Mute}
	case holding[0].Taken:
		return cardreader.Reader{}, cardreader.HeldBy(cardreader.InUse, cardreader.OthersOf(sys))
	}
	return holding[0], nil
}

// only is a system of which only the readers whose name fits are seen.
type only struct {
	cardreader.System
	name string
	all  []cardreader.Reader // as last seen; Wait belongs to one goroutine
}

// onlyNamed is sys as it is when name is "", else the readers that have the name in theirs, in whatever case.
func onlyNamed(sys cardreader.System, name string) cardreader.System {
	if name == "" {
		return sys
	}
	return &only{System: sys, name: strings.ToLower(name)}
}

// Others implements cardreader.Namer.
func (o *only) Others() []string { return cardreader.OthersOf(o.System) }

// Wait gives the readers that fit. It also returns when another one changed, which is a change of nothing.
func (o *only) Wait(ctx context.Context, known []cardreader.Reader, timeout time.Duration) ([]cardreader.Reader, error) {
	before := o.all
	if known == nil {
		before = nil
	}
	all, err := o.System.Wait(ctx, before, timeout)
	if err != nil {
		return nil, err
	}
	o.all = all
	fitting := make([]cardreader.Reader, 0, len(all))
	for _, r := range all {
		if strings.Contains(strings.ToLower(r.Name), o.name) {
			fitting = append(fitting, r)
		}
	}
	return fitting, nil
}
