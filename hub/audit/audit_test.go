package audit_test

import (
	"context"
	"encoding/hex"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// memory is a trail in memory.
type memory []store.AuditRecord

func (m memory) AuditTrail(_ context.Context, from int64, visit func(store.AuditRecord) error) error {
	for _, r := range m {
		if r.Seq < from {
			continue
		}
		if err := visit(r); err != nil {
			return err
		}
	}
	return nil
}

func (m memory) AuditSeals(context.Context) ([]store.AuditSeal, error) { return nil, nil }

func chain(n int) memory {
	var m memory
	prev := audit.Genesis()
	for i := range n {
		r := audit.Seal(store.AuditRecord{
			At: time.Date(2026, 7, 15, 13, 0, i, 0, time.UTC), Action: "search", Person: "1",
			Patients: []nhs.Number{"9990000018", "9990000026"},
		}, int64(i+1), prev)
		m, prev = append(m, r), r.Hash
	}
	return m
}

func TestAChainHoldsAndAnyChangeBreaksIt(t *testing.T) {
	head, err := audit.Verify(t.Context(), chain(5))
	if err != nil || head.Records != 5 {
		t.Fatalf("Verify = %+v, %v; want 5 records", head, err)
	}

	for name, c := range map[string]struct {
		change func(memory) memory
		breaks int64
	}{
		"who":  {func(m memory) memory { m[2].Person = "2"; return m }, 3},
		"when": {func(m memory) memory { m[2].At = m[2].At.Add(time.Microsecond); return m }, 3},
		"whom": {func(m memory) memory { m[2].Patients = m[2].Patients[:1]; return m }, 3},
		"the order": {func(m memory) memory {
			m[2].Patients = []nhs.Number{"9990000026", "9990000018"}
			return m
		}, 3},
		"the split":   {func(m memory) memory { m[2].Patients = []nhs.Number{"99900000189990000026"}; return m }, 3},
		"the fields":  {func(m memory) memory { m[2].Action, m[2].Person = "search1", ""; return m }, 3},
		"the outcome": {func(m memory) memory { m[0].Outcome = "refused"; return m }, 1},
		"one removed": {func(m memory) memory { return slices.Delete(m, 1, 2) }, 3},
		"one doubled": {func(m memory) memory { return slices.Insert(m, 2, m[1]) }, 2},
		"one resealed": {func(m memory) memory {
			m[2].Person = "2"
			m[2] = audit.Seal(m[2], 3, m[2].Prev)
			return m
		}, 4},
		"the beginning cut off": {func(m memory) memory { return m[1:] }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.Verify(t.Context(), c.change(chain(5)))
			var broken *audit.BrokenError
			if !errors.As(err, &broken) || broken.Seq != c.breaks {
				t.Errorf("Verify: got error %v, want a BrokenError at record %d", err, c.breaks)
			}
		})
	}
}

// TestTheFormOfARecordIsFixed compares the hash of a record with a constant, because old audits must still verify. The
// constant was calculated without this program, by encoding the fields one after another as described in chain.go.
func TestTheFormOfARecordIsFixed(t *testing.T) {
	r := audit.Seal(store.AuditRecord{
		At: time.Date(2026, 7, 15, 13, 0, 0, 123456000, time.UTC), RequestID: "r", Session: "s", Person: "p", URID: "u",
		OrgODS: "o",
		Action: "a", Outcome: "granted", Reason: "", Patients: []nhs.Number{"9990000018"},
	}, 1, audit.Genesis())
	const want = "b3f7fad427c88f15cc02ecb62ae0a5d9413f55acd786c9978f48df01bb09a58c"
	if got := hex.EncodeToString(r.Hash); got != want {
		t.Errorf("hash of the record = %s, want %s", got, want)
	}
}

// TestSeal_Source compares the hash of a record that has a source with a constant, calculated in the same way.
func TestSeal_Source(t *testing.T) {
	r := audit.Seal(store.AuditRecord{
		At: time.Date(2026, 7, 15, 13, 0, 0, 123456000, time.UTC), RequestID: "r", Session: "s", Person: "p", URID: "u",
		OrgODS: "o",
		Action: "a", Outcome: "granted", Patients: []nhs.Number{"9990000018"}, Source: "203.0.113.5",
	}, 1, audit.Genesis())
	const want = "9fd38f8014893be85fffefd64f0eff320fc809c2446d3282e2acb7e05f60d0ee"
	if got := hex.EncodeToString(r.Hash); got != want {
		t.Errorf("hash of the record = %s, want %s", got, want)
	}
	for source, want := range map[string]*fhir.AuditNetwork{
		"203.0.113.5":       {Address: "203.0.113.5", Type: "2"},
		"2001:db8:1:2::/64": {Address: "2001:db8:1:2::/64"},
		"":                  nil,
	} {
		r.Source = source
		if got := audit.Event(r, "hub").Agent[0].Network; !reflect.DeepEqual(got, want) {
			t.Errorf("Event with source %q: got network %+v, want %+v", source, got, want)
		}
	}
}

