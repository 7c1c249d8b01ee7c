package audit

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub/store"
	"wardlight/internal/translog"
)

const (
	// maxCommitted is the maximum number of a hub's own commits that are compared at one look.
	maxCommitted = 1024
	// maxTailRead is the maximum number of records that a look reads. The last commit is always compared.
	maxTailRead = 4096
	// tailLooks is how many looks in succession must find a difference before it is reported.
	tailLooks = 2
)

// TailLog is the part of store.Store that a Tail reads.
type TailLog interface {
	TreeLog
	AuditHead(ctx context.Context) (store.AuditRecord, error)
}

// Tail notices that the end of the audit is cut off or rewritten while a hub runs, by somebody who can write the
// database. It remembers the last record that it has read, and the records that this hub has committed since. Each of
// them must still be there. Other hubs may add records in between. When it starts, it compares the audit with its tree.
//
// A difference is logged as an alarm until the hub ends. The hub goes on: clinicians need alerts, and new records are
// evidence, too.
type Tail struct {
	Log   TailLog
	After func(time.Duration) <-chan time.Time
	Alarm *slog.Logger
	// Looked is called after each look: with the number of the last record, and whether the audit is as this hub knows
	// it.
	Looked func(last int64, intact bool)

	seen    store.AuditPosition // the head at the last look
	started bool                // the tree was compared
	failed  int                 // looks in succession that found a difference
	found   error               // the difference that was reported

	mu        sync.Mutex
	committed []store.AuditPosition // by this hub since the last look, in order
	newest    store.AuditPosition   // the last of all
	back      error                 // a commit whose record is not after the one before
}

// TailError means that a record that a hub has committed or read is missing or different.
type TailError struct {
	Seq     int64 // the record
	Records int64 // the number of the last record now
}

// Error returns the record and the difference.
func (e *TailError) Error() string {
	if e.Records < e.Seq {
		return fmt.Sprintf("audit records %d to %d are missing: their end was cut off", e.Records+1, e.Seq)
	}
	return fmt.Sprintf("audit record %d is not the one that was committed: the end of the audit was rewritten", e.Seq)
}

// First returns the number of the first record that is missing or different.
func (e *TailError) First() int64 { return min(e.Seq, e.Records+1) }

// Committed remembers the last of the entries that a commit of this hub has stored. Call it after each commit, in the
// order of the commits.
func (t *Tail) Committed(entries []*store.Entry) {
	var last store.AuditPosition
	for _, e := range entries {
		if e.Stored.Seq > last.Seq {
			last = e.Stored
		}
	}
	if last.Seq == 0 {
		return
	}

	t.mu.Lock()
	defer t.mu.Unlock()
	if last.Seq <= t.newest.Seq {
		t.back = &TailError{t.newest.Seq, last.Seq}
	}
	t.newest = last
	t.committed = atMost(append(t.committed, last))
}

// Run looks until ctx ends, and then a last time.
func (t *Tail) Run(ctx context.Context) {
	for {
		wait := lookEvery
		if t.attempt(ctx) {
			wait = retryEvery
		}
		select {
		case <-t.After(wait):
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTimeout)
			defer cancel()
			t.failed++ // there is no later look
			t.attempt(last)
			return
		}
	}
}

// attempt looks once, unless a difference was found before, and reports whether there is one. An error of the store
// isn't one: the hub reports it elsewhere.
func (t *Tail) attempt(ctx context.Context) bool {
	if t.found == nil {
		err := t.look(ctx)
		var tail *TailError
		var broken *BrokenError
		switch {
		case err == nil:
			t.failed = 0
			t.Looked(t.seen.Seq, true)
			return false
		case !errors.As(err, &tail) && !errors.As(err, &broken):
			return false
		}
		if t.failed++; t.failed < tailLooks {
			return false
		}
		t.found = err
	}

	t.Looked(t.seen.Seq, false)
	t.Alarm.ErrorContext(ctx, "ALARM: records at the end of the audit were cut off or rewritten. The hub goes on, and "+
		"repeats this alarm until it ends.", "error", t.found)
	return true
}

