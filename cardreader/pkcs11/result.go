package pkcs11

import (
	"errors"
	"fmt"
	"strings"

	"wardlight/cardreader"
)

// Results of a module (PKCS #11 v2.40, section 3.6), as far as they have words of their own.
const (
	ckrOK                 = 0x000
	ckrCancel             = 0x001
	ckrGeneralError       = 0x005
	ckrFunctionFailed     = 0x006
	ckrDeviceError        = 0x030
	ckrDeviceRemoved      = 0x032
	ckrFunctionCancelled  = 0x050
	ckrFunctionRefused    = 0x054
	ckrKeyFunction        = 0x068
	ckrMechanismInvalid   = 0x070
	ckrMechanismParameter = 0x071
	ckrPINIncorrect       = 0x0A0
	ckrPINInvalid         = 0x0A1
	ckrPINLength          = 0x0A2
	ckrPINExpired         = 0x0A3
	ckrPINLocked          = 0x0A4
	ckrSessionClosed      = 0x0B0
	ckrSessionHandle      = 0x0B3
	ckrTokenNotPresent    = 0x0E0
	ckrTokenNotRecognised = 0x0E1
	ckrAlreadyLoggedIn    = 0x100
	ckrNotLoggedIn        = 0x101
	ckrPINNotSet          = 0x102
)

// nowLocked is said where the last try was wrong.
const nowLocked = "Passcode not correct. This smartcard is now locked."

// notChecked is added where the passcode certainly did not reach the card.
const notChecked = "Your passcode was not checked."

// failure says what a reply without success means; nil for success.
func failure(r reply) error {
	if r.CKR == ckrOK && r.Note == "" && !r.AnotherCard {
		return nil
	}
	e := &cardreader.Error{Kind: kindOf(r.CKR), CKR: r.CKR, Err: fmt.Errorf("%s: CKR %#x %s", r.Step, r.CKR, r.Note)}
	switch {
	case r.AnotherCard:
		e.Kind, e.Detail = cardreader.Removed, "The smartcard was changed. "+notChecked
	case r.Step == stepLoad:
		e.Detail = "The card's software (PKCS#11 module) could not be started."
		e.Hint = "Ask support to look at 'wardlight card modules'."
	case r.CKR == ckrPINExpired:
		e.Detail = "The passcode of this smartcard has run out."
		e.Hint = "Ask your Registration Authority for a new one."
	case r.CKR == ckrPINNotSet:
		e.Detail = "This smartcard has no passcode yet."
		e.Hint = "Ask your Registration Authority to set it up."
	case e.Kind == cardreader.WrongPasscode:
		wrongPasscode(e, r.Flags)
	case e.Kind == cardreader.Removed && beforeLogin(r.Step):
		e.Detail = "The smartcard was removed. " + notChecked
	case e.Kind == cardreader.PasscodeForm:
		e.Detail = "The smartcard does not take a passcode like this."
	}
	return e
}

func kindOf(ckr uint32) cardreader.Kind {
	switch ckr {
	case ckrPINIncorrect:
		return cardreader.WrongPasscode
	case ckrPINInvalid, ckrPINLength:
		return cardreader.PasscodeForm
	case ckrPINLocked:
		return cardreader.Locked
	case ckrCancel, ckrFunctionCancelled: // on the reader, or its time was over: modules do not say which
		return cardreader.NotTyped
	case ckrDeviceRemoved, ckrTokenNotPresent, ckrSessionHandle, ckrSessionClosed:
		return cardreader.Removed
	case ckrTokenNotRecognised:
		return cardreader.NotPIV
	case ckrNotLoggedIn:
		return cardreader.PasscodeNeeded
	case ckrMechanismInvalid, ckrMechanismParameter, ckrKeyFunction:
		return cardreader.KeyUnsupported
	}
	return cardreader.Internal
}

// wrongPasscode adds what the token's flags tell of the tries left.
func wrongPasscode(e *cardreader.Error, flags uint) {
	left, low := triesIn(flags)
	e.Tries = left
	switch {
	case left == 0:
		e.Kind, e.Detail = cardreader.Locked, nowLocked
	case left == 1:
		e.Detail = "Passcode not correct. 1 try left. After that the card locks; stop and check."
		e.Hint = "If you are not sure of your passcode, ask your Registration Authority before the last try."
	case low:
		e.Detail = "Passcode not correct. Few tries are left."
	}
}

// refused returns the error of a login that failed, by the tries that the token showed before it. A module may keep its flags
// when the last try was wrong, may say nothing but "general error" of a wrong passcode, and may lose the card on the way.
func refused(err error, r reply, before tries) error {
	var e *cardreader.Error
	if !errors.As(err, &e) {
		return err
	}
	var after tries
	after.number, after.low = triesIn(r.Flags)
	known := r.Flags != 0
	switch {
	case e.Kind == cardreader.WrongPasscode && before.number == 1 && (!known || after.number == 1):
		e.Kind, e.Tries, e.Detail, e.Hint = cardreader.Locked, 0, nowLocked, ""
	case e.Kind == cardreader.Internal && known && after.fewer(before):
		e.Kind = cardreader.WrongPasscode
		wrongPasscode(e, r.Flags)
	case e.Kind == cardreader.Internal && e.Detail == "":
		e.Detail = "The card's software (PKCS#11 module) failed while it checked the passcode. A passcode try may have been used."
		e.Hint = "Take the card out, put it back and look at the tries left, where it shows them; tell support the code if it happens again."
	case e.Kind == cardreader.Removed && !afresh(r):
		return cardreader.TryMayBeGone(err)
	}
	return err
}

// beforeLogin reports whether a failure at the step came before the passcode was sent to the module.
func beforeLogin(s step) bool {
	return s == stepLoad || s == stepList || s == stepSession || s == stepRead
}

// afterLogin reports whether a failure at the step came with the passcode verified.
func afterLogin(s step) bool { return s == stepKey || s == stepSign }

// afresh reports whether a new helper may try again what failed: where a card that was pulled and put back, or a handle
// that outlived a suspend, is the likely cause, and the passcode was certainly not refused. At the login itself only a
// session that no longer exists proves that the card was not asked.
func afresh(r reply) bool {
	switch r.CKR {
	case ckrSessionHandle, ckrSessionClosed:
		return true
	case ckrGeneralError, ckrFunctionFailed, ckrDeviceError, ckrDeviceRemoved, ckrTokenNotPresent:
		return r.Step != stepLogin
	}
	return false
}

// brokenOff returns a helper that died, or answered nonsense.
func brokenOff(m Module, err error) error {
	return &cardreader.Error{
		Kind:   cardreader.Internal,
		Detail: "The card's software (PKCS#11 module) stopped working.",
		Hint:   "Try again; if it happens again, tell support the code and the card's make.",
		Err:    fmt.Errorf("%s: %w", m.Path, err),
	}
}

// silent returns a helper that did not answer in time.
func silent(m Module, err error) error {
	return &cardreader.Error{
		Kind:   cardreader.NotResponding,
		Detail: "The card's software (PKCS#11 module) is not responding.",
		Hint:   "Take the card out and put it back; if it happens again, tell support the code and the card's make.",
		Err:    fmt.Errorf("%s: %w", m.Path, err),
	}
}

// noDriver returns a card that none of the modules knows.
func noDriver(tried []error) error {
	e := &cardreader.Error{Kind: cardreader.NotPIV}
	var why []string
	for _, err := range tried {
		why = append(why, err.Error())
	}
	if why != nil {
		e.Err = errors.New(strings.Join(why, "; "))
	}
	return e
}
