package piv

import (
	"context"

	"wardlight/cardreader"
)

// passcodeLength is the fixed length of VERIFY's data: the digits, padded with FF (SP 800-73-4 part 2, section 2.4.3).
const passcodeLength = 8

// checkForm refuses what no PIV card can accept before it costs a try: some cards count a passcode of four digits, or
// of letters, as a wrong one.
func checkForm(passcode *cardreader.Passcode) error {
	if passcode == nil || passcode.Len() < 6 || passcode.Len() > passcodeLength {
		return &cardreader.Error{Kind: cardreader.PasscodeForm}
	}
	for _, b := range passcode.Bytes() {
		if b < '0' || b > '9' {
			return &cardreader.Error{Kind: cardreader.PasscodeForm}
		}
	}
	return nil
}

// verify sends the passcode, once, always with short lengths, and leaves no copy of it behind.
func (t *transport) verify(ctx context.Context, reference byte, passcode *cardreader.Passcode) error {
	var padded [passcodeLength]byte
	defer clear(padded[:])
	for i := range padded {
		padded[i] = 0xFF
	}
	copy(padded[:], passcode.Bytes())
	encoded := command{ins: 0x20, p2: reference, data: padded[:]}.short(0)
	_, sw, err := t.exchange(ctx, encoded)
	if err != nil {
		return err
	}
	return verifyError(sw)
}

// logOut makes the card forget the verified passcode and reports whether it did. Cards older than SP 800-73-4 cannot.
func (t *transport) logOut(ctx context.Context, reference byte) bool {
	_, sw, err := t.sendShort(ctx, command{ins: 0x20, p1: 0xFF, p2: reference})
	return err == nil && sw == swOK
}
