package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wardlight/cardreader"
)

// ReadersTimeout is how long the readers may take to be listed.
const ReadersTimeout = 5 * time.Second

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
