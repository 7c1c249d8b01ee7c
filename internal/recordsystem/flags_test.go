package recordsystem_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"wardlight/internal/lab/record"
	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/internal/sealed"
)

func TestAFlagIsSetAndNothingStaysBehind(t *testing.T) {
	s := newSite(t)
	f := s.terminal(0)
	if a := f.Set(t.Context(), flagTimeout(tess)); a.Err != nil || a.Existed || a.StoredIn != recordsystem.NotStored ||
		!a.At.Equal(now()) {
		t.Errorf("Set = %+v, want a new flag at %s that isn't stored", a, now())
	}
	s.expectFlags(tess)
	expectPending(t, f.Pending(t.Context()), recordsystem.OnDisk)
	if _, err := os.Stat(filepath.Join(s.folder, "flags.age")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat of the file of pending flags = %v, want fs.ErrNotExist", err)
	}
}

func TestASecondTerminalMakesNoSecondFlag(t *testing.T) {
	s := newSite(t)
	if a := s.terminal(0).Set(t.Context(), flagTimeout(tess)); a.Err != nil {
		t.Fatal(a.Err)
	}
	other := flagTimeout(tess)
	other.Author.UUID, other.AsOf = "555000000222", now()
	if a := s.terminal(0).Set(t.Context(), other); a.Err != nil || !a.Existed {
		t.Errorf("Set = %+v, want Already", a)
	}
	s.expectFlags(tess)
}

// A flag is received exactly once, whatever failure occurs, even if the program was killed and restarted.
func TestAFlagIsReceivedOnceAcrossAFailureAndARetry(t *testing.T) {
	for name, c := range map[string]struct {
		faults  []record.Fault
		timeout time.Duration
		kind    recordsystem.Kind
		stored  bool // the record system stored it before the retry
	}{
		"the connection breaks before": {
			faults: []record.Fault{record.CutBefore},
			kind:   recordsystem.Unreachable,
		},
		"the connection breaks after it was stored": {
			faults: []record.Fault{record.CutAfter},
			kind:   recordsystem.Unreachable, stored: true,
		},
		"it is down": {faults: []record.Fault{record.Down}, kind: recordsystem.Failing},
		"no answer comes": {
			faults: []record.Fault{record.Hang}, timeout: 300 * time.Millisecond,
			kind: recordsystem.TimedOut, stored: true,
		},
		"it refuses":           {faults: []record.Fault{record.Refuse}, kind: recordsystem.Refused},
		"the address is wrong": {faults: []record.Fault{record.NoSuch}, kind: recordsystem.WrongAddress},
		"it breaks twice, stored at the first time": {
			faults: []record.Fault{record.CutAfter, record.CutAfter},
			kind:   recordsystem.Unreachable, stored: true,
		},
		"it sends the caller elsewhere with the flag": {
			faults: []record.Fault{record.Redirect},
			kind:   recordsystem.WrongAddress,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.records.Fail(c.faults...)
			a := s.terminal(c.timeout).Set(t.Context(), flagTimeout(tess))
			if recordsystem.KindOf(a.Err) != c.kind || a.Err == nil || a.StoredIn != recordsystem.OnDisk {
				t.Fatalf("Set = %+v, want error kind %v and the flag on disk", a, c.kind)
			}

			if stored := len(s.records.Flags()) == 1; stored != c.stored {
				t.Fatalf("flag stored by the record system: %v, want %v", stored, c.stored)
			}

			f := s.terminal(0) // like a program that was restarted after a kill
			w := f.Pending(t.Context())
			expectPending(t, w, recordsystem.OnDisk, tess)
			if k := w.Flags[0]; k.Reason == "" || k.Code == "" || k.Flag.Author != flagTimeout(tess).Author ||
				!k.Flag.AsOf.Equal(flagTimeout(tess).AsOf) {
				t.Errorf("pending flag = %+v, want the flag with a reason and a code", k)
			}

			for range c.faults[1:] {
				expectPending(t, f.Retry(t.Context()), recordsystem.OnDisk, tess)
			}

			expectPending(t, f.Retry(t.Context()), recordsystem.OnDisk)
			s.expectFlags(tess)
			expectPending(t, s.terminal(0).Pending(t.Context()), recordsystem.OnDisk)
		})
	}
}