// ledger is a Committer whose first commit waits for a gate. It may fail or panic.
type ledger struct {
	gate   chan struct{}
	mu     sync.Mutex
	groups []int
	fail   func(e *store.Entry) error
	down   error
	panics bool
}

func (l *ledger) Commit(_ context.Context, entries []*store.Entry) ([]error, error) {
	<-l.gate
	l.mu.Lock()
	defer l.mu.Unlock()
	l.groups = append(l.groups, len(entries))
	if l.panics {
		panic("broken")
	}
	if l.down != nil {
		return nil, l.down
	}
	errs := make([]error, len(entries))
	for i, e := range entries {
		if l.fail != nil {
			errs[i] = l.fail(e)
		}
	}
	return errs, nil
}

func TestRequestsThatArriveDuringACommitShareTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{gate: make(chan struct{}), fail: func(e *store.Entry) error {
			if e.Audit.Action == "refused" {
				return store.ErrProofUsed
			}
			return nil
		}}

		w := audit.NewWriter(l)
		const many = 50
		results := make(chan error, many)
		for i := range many {
			e := &store.Entry{Audit: store.AuditRecord{Action: "granted"}}
			if i%10 == 0 {
				e.Audit.Action = "refused"
			}
			go func() { results <- w.Write(t.Context(), e) }()
			if i == 0 {
				synctest.Wait() // until its commit has started
			}
		}

		synctest.Wait() // until all others wait for that commit
		close(l.gate)
		refused := 0
		for range many {
			switch err := <-results; {
			case errors.Is(err, store.ErrProofUsed):
				refused++
			case err != nil:
				t.Error(err)
			}
		}

		if refused != many/10 {
			t.Errorf("got %d refused entries, want %d", refused, many/10)
		}

		if !slices.Equal(l.groups, []int{1, many - 1}) {
			t.Errorf("got commits of %v entries, want 1 and the rest", l.groups)
		}
	})
}

func TestAFailingLedgerIsAFailureForEveryoneAndThenForgotten(t *testing.T) {
	l := &ledger{gate: make(chan struct{}), down: errors.New("disk full")}
	close(l.gate)
	w := audit.NewWriter(l)
	var failed *audit.FailedError
	if err := w.Write(t.Context(), &store.Entry{}); !errors.As(err, &failed) || !errors.Is(err, l.down) {
		t.Errorf("Write with a failing ledger: got error %v, want a FailedError with its error", err)
	}
	l.mu.Lock()
	l.down, l.panics = nil, true
	l.mu.Unlock()
	if err := w.Write(t.Context(), &store.Entry{}); !errors.As(err, &failed) {
		t.Errorf("Write with a panicking ledger: got error %v, want a FailedError", err)
	}
	l.mu.Lock()
	l.panics = false
	l.mu.Unlock()
	if err := w.Write(t.Context(), &store.Entry{}); err != nil {
		t.Errorf("Write after the ledger's recovery: %v", err)
	}
}

func TestWhoeverGoesAwayGetsNoAnswer(t *testing.T) {
	l := &ledger{gate: make(chan struct{})}
	w := audit.NewWriter(l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var failed *audit.FailedError
	if err := w.Write(ctx, &store.Entry{}); !errors.As(err, &failed) || !errors.Is(err, context.Canceled) {
		t.Errorf("Write with a cancelled context: got error %v, want a FailedError with context.Canceled", err)
	}
	close(l.gate)
	if err := w.Write(t.Context(), &store.Entry{}); err != nil {
		t.Error(err)
	}
}

// TestWhatACallerGaveUpIsCommittedBeforeTheAuditSettles checks that Flush waits for entries whose callers have given
// up, because a stopping hub signs its last checkpoint after it.
func TestWhatACallerGaveUpIsCommittedBeforeTheAuditSettles(t *testing.T) {
	l := &ledger{gate: make(chan struct{})}
	w := audit.NewWriter(l)
	if err := w.Flush(t.Context()); err != nil {
		t.Errorf("Settle without entries: %v", err)
	}

	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := w.Write(gone, &store.Entry{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Write with a cancelled context: got error %v, want context.Canceled", err)
	}

	if err := w.Flush(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("Settle during a commit: got error %v, want context.Canceled", err)
	}

	close(l.gate)
	if err := w.Flush(t.Context()); err != nil {
		t.Error(err)
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.groups) != 1 {
		t.Errorf("got %d commits when Settle returned, want 1", len(l.groups))
	}
}
