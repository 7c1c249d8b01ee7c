package tui

import (
	"context"

	"wardlight/internal/recordsystem"
)

// Flags is the site's own record system, in which a flag says that there is an alert, and what could not be written there yet. Its
// methods may be called from any goroutine.
type Flags interface {
	// Place is the record system in words: "Example ED records".
	Place() string
	// Set writes a flag once, however often it is called, and keeps one that could not be written.
	Set(ctx context.Context, f recordsystem.Flag) recordsystem.Answer
	// Waiting is what is not yet written.
	Waiting(ctx context.Context) recordsystem.Waiting
	// Retry writes what is not yet written, and gives what is left.
	Retry(ctx context.Context) recordsystem.Waiting
	// Forget drops one that is not to be written any more, and reports whether there was one.
	Forget(ctx context.Context, id string) (bool, error)
}

// flagBoard is what every screen may know of the record system: how much waits, and nothing of whom.
type flagBoard struct {
	place    string // "" where no record system is set
	waiting  int
	inMemory int   // of those that wait
	err      error // why what was kept cannot be read
}

// see takes in what waits.
func (b *flagBoard) see(w recordsystem.Waiting) {
	b.waiting, b.inMemory, b.err = len(w.Flags), w.InMemory(), w.Err
}

// forget goes with the session. How many are in memory alone is not forgotten: they are lost at the program's end, whoever ends it.
func (b *flagBoard) forget() { *b = flagBoard{place: b.place, inMemory: b.inMemory} }

// flagsCall is a question to the record system that is answered with what waits.
type flagsCall = func(context.Context) recordsystem.Waiting