func TestAFlagIsKeptBeforeItIsSent(t *testing.T) {
	s := newSite(t)
	s.records.Fail(record.Hang)
	ctx, kill := context.WithCancel(t.Context())
	f := s.terminal(time.Minute)
	done := make(chan recordsystem.Result, 1)
	go func() { done <- f.Set(ctx, flagTimeout(tess)) }()
	s.until("the flag", func() bool { return len(s.records.Flags()) == 1 })

	// Another program sees the flag while the first one is still waiting for its response, because it was stored
	// before it was sent.
	w := s.terminal(0).Pending(t.Context())
	expectPending(t, w, recordsystem.OnDisk, tess)
	if w.Flags[0].Reason != "" {
		t.Errorf("reason = %q before there was a response, want none", w.Flags[0].Reason)
	}

	expectPending(t, s.terminal(0).Retry(t.Context()), recordsystem.OnDisk)
	s.expectFlags(tess)
	kill()
	if a := <-done; a.Err == nil {
		t.Error("Set succeeded although its context was cancelled, want error")
	}
}

func TestWithoutAKeyringAFailedFlagStaysInMemoryAndSaysSo(t *testing.T) {
	s := newSite(t)
	s.memory.Fail(keyring.ErrUnsupportedPlatform)
	s.records.Fail(record.Down)
	f := s.terminal(0)
	if a := f.Set(t.Context(), flagTimeout(tess)); a.Err == nil || a.StoredIn != recordsystem.InMemory ||
		sealed.KindOf(a.StoreErr) != sealed.NoKeyring {
		t.Errorf("Set = %+v, want an error and the flag in memory", a)
	}
	w := f.Pending(t.Context())
	expectPending(t, w, recordsystem.InMemory, tess)
	if w.InMemory() != 1 {
		t.Errorf("InMemory = %d, want 1", w.InMemory())
	}
	expectPending(t, f.Retry(t.Context()), recordsystem.InMemory)
	s.expectFlags(tess)
}

func TestAFullDiskIsNotSaidToBeAMissingKeyring(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	s := newSite(t)
	s.records.Fail(record.Down)
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", filepath.Join(s.folder, "flags.age.new")); err != nil {
		t.Fatal(err)
	}
	a := s.terminal(0).Set(t.Context(), flagTimeout(tess))
	if a.StoredIn != recordsystem.InMemory || sealed.KindOf(a.StoreErr) != sealed.Disk ||
		!errors.Is(a.StoreErr, syscall.ENOSPC) {
		t.Errorf("Set = %+v, %v, want the flag in memory because the disk is full", a, a.StoreErr)
	}
}

func TestAKeyringThatComesBackTakesWhatIsInMemory(t *testing.T) {
	s := newSite(t)
	f := s.terminal(0)
	s.memory.Fail(keyring.ErrUnsupportedPlatform)
	s.records.Fail(record.Down, record.Down)
	f.Set(t.Context(), flagTimeout(tess))
	s.memory.Fail(nil)
	f.Set(t.Context(), flagTimeout(sam))
	expectPending(t, s.terminal(0).Pending(t.Context()), recordsystem.OnDisk, tess, sam)
	expectPending(t, f.Pending(t.Context()), recordsystem.OnDisk, tess, sam)
}

func TestTheSamePatientWaitsOnce(t *testing.T) {
	s := newSite(t)
	s.records.Fail(record.Down, record.Down)
	f := s.terminal(0)
	f.Set(t.Context(), flagTimeout(tess))
	f.Set(t.Context(), flagTimeout(tess))
	expectPending(t, f.Pending(t.Context()), recordsystem.OnDisk, tess)
}

