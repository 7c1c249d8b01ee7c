package audit

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"wardlight/hub/store"
)

// Limits of a group commit. Under load, requests that arrive during a commit share the next one. There is no timer.
const (
	// MaxGroup is the maximum number of requests in a commit.
	MaxGroup      = 256
	commitTimeout = 10 * time.Second
)

// Committer is the ledger of a Writer.
type Committer interface {
	Commit(ctx context.Context, entries []*store.Entry) ([]error, error)
}

// Store stores entries in one transaction. The error is the ledger's, or the refusals of entries; then the others are
// stored.
func Store(ctx context.Context, ledger Committer, entries ...*store.Entry) error {
	refused, err := ledger.Commit(ctx, entries)
	return errors.Join(append(refused, err)...)
}

// Writer combines the entries of concurrent requests into one transaction.
type Writer struct {
	ledger  Committer
	options Options

	failing atomic.Bool // the last commit failed

	mu      sync.Mutex
	waiting []*pending
	busy    bool
	idle    []chan struct{} // closed when no entry is waiting
}

type pending struct {
	entry *store.Entry
	done  chan error
}

// Options configure a Writer. Zero fields mean the defaults.
type Options struct {
	Group  int                                          // maximum number of entries in a commit; MaxGroup if 0
	Waited func(requestID string, waited time.Duration) // called for every entry, stored or not; for measurements
}

// NewWriter returns a Writer with the default options.
func NewWriter(ledger Committer) *Writer { return NewWriterWith(ledger, Options{}) }

// NewWriterWith returns a Writer with options.
func NewWriterWith(ledger Committer, o Options) *Writer {
	if o.Group == 0 {
		o.Group = MaxGroup
	}
	if o.Waited == nil {
		o.Waited = func(string, time.Duration) {}
	}
	return &Writer{ledger: ledger, options: o}
}

// FailedError means that the ledger has not stored an entry. The request must not be answered.
type FailedError struct{ Err error }

// Error returns the ledger's error with a prefix.
func (e *FailedError) Error() string { return "ledger: " + e.Err.Error() }

// Unwrap returns the ledger's error.
func (e *FailedError) Unwrap() error { return e.Err }

// Write returns nil when the entry is durable, the refusal of the store, such as store.ErrProofUsed, or a
// *[FailedError]. If ctx ends first, it is unknown whether the entry will be stored, and the caller must not answer.
func (w *Writer) Write(ctx context.Context, e *store.Entry) error {
	started := time.Now()
	defer func() { w.options.Waited(e.Audit.RequestID, time.Since(started)) }()
	p := &pending{entry: e, done: make(chan error, 1)}
	w.mu.Lock()
	w.waiting = append(w.waiting, p)
	if !w.busy {
		w.busy = true
		go w.drain()
	}
	w.mu.Unlock()
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
		return &FailedError{ctx.Err()}
	}
}

// Failing reports whether the last commit failed.
func (w *Writer) Failing() bool { return w.failing.Load() }

// Flush returns when no entry is waiting, or returns ctx's error. Entries whose callers have given up are committed
// all the same, so a reader of the whole audit has to call it first.
func (w *Writer) Flush(ctx context.Context) error {
	w.mu.Lock()
	if !w.busy {
		w.mu.Unlock()
		return nil
	}
	idle := make(chan struct{})
	w.idle = append(w.idle, idle)
	w.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drain commits groups until no entry is waiting.
func (w *Writer) drain() {
	for {
		// Other runnable goroutines run first and share the commit. This doubles the group when requests wait for a
		// processor, and takes no time otherwise.
		if w.options.Group > 1 {
			runtime.Gosched()
		}

		w.mu.Lock()
		n := min(len(w.waiting), w.options.Group)
		if n == 0 {
			w.busy = false
			for _, idle := range w.idle {
				close(idle)
			}
			w.idle = nil
			w.mu.Unlock()
			return
		}

		group := w.waiting[:n:n]
		w.waiting = w.waiting[n:]
		w.mu.Unlock()

		errs, err := w.commit(group)
		w.failing.Store(err != nil)

		for i, p := range group {
			if err != nil {
				p.done <- &FailedError{err}
				continue
			}
			p.done <- errs[i]
		}
	}
}

// commit returns a panic of the store as an error, so that the waiting requests get an answer and later ones continue.
func (w *Writer) commit(group []*pending) (errs []error, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store panicked: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	entries := make([]*store.Entry, len(group))
	for i, p := range group {
		entries[i] = p.entry
	}
	errs, err = w.ledger.Commit(ctx, entries)
	if err == nil && len(errs) != len(entries) {
		err = fmt.Errorf("store answered %d of %d entries", len(errs), len(entries))
	}
	return errs, err
}
