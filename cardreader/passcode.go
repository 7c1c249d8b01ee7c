package cardreader

import (
	"errors"
	"fmt"
	"log/slog"
)

// MaxPasscode is the longest passcode, in bytes, that a Passcode holds. PIV allows 8; vendor middleware may allow more.
const MaxPasscode = 64

// Passcode is what the user typed, in one array that Wipe overwrites. It cannot be printed, logged or marshalled.
// Always pass it by pointer: a copy would outlive the Wipe. The zero value is empty and ready to use.
type Passcode struct {
	_   noCopy
	buf [MaxPasscode]byte
	n   int
}

// noCopy makes go vet's copylocks check refuse copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// Append adds one byte and reports whether there was room.
func (p *Passcode) Append(b byte) bool {
	if p.n == len(p.buf) {
		return false
	}
	p.buf[p.n] = b
	p.n++
	return true
}

// Backspace drops the last byte, if there is one.
func (p *Passcode) Backspace() {
	if p.n > 0 {
		p.n--
		p.buf[p.n] = 0
	}
}

// Len returns the number of bytes typed.
func (p *Passcode) Len() int { return p.n }

// Bytes returns the passcode itself, as a window on the array: it is zeroed by Wipe and must not be kept.
func (p *Passcode) Bytes() []byte { return p.buf[:p.n:p.n] }

// Wipe overwrites the passcode.
func (p *Passcode) Wipe() {
	clear(p.buf[:])
	p.n = 0
}

// MoveTo hands the passcode over to dst and wipes p: for a caller that gives it to another goroutine.
func (p *Passcode) MoveTo(dst *Passcode) {
	dst.Wipe()
	dst.n = copy(dst.buf[:], p.Bytes())
	p.Wipe()
}

const hidden = "(passcode)"

// String hides the content.
func (p *Passcode) String() string { return hidden }

// Format hides the content from every fmt verb.
func (p *Passcode) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(hidden)) }

// LogValue hides the content from slog.
func (p *Passcode) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText refuses: a passcode is never written anywhere.
func (p *Passcode) MarshalText() ([]byte, error) {
	return nil, errors.New("a passcode is never marshalled")
}
