//go:build !cgo && !windows

package pcsc

import (
	"context"
	"time"

	"wardlight/cardreader"
)

// New returns a System without readers, because this program was built without cgo, which PC/SC needs here. All its
// errors have the kind BuiltWithout.
func New() cardreader.System { return none{} }

type none struct{}

func (none) Wait(context.Context, []cardreader.Reader, time.Duration) ([]cardreader.Reader, error) {
	return nil, &cardreader.Error{Kind: cardreader.BuiltWithout}
}

func (none) Connect(context.Context, string) (cardreader.Link, error) {
	return nil, &cardreader.Error{Kind: cardreader.BuiltWithout}
}

func (none) Close() error { return nil }
