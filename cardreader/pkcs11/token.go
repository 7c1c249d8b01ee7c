package pkcs11

import "wardlight/cardreader"

// Token flags that are relevant to users (PKCS #11 v2.40, table 6).
const (
	flagProtectedPath  = 0x00000100 // CKF_PROTECTED_AUTHENTICATION_PATH
	flagPINCountLow    = 0x00010000 // CKF_USER_PIN_COUNT_LOW
	flagPINFinalTry    = 0x00020000 // CKF_USER_PIN_FINAL_TRY
	flagPINLocked      = 0x00040000 // CKF_USER_PIN_LOCKED
	unavailablePINSize = ^uint(0)   // CK_UNAVAILABLE_INFORMATION
)

// Tries returns the number of passcode tries left, or -1 if the token doesn't report it, and whether wrong passcodes
// were typed.
func (t Token) Tries() (left int, low bool) { return triesIn(t.Flags) }

// OnReader reports whether the passcode is typed on the reader's keypad.
func (t Token) OnReader() bool { return t.Flags&flagProtectedPath != 0 }

// tries are the tries that a token reports: the number left, or -1 if unknown, and whether wrong passcodes were typed.
type tries struct {
	number int
	low    bool
}

// fewer reports whether t are fewer tries than before. Without numbers it reports whether wrong passcodes were typed
// since.
func (t tries) fewer(before tries) bool {
	if t.number >= 0 {
		return before.number < 0 || t.number < before.number
	}
	return t.low && !before.low && before.number < 0
}

// triesIn returns the tries according to the flags. They distinguish only: none left, one left, wrong passcodes typed,
// and unknown.
func triesIn(flags uint) (left int, low bool) {
	switch {
	case flags&flagPINLocked != 0:
		return 0, true
	case flags&flagPINFinalTry != 0:
		return 1, true
	}
	return -1, flags&flagPINCountLow != 0
}

// Form returns the permitted form of the passcode. Letters are allowed, because older NHS smartcards have such
// passcodes.
func (t Token) Form() cardreader.Form {
	f := cardreader.Form{Min: minPasscodeLength, Max: cardreader.MaxPasscode, Letters: true}
	if t.Min != unavailablePINSize && t.Min > 0 && t.Min <= cardreader.MaxPasscode {
		f.Min = int(t.Min)
	}
	if t.Max != unavailablePINSize && t.Max > 0 {
		f.Max = int(min(t.Max, cardreader.MaxPasscode))
	}
	if f.Max < f.Min { // invalid lengths; the module will check the passcode itself
		f.Min = 1
	}
	return f
}

// minPasscodeLength is the minimum length in bytes on NHS smartcards before six digits were required.
const minPasscodeLength = 4
