package audit_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/translog"
)

// tailed is a log with a tree that the test changes.
type tailed struct {
	growing
	tree  memory // the records that the tree has
	seals []store.AuditSeal
}

func (l *tailed) AuditTree(context.Context) (store.AuditTree, error) {
	n := int64(len(l.tree))
	return store.AuditTree{Size: n, Seq: n}, nil
}

func (l *tailed) AuditSeals(context.Context) ([]store.AuditSeal, error) { return l.seals, nil }

func (l *tailed) TreeHashes(_ context.Context, indexes []int64) (found []tlog.Hash, err error) {
	var edge translog.Edge
	var all []byte
	for _, r := range l.tree {
		all = append(all, edge.Append(translog.Leaf(r.Hash))...)
	}
	for _, i := range indexes {
		found = append(found, tlog.Hash(all[i*tlog.HashSize:][:tlog.HashSize]))
	}
	return found, nil
}

// positions returns entries that were stored as these records.
func positions(records ...store.AuditRecord) []*store.Entry {
	var all []*store.Entry
	for _, r := range records {
		all = append(all, &store.Entry{Stored: store.AuditPosition{Seq: r.Seq, Hash: r.Hash}})
	}
	return all
}

// rewritten returns the chain with other records from that number on.
func rewritten(m memory, from int) memory {
	all := slices.Clone(m)
	for i := from - 1; i < len(all); i++ {
		prev := audit.Genesis()
		if i > 0 {
			prev = all[i-1].Hash
		}
		all[i].Person = "another"
		all[i] = audit.Seal(all[i], all[i].Seq, prev)
	}
	return all
}

// TestTail looks at a log of 4 records. Then the hub commits the records 5 and 6, and another hub the 7th.
func TestTail(t *testing.T) {
	for name, c := range map[string]struct {
		change func(l *tailed, tail *audit.Tail)
		finds  string
	}{
		"nothing changed":     {func(*tailed, *audit.Tail) {}, ""},
		"another hub goes on": {func(l *tailed, _ *audit.Tail) { l.log = chain(9) }, ""},
		"the store is away":   {func(l *tailed, _ *audit.Tail) { l.log, l.down = nil, errors.New("away") }, ""},
		"all of it removed":   {func(l *tailed, _ *audit.Tail) { l.log = nil }, "records 1 to 6 are missing"},
		"an own commit gone":  {func(l *tailed, _ *audit.Tail) { l.log = chain(5) }, "records 6 to 6 are missing"},
		"what was seen gone":  {func(l *tailed, _ *audit.Tail) { l.log = chain(3) }, "records 4 to 6 are missing"},
		"only another's gone": {func(l *tailed, _ *audit.Tail) { l.log = chain(6) }, ""},
		"an own one rewritten": {func(l *tailed, _ *audit.Tail) {
			l.log = rewritten(l.log, 5)
		}, "record 5 is not the one"},
		"all of it rewritten": {func(l *tailed, _ *audit.Tail) {
			l.log = rewritten(l.log, 1)
		}, "record 4 is not the one"},
		"one in between gone": {func(l *tailed, _ *audit.Tail) {
			l.log = append(chain(4), chain(7)[5:]...)
		}, "record 5 is not the one"},
		"one moved far": {func(l *tailed, _ *audit.Tail) { l.log[5].Seq = 1 << 60 }, "record 6 is not the one"},
		"the last one changed": {func(l *tailed, _ *audit.Tail) {
			l.log[6].Person = "another"
		}, "audit record 7: was changed"},
		"cut off, and then longer than before": {func(l *tailed, _ *audit.Tail) {
			l.log = rewritten(chain(12), 5)
		}, "record 5 is not the one"},
		"cut off, and the hub goes on": {func(l *tailed, tail *audit.Tail) {
			l.log = rewritten(chain(6), 6)
			tail.Committed(positions(l.log[5]))
		}, "record 6 is not the one"},
		"sealed and deleted": {func(l *tailed, _ *audit.Tail) {
			l.log, l.seals = l.log[6:], []store.AuditSeal{{First: 1, Last: 6, Hash: l.log[5].Hash}}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := &tailed{growing: growing{log: chain(4)}, tree: chain(4)}
			looks, log := make(chan chan time.Time), &strings.Builder{}
			intact := true
			tail := &audit.Tail{
				Log: l, Alarm: slog.New(slog.NewTextHandler(log, nil)),
				Looked: func(_ int64, ok bool) { intact = ok },
				After: func(time.Duration) <-chan time.Time {
					next := make(chan time.Time)
					looks <- next
					return next
				},
			}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				tail.Run(ctx)
			}()

			next := <-looks
			l.log = chain(7)
			tail.Committed(positions(l.log[4]))
			tail.Committed(positions(l.log[5]))
			c.change(l, tail)
			for range 3 {
				next <- noon
				next = <-looks
			}
			stop()
			<-ended

			alarms := strings.Count(log.String(), "ALARM: records at the end of the audit were cut off or rewritten.")
			want := 3 // from the second look on, and at the end
			if c.finds == "" {
				want = 0
			}
			if alarms != want || intact != (want == 0) || !strings.Contains(log.String(), c.finds) {
				t.Errorf("got %d alarms and intact %v, want %d and %q: %s", alarms, intact, want, c.finds, log)
			}
		})
	}
}

func TestCheckTail(t *testing.T) {
	for name, c := range map[string]struct {
		log, tree memory
		missing   int64
	}{
		"empty":                    {nil, nil, 0},
		"alike":                    {chain(5), chain(5), 0},
		"a tree that is behind":    {chain(5), chain(3), 0},
		"no tree":                  {chain(5), nil, 0},
		"the end cut off":          {chain(3), chain(5), 5},
		"all removed":              {nil, chain(5), 5},
		"rewritten":                {rewritten(chain(5), 4), chain(5), 5},
		"cut off, and then longer": {rewritten(chain(9), 4), chain(5), 5},
	} {
		err := audit.CheckTail(t.Context(), &tailed{growing: growing{log: c.log}, tree: c.tree})
		var found *audit.TailError
		if (err != nil) != (c.missing > 0) || err != nil && (!errors.As(err, &found) || found.Seq != c.missing) {
			t.Errorf("%s: CheckTail = %v, want one of record %d", name, err, c.missing)
		}
	}
}
