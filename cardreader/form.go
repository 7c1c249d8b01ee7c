package cardreader

import "fmt"

// Form is what a passcode of a card may look like. What does not fit is refused before it costs a try. The zero value
// is PIV's form, which NHS smartcards keep since 2023: 6 to 8 digits (SP 800-73-4 part 2, section 2.4.3).
type Form struct {
	Min, Max int  // in bytes; Max 0 is PIV's form
	Letters  bool // letters and signs may be typed, not digits alone
}

// Least returns the shortest passcode, in bytes.
func (f Form) Least() int {
	if f.Max == 0 {
		return 6
	}
	return max(f.Min, 1)
}

// Most returns the longest passcode, in bytes.
func (f Form) Most() int {
	if f.Max == 0 {
		return 8
	}
	return min(f.Max, MaxPasscode)
}

// Takes reports whether the byte may stand in a passcode: a digit, or what else can be typed in ASCII where letters
// may be.
func (f Form) Takes(b byte) bool {
	return b >= '0' && b <= '9' || f.Letters && b > ' ' && b < 0x7F
}

// Check refuses a passcode, or none, that the card would refuse by its form. The error is an *Error of kind
// PasscodeForm.
func (f Form) Check(p *Passcode) error {
	if p == nil || p.Len() < f.Least() || p.Len() > f.Most() {
		return f.refused()
	}
	for _, b := range p.Bytes() {
		if !f.Takes(b) {
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

// String returns the form in words: "6 to 8 digits", "4 to 16 letters, digits or signs".
func (f Form) String() string {
	of := "digits"
	if f.Letters {
		of = "letters, digits or signs"
	}
	if f.Least() == f.Most() {
		return fmt.Sprintf("%d %s", f.Most(), of)
	}
	return fmt.Sprintf("%d to %d %s", f.Least(), f.Most(), of)
}
