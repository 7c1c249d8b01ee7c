package hub

import (
	"context"
	"time"

	"wardlight/hub/api"
	"wardlight/hub/audit"
	"wardlight/hub/store"
)

// Observer is told what the hub does. Nothing of a patient or a person is among it. Its methods are called from many
// goroutines and must not wait.
type Observer interface {
	api.Observer
	// Committed says that so many entries went to the ledger in one transaction, and how long that took; err is a
	// failure, after which none of them is stored.
	Committed(entries int, took time.Duration, err error)
}

// nobody observes nothing.
type nobody struct{}

func (nobody) Begun()                                      {}
func (nobody) Answered(string, string, int, time.Duration) {}
func (nobody) ManyPatients()                               {}
func (nobody) Committed(int, time.Duration, error)         {}

// observed is a ledger that tells of its commits.
type observed struct {
	audit.Committer
	observer Observer
	clock    func() time.Time
}

// Commit stores the entries and tells of it.
func (o observed) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	begun := o.clock()
	refused, err := o.Committer.Commit(ctx, entries)
	o.observer.Committed(len(entries), o.clock().Sub(begun), err)
	return refused, err
}
