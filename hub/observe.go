package hub

import (
	"context"
	"time"

	"wardlight/hub/api"
	"wardlight/hub/audit"
	"wardlight/hub/store"
)

// Observer receives events of the hub. They contain no data of patients or persons. Its methods are called from
// several goroutines and must not block.
type Observer interface {
	api.Observer
	// Committed is called after a transaction that wrote so many entries to the ledger in that time. If err isn't nil,
	// none of them is stored.
	Committed(entries int, took time.Duration, err error)
	// LookedAtAudit is called after each look at the end of the audit: with the number of its last record, and whether
	// the records that this hub knows are there.
	LookedAtAudit(last int64, intact bool)
	// Witnessed is called after a request to the witness with that name. If err is nil, it has signed a checkpoint.
	Witnessed(name string, err error)
}

// nopObserver is an observer that does nothing.
type nopObserver struct{}

func (nopObserver) Started()                                    {}
func (nopObserver) Answered(string, string, int, time.Duration) {}
func (nopObserver) ManyPatients()                               {}
func (nopObserver) AlertUnchecked()                             {}
func (nopObserver) Uploaded(string)                             {}
func (nopObserver) Committed(int, time.Duration, error)         {}
func (nopObserver) LookedAtAudit(int64, bool)                   {}
func (nopObserver) Witnessed(string, error)                     {}

// observedLedger is a ledger that reports its commits to an observer and to the watch over the audit's end.
type observedLedger struct {
	audit.Committer
	observer Observer
	tail     *audit.Tail
	clock    func() time.Time
}

// Commit stores the entries and reports the commit to the observer.
func (o observedLedger) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	started := o.clock()
	refused, err := o.Committer.Commit(ctx, entries)
	o.observer.Committed(len(entries), o.clock().Sub(started), err)
	if err == nil {
		o.tail.Committed(entries)
	}
	return refused, err
}
