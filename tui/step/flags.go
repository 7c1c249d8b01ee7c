package step

import (
	"context"

	"wardlight/internal/recordsystem"
	"wardlight/tui/ask"
)

// FlagsReply is the pending flags, and the operation that preceded the request for them.
type FlagsReply struct {
	recordsystem.PendingFlags
	Retried bool // pending flags were written
	Removed bool // a flag was removed
}

// FlagStatus is what all screens may show about flags: how many are pending, but not of which patients.
type FlagStatus struct {
	Place    string // name of the record system; "" if there is none
	Waiting  int
	InMemory int   // pending flags that are not stored
	Err      error // why the stored flags can't be read

	Asked ask.Request[FlagsReply] // the request for the pending flags, or to write them
}

// Update updates the board with the pending flags.
func (b *FlagStatus) Update(w recordsystem.PendingFlags) {
	b.Waiting, b.InMemory, b.Err = len(w.Flags), w.InMemory(), w.Err
}

// Reset resets the board at the end of a session, except for InMemory: these flags will be lost when the program
// ends, whoever ends it.
func (b *FlagStatus) Reset() {
	b.Asked.Drop()
	*b = FlagStatus{Place: b.Place, InMemory: b.InMemory}
}

// FlagsCall is a call to the record system that returns the pending flags.
type FlagsCall = func(context.Context) recordsystem.PendingFlags
