package recordsystem

import (
	"context"
	"sync"
	"time"

	"wardlight/internal/sealed"
)

// Flags sets flags in a record system, and keeps those that could not be written. Its methods may be called from any
// goroutine.
type Flags struct {
	system *System
	place  string
	book   book
	clock  func() time.Time
	newID  func() string

	under sync.WaitGroup // what is being written
}

// NewFlags sets flags in the system, which is called place in words. Those that cannot be written are kept in file;
// nil keeps them in memory alone.
func NewFlags(system *System, place string, file File, clock func() time.Time, newID func() string) *Flags {
	return &Flags{system: system, place: place, book: book{file: file}, clock: clock, newID: newID}
}

// Place returns the record system in words: "Example ED records".
func (f *Flags) Place() string { return f.place }

// Set writes a flag. It is kept before it is sent, so that a program or a computer that stops on the way forgets
// none; once it is written, it is kept no more. It is written once, whatever is tried again.
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
	_ = f.book.drop(ctx, kept, isOf(flag)) // what stays behind is found to be there already when it is tried again
	return a
}

func (f *Flags) write(ctx context.Context, flag Flag) Answer {
	already, err := f.system.Create(ctx, flag)
	return Answer{Already: already, At: f.clock(), Err: err}
}

func isOf(flag Flag) func(Kept) bool {
	return func(k Kept) bool { return k.Flag.Number == flag.Number }
}

// Waiting returns what is not yet written. With nothing on the disk it asks no keyring.
func (f *Flags) Waiting(ctx context.Context) Waiting { return f.book.all(ctx) }

// Retry writes what is not yet written, the oldest first, and gives what is left. It stops at a failure that the next
// flag would meet, too.
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

// Forget drops a flag that is not to be written any more, and reports whether there was one. Errors are *sealed.Error.
func (f *Flags) Forget(ctx context.Context, id string) (bool, error) {
	for _, k := range f.book.all(ctx).Flags {
		if k.ID == id {
			return true, f.book.drop(ctx, k.Place, func(k Kept) bool { return k.ID == id })
		}
	}
	return false, nil
}

// SetAside returns what was kept and cannot be read another name, and returns its path; "" when all can be read.
// Errors are *sealed.Error.
func (f *Flags) SetAside(ctx context.Context) (string, error) {
	w := f.Waiting(ctx)
	if w.Err == nil || f.book.file == nil || !sealed.Unreadable(w.Err) {
		return "", w.Err
	}
	return f.book.file.SetAside(ctx)
}

// Wait waits until nothing is being written any more, or ctx ends.
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
