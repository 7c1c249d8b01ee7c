package cardreader

import (
	"errors"
	"fmt"
	"log/slog"
)

// MaxPasscode is the maximum length of a Passcode in bytes. PIV allows 8; vendors' software may allow more.
const MaxPasscode = 64

// Passcode is a passcode that the user typed. It is stored in one array, which Wipe overwrites. It cannot be printed,
// logged or marshalled. It must be passed by pointer, because Wipe doesn't overwrite copies. The zero value is empty
// and ready to use.
type Passcode struct {
	_   noCopy
	buf [MaxPasscode]byte
	n   int
}

// noCopy makes go vet's copylocks check report copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// Append appends a byte and reports whether there was room.
func (p *Passcode) Append(b byte) bool {
	if p.n == len(p.buf) {
		return false
	}
	p.buf[p.n] = b
	p.n++
	return true
}

// Backspace removes the last byte, if any.
func (p *Passcode) Backspace() {
	if p.n > 0 {
		p.n--
		p.buf[p.n] = 0
	}
}

// Len returns the number of bytes typed.
func (p *Passcode) Len() int { return p.n }

// Bytes returns the passcode as a slice of the array. Wipe zeroes it, and it must not be retained.
func (p *Passcode) Bytes() []byte { return p.buf[:p.n:p.n] }

// Wipe overwrites the passcode.
func (p *Passcode) Wipe() {
	clear(p.buf[:])
	p.n = 0
}

// MoveTo moves the passcode to dst and wipes p. It is for passing a passcode to another goroutine.
func (p *Passcode) MoveTo(dst *Passcode) {
	dst.Wipe()
	dst.n = copy(dst.buf[:], p.Bytes())
	p.Wipe()
}

const hidden = "(passcode)"

// String returns a fixed text, so that the passcode is never printed.
func (p *Passcode) String() string { return hidden }

// Format writes the same text for every fmt verb.
func (p *Passcode) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(hidden)) }

// LogValue returns the same text for slog.
func (p *Passcode) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText returns an error, because a passcode is never written anywhere.
func (p *Passcode) MarshalText() ([]byte, error) {
	return nil, errors.New("a passcode is never marshalled")
}
