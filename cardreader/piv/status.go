package piv

import (
	"fmt"

	"wardlight/cardreader"
)

// Status words (ISO 7816-4, section 5.1.3; SP 800-73-4 part 2, section 2.4).
const (
	swOK             = 0x9000
	swWrongLength    = 0x6700
	swNotSatisfied   = 0x6982
	swBlocked        = 0x6983
	swInvalidated    = 0x6984
	swBadData        = 0x6A80
	swNotSupported   = 0x6A81
	swNotFound       = 0x6A82
	swBadParameters  = 0x6A86
	swNoInstruction  = 0x6D00
	swNoClass        = 0x6E00
	swAppletNotReady = 0x6999 // Java Card: the applet refused to be selected
)

// swError returns the error for a status word without a more specific kind.
func swError(step string, sw uint16) error {
	return &cardreader.Error{Kind: cardreader.Internal, SW: sw, Err: fmt.Errorf("%s: status word %04X", step, sw)}
}

// triesIn returns the number of tries in a status word of VERIFY, and whether there is one: 63CX, or 630X of an old
// YubiKey NEO. 6300 means "not verified" without a number.
func triesIn(sw uint16) (int, bool) {
	switch {
	case sw&0xFFF0 == 0x63C0, sw&0xFFF0 == 0x6300 && sw != 0x6300:
		return int(sw & 0x0F), true
	case sw == swBlocked, sw == swInvalidated:
		return 0, true
	}
	return 0, false
}

// verifyError returns the error for a status word of VERIFY, or nil for 9000.
func verifyError(sw uint16) error {
	if sw == swOK {
		return nil
	}
	if sw == swBadData {
		return &cardreader.Error{Kind: cardreader.PasscodeForm, SW: sw}
	}

	tries, known := triesIn(sw)
	switch {
	case known && tries == 0 && sw>>8 == 0x63:
		return &cardreader.Error{
			Kind: cardreader.Locked, SW: sw,
			Detail: "Passcode not correct. This smartcard is now locked.",
		}
	case known && tries == 0:
		return &cardreader.Error{Kind: cardreader.Locked, SW: sw}
	case known && tries == 1:
		return &cardreader.Error{
			Kind: cardreader.WrongPasscode, SW: sw, Tries: tries,
			Detail: "Passcode not correct. 1 try left. After that the card locks; stop and check.",
			Hint:   "If you are not sure of your passcode, ask your Registration Authority before the last try.",
		}
	case known:
		return &cardreader.Error{
			Kind: cardreader.WrongPasscode, SW: sw, Tries: tries,
			Detail: fmt.Sprintf("Passcode not correct. %d tries left.", tries),
		}
	case sw == 0x6300:
		return &cardreader.Error{Kind: cardreader.WrongPasscode, SW: sw, Tries: -1}
	}

	return swError("VERIFY", sw)
}
