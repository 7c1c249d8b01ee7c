package cardreader

import "fmt"

// Form is the permitted form of a card's passcode. Any other input is rejected before it uses a try. The zero value is
// the form of PIV, which NHS smartcards have used since 2023: 6 to 8 digits (SP 800-73-4 part 2, section 2.4.3).
type Form struct {
	Min, Max int  // in bytes; Max 0 means the form of PIV
	Letters  bool // letters and signs are allowed, not only digits
}

// MinLen returns the minimum length in bytes.
func (f Form) MinLen() int {
	if f.Max == 0 {
		return 6
	}
	return max(f.Min, 1)
}

// MaxLen returns the maximum length in bytes.
func (f Form) MaxLen() int {
	if f.Max == 0 {
		return 8
	}
	return min(f.Max, MaxPasscode)
}

// Allows reports whether a passcode may contain the byte: a digit, or, with Letters, any printable ASCII character.
func (f Form) Allows(b byte) bool {
	return b >= '0' && b <= '9' || f.Letters && b > ' ' && b < 0x7F
}

// Check returns an error if the passcode is nil or doesn't have the form. The error is an *Error of kind PasscodeForm.
func (f Form) Check(p *Passcode) error {
	if p == nil || p.Len() < f.MinLen() || p.Len() > f.MaxLen() {
		return f.refused()
	}
	for _, b := range p.Bytes() {
		if !f.Allows(b) {
			return f.refused()
		}
	}
	return nil
}

func (f Form) refused() error {
	e := &Error{Kind: PasscodeForm}
	if said := "A passcode has " + f.String() + "."; said != e.Sentence() {
		e.Detail = said
	}
	return e
}

// String returns the form in words, such as "6 to 8 digits" or "4 to 16 letters, digits or signs".
func (f Form) String() string {
	of := "digits"
	if f.Letters {
		of = "letters, digits or signs"
	}
	if f.MinLen() == f.MaxLen() {
		return fmt.Sprintf("%d %s", f.MaxLen(), of)
	}
	return fmt.Sprintf("%d to %d %s", f.MinLen(), f.MaxLen(), of)
}
