package act

import (
	"time"
)

// EscTimeout is how long the Esc key is delayed, after the 50 ms by which Bubble Tea delays it: on a slow line ESC may
// be the first byte of another key, whose other bytes arrive later. It is a compromise between slow lines and quick
// users.
const EscTimeout = 200 * time.Millisecond

const Esc = 0x1b

// EscDue is the end of the wait after an ESC. N is the number of that ESC.
type EscDue struct{ N int }

// Escapes tells the Esc key from the ESC of a key sequence that a slow line has split.
type Escapes struct {
	Sequence Sequence
	Pending  int // number of the ESC that is delayed; 0 for none
	last     int
}

// Feed handles the next rune. esc reports whether the delayed ESC is the Esc key, which then precedes r. taken reports
// whether r is part of a sequence, or an ESC that is now delayed.
func (e *Escapes) Feed(r rune, now time.Time) (esc, taken bool) {
	stored := e.Pending != 0
	e.Pending = 0
	taken = e.Sequence.Consume(r, now)
	if r == Esc {
		e.last++
		e.Pending = e.last
		return stored, true
	}
	return stored && !taken, taken
}

// Key handles another key, which is not part of a sequence. It reports whether the delayed ESC is the Esc key, which
// then precedes it.
func (e *Escapes) Key() (esc bool) {
	esc = e.Pending != 0
	e.Pending = 0
	e.Sequence.Reset()
	return esc
}

// Due reports whether ESC number n is the Esc key, because nothing followed it.
func (e *Escapes) Due(n int) bool {
	if n == 0 || n != e.Pending {
		return false
	}
	e.Pending = 0
	return true
}
