package recordsystem

import (
	"context"
	"sync"
	"time"

	"wardlight/internal/sealed"
)

// Flags sets flags in a record system, and stores those that could not be written until a retry succeeds. Its methods
// are safe for concurrent use.
type Flags struct {
	system  *System
	name    string
	pending pendingStore
	clock   func() time.Time
	newID   func() string

	writing sync.WaitGroup // counts calls that are writing
}

// NewFlags returns a Flags for the system, whose display name is place. Flags that cannot be written are stored in
// file; if it is nil, in memory only.
func NewFlags(system *System, place string, file File, clock func() time.Time, newID func() string) *Flags {
	return &Flags{system: system, name: place, pending: pendingStore{file: file}, clock: clock, newID: newID}
}

// Name returns the display name of the record system: "Example ED records".
func (f *Flags) Name() string { return f.name }

// Set writes a flag. It stores the flag before it sends it, so that the flag isn't lost if the program or the computer
// stops, and removes it once it is written. Retries don't create a second flag in the record system.
func (f *Flags) Set(ctx context.Context, flag Flag) Result {
	f.writing.Add(1)
	defer f.writing.Done()
	saved, unkept := f.pending.save(ctx, PendingFlag{ID: f.newID(), Flag: flag, Since: f.clock(), Storage: InMemory})
	a := f.write(ctx, flag)
	switch {
	case a.Err == nil:
	case canRetry(a.Err):
		f.pending.failed(ctx, flag.Number, saved, a.Err)
		a.StoredIn, a.StoreErr = saved, unkept
		return a
	}
	_ = f.pending.drop(ctx, saved, isOf(flag)) // on an error, the next retry finds the flag in the record system
	return a
}

func (f *Flags) write(ctx context.Context, flag Flag) Result {
	already, err := f.system.Create(ctx, flag)
	return Result{Existed: already, At: f.clock(), Err: err}
}

func isOf(flag Flag) func(PendingFlag) bool {
	return func(k PendingFlag) bool { return k.Flag.Number == flag.Number }
}

// Pending returns the pending flags. It doesn't access the keyring if there is no file on disk.
func (f *Flags) Pending(ctx context.Context) PendingFlags { return f.pending.all(ctx) }

// Retry writes the pending flags, oldest first, and returns those that are left. It stops at an error that would also
// occur for the next flag.
func (f *Flags) Retry(ctx context.Context) PendingFlags {
	f.writing.Add(1)
	defer f.writing.Done()
	for _, k := range f.pending.all(ctx).Flags {
		a := f.write(ctx, k.Flag)
		if a.Err == nil {
			_ = f.pending.drop(ctx, k.Storage, isOf(k.Flag))
			continue
		}
		f.pending.failed(ctx, k.Flag.Number, k.Storage, a.Err)
		if failsForAll(a.Err) || ctx.Err() != nil {
			break
		}
	}
	return f.pending.all(ctx)
}

// Forget removes a pending flag and reports whether it existed. Errors are *sealed.Error.
func (f *Flags) Forget(ctx context.Context, id string) (bool, error) {
	for _, k := range f.pending.all(ctx).Flags {
		if k.ID == id {
			return true, f.pending.drop(ctx, k.Storage, func(k PendingFlag) bool { return k.ID == id })
		}
	}
	return false, nil
}

// RenameUnreadable renames an unreadable file of pending flags and returns its new path. If the file can be read, it
// returns "". Errors are *sealed.Error.
func (f *Flags) SetAside(ctx context.Context) (string, error) {
	w := f.Pending(ctx)
	if w.Err == nil || f.pending.file == nil || !sealed.Unreadable(w.Err) {
		return "", w.Err
	}
	return f.pending.file.RenameUnreadable(ctx)
}

// Wait returns when no call is writing any more, or when ctx is done.
func (f *Flags) Wait(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		f.writing.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