func TestARetryStopsWhereTheNextWouldFailTooAndGoesOnWhereItWouldNot(t *testing.T) {
	s := newSite(t)
	s.records.Fail(record.Down, record.Down, record.Down)
	f := s.terminal(0)
	for _, n := range []nhs.Number{tess, sam} {
		f.Set(t.Context(), flagTimeout(n))
	}
	before := s.records.Calls()
	expectPending(t, f.Retry(t.Context()), recordsystem.OnDisk, tess, sam)
	if n := s.records.Calls() - before; n != 1 {
		t.Errorf("Retry sent %d requests to a system that is down, want 1", n)
	}
	s.records.Fail(record.Refuse)
	expectPending(t, f.Retry(t.Context()), recordsystem.OnDisk, tess)
	s.expectFlags(sam)
}

func TestManyTerminalsAtOnceLoseNoFlag(t *testing.T) {
	s := newSite(t)
	numbers := []nhs.Number{"9990000018", "9990000026", "9990000034", "9990000042"}
	for range numbers {
		s.records.Fail(record.Down)
	}
	var all sync.WaitGroup
	for _, n := range numbers {
		f := s.terminal(0)
		all.Go(func() { f.Set(context.Background(), flagTimeout(n)) })
	}
	all.Wait()
	if w := s.terminal(0).Pending(t.Context()); len(w.Flags) != len(numbers) || w.Err != nil {
		t.Errorf("got %d pending flags, error %v, want %d", len(w.Flags), w.Err, len(numbers))
	}
	if w := s.terminal(0).Retry(t.Context()); len(w.Flags) != 0 {
		t.Errorf("Retry left %d flags, want none", len(w.Flags))
	}
	s.expectFlags(numbers...)
}

func TestAFlagThatIsNotToBeWrittenAnyMoreIsForgotten(t *testing.T) {
	s := newSite(t)
	s.records.Fail(record.Down)
	f := s.terminal(0)
	f.Set(t.Context(), flagTimeout(tess))
	id := f.Pending(t.Context()).Flags[0].ID
	if found, err := f.Forget(t.Context(), "another"); found || err != nil {
		t.Errorf("Forget of an unknown ID = %v, %v, want false", found, err)
	}
	if found, err := f.Forget(t.Context(), id); !found || err != nil {
		t.Errorf("Forget(%q) = %v, %v, want true", id, found, err)
	}
	expectPending(t, f.Retry(t.Context()), recordsystem.OnDisk)
	s.expectFlags()
}

func TestWhatCannotBeReadIsToldAndSetAsideOnlyWhenAskedFor(t *testing.T) {
	s := newSite(t)
	s.records.Fail(record.Down, record.Down)
	s.terminal(0).Set(t.Context(), flagTimeout(tess))
	path := filepath.Join(s.folder, "flags.age")
	if err := os.WriteFile(path, []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}

	f := s.terminal(0)
	if w := f.Pending(t.Context()); sealed.KindOf(w.Err) != sealed.Damaged {
		t.Errorf("Waiting error = %v, want kind Damaged", w.Err)
	}

	if a := f.Set(t.Context(), flagTimeout(sam)); a.StoredIn != recordsystem.InMemory ||
		sealed.KindOf(a.StoreErr) != sealed.Damaged {
		t.Errorf("Set = %+v, want the flag in memory because the file is damaged", a)
	}

	if b, err := os.ReadFile(path); err != nil || string(b) != "changed" {
		t.Errorf("file = %q, %v, want it unchanged", b, err)
	}

	if aside, err := f.SetAside(t.Context()); err != nil || aside == "" {
		t.Errorf("SetAside = %q, %v, want a path", aside, err)
	}

	expectPending(t, f.Pending(t.Context()), recordsystem.InMemory, sam)
	if aside, err := f.SetAside(t.Context()); err != nil || aside != "" {
		t.Errorf("second SetAside = %q, %v, want an empty path", aside, err)
	}
}

func TestTheEndOfTheProgramWaitsForAFlagThatIsBeingWritten(t *testing.T) {
	s := newSite(t)
	f := s.terminal(0)
	all := make(chan recordsystem.Result, 1)
	go func() { all <- f.Set(context.WithoutCancel(t.Context()), flagTimeout(tess)) }()
	if a := <-all; a.Err != nil {
		t.Fatal(a.Err)
	}
	f.Wait(t.Context())
	s.expectFlags(tess)
}