// look compares the audit with what this hub knows of it.
func (t *Tail) look(ctx context.Context) (err error) {
	// The own commits are read first: the head, which is read later, can't be before them.
	t.mu.Lock()
	own, back := t.committed, t.back
	t.committed = nil
	t.mu.Unlock()
	defer func() {
		if err != nil { // the next look compares them
			t.mu.Lock()
			defer t.mu.Unlock()
			t.committed = atMost(append(own, t.committed...))
		}
	}()
	if back != nil {
		return back
	}

	if !t.started {
		if err := CheckTail(ctx, t.Log); err != nil {
			return err
		}
		t.started = true
	}

	head, err := t.Log.AuditHead(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil && !bytes.Equal(head.Hash, digest(head)) {
		return &BrokenError{head.Seq, "was changed after it was written"}
	}

	known := slices.Clone(own)
	if t.seen.Seq > 0 {
		known = append(known, t.seen)
	}
	if err := compareTail(ctx, t.Log, known, head.Seq); err != nil {
		return err
	}
	t.seen = store.AuditPosition{Seq: head.Seq, Hash: head.Hash}
	return nil
}

// atMost returns the first positions, at most maxCommitted, and the last one.
func atMost(all []store.AuditPosition) []store.AuditPosition {
	if len(all) <= maxCommitted {
		return all
	}
	return append(all[:maxCommitted-1], all[len(all)-1])
}

// compareTail returns an error unless the records at these positions are in a log of that many records.
func compareTail(ctx context.Context, t Trail, known []store.AuditPosition, records int64) error {
	slices.SortFunc(known, func(a, b store.AuditPosition) int { return cmp.Compare(a.Seq, b.Seq) })
	if len(known) == 0 {
		return nil
	}
	last := known[len(known)-1]
	if records < last.Seq {
		return &TailError{last.Seq, records}
	}

	left, err := compareRecords(ctx, t, known)
	if err == nil && len(left) > 0 { // there are too many records in between
		_, err = compareRecords(ctx, t, []store.AuditPosition{last})
	}
	return err
}

// compareRecords compares records with their positions, which are in ascending order. If it has read enough, it returns
// those that are left.
func compareRecords(ctx context.Context, t Trail, known []store.AuditPosition) ([]store.AuditPosition, error) {
	read := 0
	err := t.AuditTrail(ctx, known[0].Seq, func(r store.AuditRecord) error {
		for len(known) > 0 && known[0].Seq <= r.Seq {
			if err := compareRecord(ctx, t, known[0], r); err != nil {
				return err
			}
			known = known[1:]
		}
		if read++; read == maxTailRead || len(known) == 0 {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return known, nil
	}
	if err == nil && len(known) > 0 {
		err = &TailError{known[0].Seq, known[0].Seq - 1}
	}
	return nil, err
}

// compareRecord compares the first record that is at a position or after it. A record that is missing may be sealed.
func compareRecord(ctx context.Context, t Trail, p store.AuditPosition, r store.AuditRecord) error {
	if r.Seq > p.Seq {
		sealed, _, err := base(ctx, t)
		if err == nil && p.Seq > sealed.Records {
			err = &TailError{p.Seq, r.Seq}
		}
		return err
	}
	if !bytes.Equal(p.Hash, r.Hash) || !bytes.Equal(p.Hash, digest(r)) {
		return &TailError{p.Seq, r.Seq}
	}
	return nil
}

// CheckTail compares the audit with its tree, which keeps the hashes of records that are cut off. The error is a
// *[TailError] if the tree's last record is missing or different, or the store's.
func CheckTail(ctx context.Context, l TailLog) error {
	end, err := l.AuditTree(ctx)
	if err != nil || end.Size == 0 {
		return err
	}
	hashes, err := l.TreeHashes(ctx, []int64{tlog.StoredHashIndex(0, end.Size-1)})
	if err != nil {
		return err
	}

	record, err := recordWith(ctx, l, end.Seq)
	if errors.Is(err, store.ErrNotFound) {
		head, err := l.AuditHead(ctx)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return &TailError{end.Seq, head.Seq}
	}
	if err != nil {
		return err
	}

	if translog.Leaf(digest(record)) != hashes[0] {
		return &TailError{end.Seq, end.Seq}
	}
	return nil
}
