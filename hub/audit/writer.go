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

// The bounds of a group commit. Under load, requests that arrive during one commit share the next, and those that are
// about to; nobody waits for a timer.
const (
	// Group is how many requests share a commit at most.
	Group         = 256
	commitTimeout = 10 * time.Second
)

// Committer is what the writer writes to.
type Committer interface {
	Commit(ctx context.Context, entries []*store.Entry) ([]error, error)
}

// Store stores entries in one transaction. The error is the ledger's failure, or why entries are refused: then the others
// are stored.
func Store(ctx context.Context, ledger Committer, entries ...*store.Entry) error {
	refused, err := ledger.Commit(ctx, entries)
	return errors.Join(append(refused, err)...)
}

// Writer is the one writer of the ledger: it gathers the entries of many requests into one transaction.
type Writer struct {
	ledger  Committer
	options Options

	failing atomic.Bool // the last commit failed

	mu      sync.Mutex
	waiting []*pending
	busy    bool
	idle    []chan struct{} // closed once nobody waits
}

type pending struct {
	entry *store.Entry
	done  chan error
}

// Options change how a Writer writes. What is zero is as usual.
type Options struct {
	Group  int                                          // entries of one commit at most; Group when 0
	Waited func(requestID string, waited time.Duration) // told of every entry, however it ended; for measuring
}

// NewWriter writes to ledger.
func NewWriter(ledger Committer) *Writer { return NewWriterWith(ledger, Options{}) }

// NewWriterWith writes to ledger in another way than usual.
func NewWriterWith(ledger Committer, o Options) *Writer {
	if o.Group == 0 {
		o.Group = Group
	}
	if o.Waited == nil {
		o.Waited = func(string, time.Duration) {}
	}
	return &Writer{ledger: ledger, options: o}
}

// FailedError is a ledger that could not store: nothing of the entry is kept, and no answer may leave.
type FailedError struct{ Err error }

// Error says that the ledger failed.
func (e *FailedError) Error() string { return "ledger: " + e.Err.Error() }

// Unwrap returns the store's own error.
func (e *FailedError) Unwrap() error { return e.Err }

// Write returns once the entry is durable (nil), was refused (the store's refusal, such as store.ErrProofUsed), or
// could not be stored (*FailedError). When ctx ends first it is not known which; the caller must not answer.
func (w *Writer) Write(ctx context.Context, e *store.Entry) error {
	begun := time.Now()
	defer func() { w.options.Waited(e.Audit.RequestID, time.Since(begun)) }()
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

// Settle returns once nothing waits to be committed, or with ctx's error. What a caller gave up waiting for is
// committed all the same: whoever reads the audit to its end has to let it settle first.
func (w *Writer) Settle(ctx context.Context) error {
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

// drain commits group after group until nobody waits.
func (w *Writer) drain() {
	for {
		// Whoever can run now does so first, and shares the commit: where requests wait for a processor, that doubles the
		// group. Where none does it takes no time.
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

// commit turns a panic of the store into its failure: the requests that wait must hear of it, and the next ones go on.
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
