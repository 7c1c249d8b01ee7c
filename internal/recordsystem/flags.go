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
	system *System
	place  string
	book   book
	clock  func() time.Time
	newID  func() string

	under sync.WaitGroup // counts calls that are writing
}

// NewFlags returns a Flags for the system, whose display name is place. Flags that cannot be written are stored in
// file; if it is nil, in memory only.
func NewFlags(system *System, place string, file File, clock func() time.Time, newID func() string) *Flags {
	return &Flags{system: system, place: place, book: book{file: file}, clock: clock, newID: newID}
}

// Place returns the display name of the record system: "Example ED records".
func (f *Flags) Place() string { return f.place }

// Set writes a flag. It stores the flag before it sends it, so that the flag isn't lost if the program or the computer
// stops, and removes it once it is written. Retries don't create a second flag in the record system.
func (f *Flags) Set(ctx context.Context, flag Flag) Answer {
	f.under.Add(1)
	defer f.under.Done()
	kept, unkept := f.book.keep(ctx, Kept{ID: f.newID(), Flag: flag, Since: f.clock(), Place: InMemory})
	a := f.write(ctx, flag)
	switch {
	case a.Err == nil:
	case mayYetBeWritten(a.Err):
		f.book.failed(ctx, flag.Number, kept, a.Err)
		a.Kept, a.Unkept = kept, unkept
		return a
	}
	_ = f.book.drop(ctx, kept, isOf(flag)) // on an error, the next retry finds the flag in the record system
	return a
}

func (f *Flags) write(ctx context.Context, flag Flag) Answer {
	already, err := f.system.Create(ctx, flag)
	return Answer{Already: already, At: f.clock(), Err: err}
}

func isOf(flag Flag) func(Kept) bool {
	return func(k Kept) bool { return k.Flag.Number == flag.Number }
}

// Waiting returns the pending flags. It doesn't access the keyring if there is no file on disk.
func (f *Flags) Waiting(ctx context.Context) Waiting { return f.book.all(ctx) }

// Retry writes the pending flags, oldest first, and returns those that are left. It stops at an error that would also
// occur for the next flag.
func (f *Flags) Retry(ctx context.Context) Waiting {
	f.under.Add(1)
	defer f.under.Done()
	for _, k := range f.book.all(ctx).Flags {
		a := f.write(ctx, k.Flag)
		if a.Err == nil {
			_ = f.book.drop(ctx, k.Place, isOf(k.Flag))
			continue
		}
		f.book.failed(ctx, k.Flag.Number, k.Place, a.Err)
		if stopsAll(a.Err) || ctx.Err() != nil {
			break
		}
	}
	return f.book.all(ctx)
}

// Forget removes a pending flag and reports whether it existed. Errors are *sealed.Error.
func (f *Flags) Forget(ctx context.Context, id string) (bool, error) {
	for _, k := range f.book.all(ctx).Flags {
		if k.ID == id {
			return true, f.book.drop(ctx, k.Place, func(k Kept) bool { return k.ID == id })
		}
	}
	return false, nil
}

// SetAside renames an unreadable file of pending flags and returns its new path. If the file can be read, it returns
// "". Errors are *sealed.Error.
func (f *Flags) SetAside(ctx context.Context) (string, error) {
	w := f.Waiting(ctx)
	if w.Err == nil || f.book.file == nil || !sealed.Unreadable(w.Err) {
		return "", w.Err
	}
	return f.book.file.SetAside(ctx)
}

// Wait returns when no call is writing any more, or when ctx is done.
func (f *Flags) Wait(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		f.under.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
