package piv

import (
	"bytes"

	"wardlight/cardreader"
)

// refusedOverAir returns NeedsContact where a card refused what a card in a slot never refuses before VERIFY: the sign-in
// certificate, which may be read without a passcode there, or the tries left. Nil for other answers.
//
// Over the air a PIV card refuses both (SP 800-73-4 part 1, table 2, and part 2, section 3.2.1), with 6982 or 6A81; some
// answer that there is no such object. A card that answers so in a slot just has none, so there the answer to reset decides.
func (t *transport) refusedOverAir(sw uint16) error {
	switch sw {
	case swNotSatisfied, swNotSupported:
	case swNotFound:
		if !overTheAir(t.link.ATR()) {
			return nil
		}
	default:
		return nil
	}
	return &cardreader.Error{Kind: cardreader.NeedsContact, SW: sw}
}

// overTheAir reports whether the answer to reset is one that a reader makes up for a card without contact (PC/SC part 3,
// section 3.1.3.2.3.1): T=0 and T=1 without any parameters, and historical bytes.
func overTheAir(atr []byte) bool {
	return len(atr) > 5 && atr[0] == 0x3B && atr[1]&0xF0 == 0x80 && bytes.Equal(atr[2:4], []byte{0x80, 0x01})
}
