package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wardlight/cardreader"
)

// ReadersTimeout is the timeout for listing the readers.
const ReadersTimeout = 5 * time.Second

// NoReader returns the error that there is no reader or, with a name, none with that name.
func NoReader(name string) error {
	e := &cardreader.Error{Kind: cardreader.NoReader}
	if name != "" {
		e.Detail = fmt.Sprintf("No smartcard reader is called %q.", name)
	}
	return e
}

// filteredSystem filters the readers of a System by name.
type filteredSystem struct {
	cardreader.System
	name string
	all  []cardreader.Reader // readers of the last Wait, which one goroutine calls
}

// FilterReaders returns a System with only those readers of sys whose name contains name, ignoring case. With "" it
// returns sys.
func FilterReaders(sys cardreader.System, name string) cardreader.System {
	if name == "" {
		return sys
	}
	return &filteredSystem{System: sys, name: strings.ToLower(name)}
}

// MatchesName reports whether [FilterReaders] with this name includes the reader.
func MatchesName(reader, name string) bool {
	return strings.Contains(strings.ToLower(reader), strings.ToLower(name))
}

// OtherPrograms implements cardreader.Namer.
func (o *filteredSystem) OtherPrograms() []string { return cardreader.OtherPrograms(o.System) }

// Wait returns the readers with the name. It also returns, with an unchanged list, when another reader changes.
func (o *filteredSystem) Wait(ctx context.Context, known []cardreader.Reader,
	timeout time.Duration,
) ([]cardreader.Reader, error) {
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
		if MatchesName(r.Name, o.name) {
			fitting = append(fitting, r)
		}
	}
	return fitting, nil
}
