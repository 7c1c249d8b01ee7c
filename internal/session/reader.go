package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"wardlight/cardreader"
	"wardlight/internal/text"
)

// ReadersTimeout is how long the readers may take to be listed.
const ReadersTimeout = 5 * time.Second

// SeveralCardsError is several readers with a card that could be used, where nothing says which was inserted first.
type SeveralCardsError struct{ Readers []string } // names, cleaned

// Error names the readers.
func (e *SeveralCardsError) Error() string {
	return "several readers hold a card: " + strings.Join(e.Readers, "; ")
}

// PickReader returns the reader whose card is to be used. It is the rule of screens, commands and doctor: a card that
// answers and that no other program holds for itself; of several the one that was inserted first. inserted has the
// names of readers in the order of insertion, as far as it is known; nil where it is not.
//
// The error is a *cardreader.Error of kind NoReader, NoCard, Mute or InUse that says why there is none; or a
// *SeveralCardsError, and then the reader is the first of them.
func PickReader(readers []cardreader.Reader, inserted []string) (cardreader.Reader, error) {
	var usable, others []cardreader.Reader
	for _, r := range readers {
		switch {
		case r.Present && !r.Mute && !r.Taken:
			usable = append(usable, r)
		case r.Present:
			others = append(others, r)
		}
	}
	for _, name := range inserted {
		if i := slices.IndexFunc(usable, func(r cardreader.Reader) bool { return r.Name == name }); i >= 0 {
			return usable[i], nil
		}
	}
	switch {
	case len(usable) == 1:
		return usable[0], nil
	case len(usable) > 1:
		several := &SeveralCardsError{}
		for _, r := range usable {
			several.Readers = append(several.Readers, text.Clean(r.Name, 0))
		}
		return usable[0], several
	case len(readers) == 0:
		return cardreader.Reader{}, &cardreader.Error{Kind: cardreader.NoReader}
	case len(others) == 0:
		return cardreader.Reader{}, &cardreader.Error{Kind: cardreader.NoCard}
	case others[0].Mute:
		return others[0], &cardreader.Error{Kind: cardreader.Mute}
	}
	return others[0], &cardreader.Error{Kind: cardreader.InUse}
}

// FindReader returns [PickReader] of the readers that sys has now; name is that of [OnlyNamed], for the words of the
// error. A card that another program holds is told with the programs that may be it. Other errors are those of the
// smartcard service.
func FindReader(ctx context.Context, sys cardreader.System, name string) (cardreader.Reader, error) {
	readers, err := sys.Wait(ctx, nil, ReadersTimeout)
	if err != nil {
		return cardreader.Reader{}, err
	}
	reader, err := PickReader(readers, nil)
	switch kind := cardreader.KindOf(err); {
	case err == nil:
	case kind == cardreader.NoReader && len(readers) == 0:
		return reader, NoReader(name)
	case kind == cardreader.InUse:
		return reader, cardreader.HeldBy(cardreader.InUse, cardreader.OthersOf(sys))
	}
	return reader, err
}

// NoReader returns the error for no reader at all, or for none of the name.
func NoReader(name string) error {
	e := &cardreader.Error{Kind: cardreader.NoReader}
	if name != "" {
		e.Detail = fmt.Sprintf("No smartcard reader is called %q.", name)
	}
	return e
}

// only is a system of which only the readers whose name fits are seen.
type only struct {
	cardreader.System
	name string
	all  []cardreader.Reader // as last seen; Wait belongs to one goroutine
}

// OnlyNamed returns sys as it is when name is "", else the readers that have the name in theirs, in whatever case.
func OnlyNamed(sys cardreader.System, name string) cardreader.System {
	if name == "" {
		return sys
	}
	return &only{System: sys, name: strings.ToLower(name)}
}

// IsNamed reports whether [OnlyNamed] with the name has the reader.
func IsNamed(reader, name string) bool {
	return strings.Contains(strings.ToLower(reader), strings.ToLower(name))
}

// Others implements cardreader.Namer.
func (o *only) Others() []string { return cardreader.OthersOf(o.System) }

// Wait returns the readers that fit. It also returns when another one changed, which is a change of nothing.
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
		if IsNamed(r.Name, o.name) {
			fitting = append(fitting, r)
		}
	}
	return fitting, nil
}
