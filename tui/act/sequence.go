package act

import "time"

// Bytes of a terminal's keys.
const (
	escape = 0x1b
	del    = 0x7f
)

// tornFor is how long the rest of an escape sequence is waited for. A slow line can tear one apart; nobody types the
// next key of a sequence by hand, as none of them is a command.
const tornFor = time.Second

// Sequence is how far one has come of what a terminal sends for an arrow or another key that writes nothing: ESC [ 1 ~,
// ESC O P (ECMA-48, xterm), or ESC [ [ A on the Linux console. The zero value is outside of any.
type Sequence struct {
	state sequenceState
	at    time.Time // when its last byte came
	paste int       // how many of its parameters are those of pasteBegins; -1 once one is not
}

// pasteBegins are the parameters of the sequence that begins a paste (xterm, mode 2004).
const pasteBegins = "200"

type sequenceState int

const (
	outside    sequenceState = iota
	escaped                  // after ESC
	opened                   // after ESC [
	parameters               // after ESC [ 1
	final                    // after ESC O, or ESC [ [
)

// Takes reports whether the rune belongs to a sequence, of which ESC is the first. now is when it came; a caller
// without a clock passes the zero value each time, and then waits for the rest without end.
func (s *Sequence) Takes(r rune, now time.Time) bool {
	if now.Sub(s.at) > tornFor {
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
	case s.state == final && r >= '0' && r <= '9': // a modifier
	case s.state > escaped && r >= '@' && r < del:
		s.state = outside
	default:
		s.state = outside
		return false
	}
	return true
}

// Begun reports whether more of a sequence is waited for.
func (s *Sequence) Begun() bool { return s.state != outside }

// Escaped reports whether nothing but ESC came, which may be the key of that name.
func (s *Sequence) Escaped() bool { return s.state == escaped }

// Pastes reports whether the sequence that has just ended begins a paste.
func (s *Sequence) Pastes() bool { return s.state == outside && s.paste == len(pasteBegins) }

// Reset leaves the sequence.
func (s *Sequence) Reset() { s.state, s.paste = outside, 0 }
