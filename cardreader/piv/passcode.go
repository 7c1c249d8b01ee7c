package piv

import (
	"context"

	"wardlight/cardreader"
)

// passcodeLength is the fixed length of VERIFY's data: the digits, padded with FF (SP 800-73-4 part 2, section 2.4.3).
const passcodeLength = 8

// verify sends the passcode once, with short lengths, and leaves no copy of it. With a nil passcode the user types it
// on the reader.
func (t *transport) verify(ctx context.Context, reference byte, passcode *cardreader.Passcode) error {
	if err := ctx.Err(); err != nil { // before anything is sent
		return contextError(err)
	}
	var padded [passcodeLength]byte
	defer clear(padded[:])
	for i := range padded {
		padded[i] = 0xFF
	}
	send := t.link.VerifyTyped
	if passcode != nil {
		copy(padded[:], passcode.Bytes())
		send = t.link.Transmit
	}
	encoded := command{ins: 0x20, p2: reference, data: padded[:]}.short(0)
	_, sw, err := t.exchangeBy(ctx, encoded, send)
	if err != nil {
		return cardreader.PossiblyUsedTry(err)
	}
	return verifyError(sw)
}
