package tui

import (
	"context"

	"wardlight/internal/recordsystem"
)

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
