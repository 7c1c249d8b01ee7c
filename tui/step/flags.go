package step

import (
	"context"

	"wardlight/internal/recordsystem"
	"wardlight/tui/ask"
)

// Waited is the pending flags, and the operation that preceded the request for them.
type Waited struct {
	recordsystem.Waiting
	Retried bool // pending flags were written
	Removed bool // a flag was removed
}

// FlagBoard is what all screens may show about flags: how many are pending, but not of which patients.
type FlagBoard struct {
	Place    string // name of the record system; "" if there is none
	Waiting  int
	InMemory int   // pending flags that are not stored
	Err      error // why the stored flags can't be read

	Asked ask.Question[Waited] // the request for the pending flags, or to write them
}

// See updates the board with the pending flags.
func (b *FlagBoard) See(w recordsystem.Waiting) {
	b.Waiting, b.InMemory, b.Err = len(w.Flags), w.InMemory(), w.Err
}

// Forget resets the board at the end of a session, except for InMemory: these flags will be lost when the program
// ends, whoever ends it.
func (b *FlagBoard) Forget() {
	b.Asked.Drop()
	*b = FlagBoard{Place: b.Place, InMemory: b.InMemory}
}

// FlagsCall is a call to the record system that returns the pending flags.
type FlagsCall = func(context.Context) recordsystem.Waiting
