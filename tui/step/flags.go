package step

import (
	"context"

	"wardlight/internal/recordsystem"
	"wardlight/tui/ask"
)

// Waited is what waits to be written into the record system, and what was done before that was looked at.
type Waited struct {
	recordsystem.Waiting
	Retried bool // those that waited were written
	Removed bool // one was removed
}

// FlagBoard is what every screen may know of the record system: how much waits, and nothing of whom.
type FlagBoard struct {
	Place    string // "" where no record system is set
	Waiting  int
	InMemory int   // of those that wait
	Err      error // why what was kept cannot be read

	Asked ask.Question[Waited] // for what waits, or for it to be written
}

// See takes in what waits.
func (b *FlagBoard) See(w recordsystem.Waiting) {
	b.Waiting, b.InMemory, b.Err = len(w.Flags), w.InMemory(), w.Err
}

// Forget goes with the session. How many are in memory alone is not forgotten: they are lost at the program's end,
// whoever ends it.
func (b *FlagBoard) Forget() {
	b.Asked.Drop()
	*b = FlagBoard{Place: b.Place, InMemory: b.InMemory}
}

// FlagsCall is a question to the record system that is answered with what waits.
type FlagsCall = func(context.Context) recordsystem.Waiting
