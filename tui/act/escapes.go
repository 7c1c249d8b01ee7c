package act

import (
	"time"
)

// EscTimeout is how long the Esc key is held back, after the 50 ms that Bubble Tea holds it back: until it is known not
// to be the first byte of another key, whose rest a slow line brings later. Long enough for a line that stutters, short
// enough for a person.
const EscTimeout = 200 * time.Millisecond

const Esc = 0x1b

// EscDue is the end of the wait for what follows an ESC; n is its number.
type EscDue struct{ N int }

// Escapes knows an ESC that is the Esc key from one that a slow line has torn off the sequence of another key.
type Escapes struct {
	Sequence Sequence
	Held     int // the number of the ESC that is held back; 0 for none
	last     int
}

// Feed takes the next rune. esc reports that the ESC that was held back is the Esc key, which comes before the rune;
// taken reports that the rune belongs to a sequence, or is an ESC that is held back now.
func (e *Escapes) Feed(r rune, now time.Time) (esc, taken bool) {
	held := e.Held != 0
	e.Held = 0
	taken = e.Sequence.Takes(r, now)
	if r == Esc {
		e.last++
		e.Held = e.last
		return held, true
	}
	return held && !taken, taken
}

// Key takes another key, which is no part of a sequence, and reports whether the Esc key comes before it.
func (e *Escapes) Key() (esc bool) {
	esc = e.Held != 0
	e.Held = 0
	e.Sequence.Reset()
	return esc
}

// Due reports whether the ESC with that number is the Esc key, as nothing followed it.
func (e *Escapes) Due(n int) bool {
	if n == 0 || n != e.Held {
		return false
	}
	e.Held = 0
	return true
}
