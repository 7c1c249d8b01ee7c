package act

import "time"

// Bytes in the sequences of keys.
const (
	escape = 0x1b
	del    = 0x7f
)

// sequenceTimeout is how long to wait for the rest of a split escape sequence. Users don't type such bytes themselves
// in that time, because none of them is a command.
const sequenceTimeout = time.Second

// Sequence is the state of reading the escape sequence of a key: ESC [ 1 ~ or ESC O P (ECMA-48, xterm), or ESC [ [ A
// on the Linux console. The zero value is outside of any sequence.
type Sequence struct {
	state sequenceState
	at    time.Time // time of its last byte
	paste int       // number of its parameters that match pasteBegins; -1 after a mismatch
}

// pasteBegins is the parameter of the sequence that starts a paste (xterm, mode 2004).
const pasteBegins = "200"

type sequenceState int

const (
	outside    sequenceState = iota
	escaped                  // after ESC
	opened                   // after ESC [
	parameters               // after ESC [ 1
	final                    // after ESC O, or ESC [ [
)

// Consume reports whether r is part of an escape sequence, including its ESC. now is its time. With the zero value
// there is no timeout for the rest of a sequence.
func (s *Sequence) Consume(r rune, now time.Time) bool {
	if now.Sub(s.at) > sequenceTimeout {
		s.state = outside
	}

	s.at = now
	switch {
	case r == escape:
		s.state, s.paste = escaped, 0
	case s.state == escaped && r == '[':
		s.state = opened
	case s.state == escaped && r == 'O', s.state == opened && r == '[':
		s.state = final
	case (s.state == opened || s.state == parameters) && r >= ' ' && r < '@':
		s.state = parameters
		if s.paste >= 0 && s.paste < len(pasteBegins) && r == rune(pasteBegins[s.paste]) {
			s.paste++
		} else {
			s.paste = -1
		}
	case s.state == final && r >= '0' && r <= '9': // the code of a modifier key
	case s.state > escaped && r >= '@' && r < del:
		s.state = outside
	default:
		s.state = outside
		return false
	}

	return true
}

// Incomplete reports whether a sequence is incomplete.
func (s *Sequence) Incomplete() bool { return s.state != outside }

// Escaped reports whether only ESC was read, which may be the Esc key.
func (s *Sequence) Escaped() bool { return s.state == escaped }

// StartsPaste reports whether the sequence that was just read starts a paste.
func (s *Sequence) StartsPaste() bool { return s.state == outside && s.paste == len(pasteBegins) }

// Reset ends the sequence.
func (s *Sequence) Reset() { s.state, s.paste = outside, 0 }
