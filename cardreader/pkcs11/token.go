package pkcs11

import "wardlight/cardreader"

// Token flags (PKCS #11 v2.40, table 6), as far as they say something to a user.
const (
	flagProtectedPath  = 0x00000100 // CKF_PROTECTED_AUTHENTICATION_PATH
	flagPINCountLow    = 0x00010000 // CKF_USER_PIN_COUNT_LOW
	flagPINFinalTry    = 0x00020000 // CKF_USER_PIN_FINAL_TRY
	flagPINLocked      = 0x00040000 // CKF_USER_PIN_LOCKED
	unavailablePINSize = ^uint(0)   // CK_UNAVAILABLE_INFORMATION
)

// Tries returns how many passcode tries are left, -1 where the token does not say; low, that wrong ones were typed.
func (t Token) Tries() (left int, low bool) { return triesIn(t.Flags) }

// OnReader reports whether the passcode is typed on the reader, which has keys of its own.
func (t Token) OnReader() bool { return t.Flags&flagProtectedPath != 0 }

// tries are those that a token shows: their number, -1 where it does not say, and whether wrong passcodes were typed.
type tries struct {
	number int
	low    bool
}

// fewer reports whether t are fewer tries than before, as far as both are known.
func (t tries) fewer(before tries) bool {
	if t.number >= 0 {
		return before.number < 0 || t.number < before.number
	}
	return t.low && !before.low && before.number < 0
}

// triesIn returns the tries that the flags tell. A module knows none, one, fewer than there were, and nothing.
func triesIn(flags uint) (left int, low bool) {
	switch {
	case flags&flagPINLocked != 0:
		return 0, true
	case flags&flagPINFinalTry != 0:
		return 1, true
	}
	return -1, flags&flagPINCountLow != 0
}

// Form returns what its passcode may look like. Letters are allowed: older NHS smartcards have such passcodes.
func (t Token) Form() cardreader.Form {
	f := cardreader.Form{Min: shortestPasscode, Max: cardreader.MaxPasscode, Letters: true}
	if t.Min != unavailablePINSize && t.Min > 0 && t.Min <= cardreader.MaxPasscode {
		f.Min = int(t.Min)
	}
	if t.Max != unavailablePINSize && t.Max > 0 {
		f.Max = int(min(t.Max, cardreader.MaxPasscode))
	}
	if f.Max < f.Min { // nonsense from the module, which will refuse by itself what does not fit
		f.Min = 1
	}
	return f
}

// shortestPasscode, in bytes, is what NHS smartcards have asked for before they asked for six digits.
const shortestPasscode = 4
