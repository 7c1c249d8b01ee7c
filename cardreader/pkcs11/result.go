package pkcs11

import (
	"errors"
	"fmt"
	"strings"

	"wardlight/cardreader"
)

// Results of a module (PKCS #11 v2.40, section 3.6) that have their own error texts.
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

// nowLocked is the sentence after the last try was used.
const nowLocked = "Passcode not correct. This smartcard is now locked."

// notChecked is added if the passcode was certainly not sent to the card.
const notChecked = "Your passcode was not checked."

// failure returns the error that a reply reports, or nil on success.
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
	case ckrCancel, ckrFunctionCancelled: // cancelled or timed out on the reader: modules don't distinguish them
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

// wrongPasscode sets the tries left according to the token's flags.
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

// loginError returns the error of a failed login. It compares the tries that the token showed before and after. A
// module may not update its flags when the last try was wrong, may return a general error for a wrong passcode, and
// may lose the card.
func loginError(err error, r reply, before tries) error {
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
		e.Detail = "The card's software (PKCS#11 module) failed while it checked the passcode. A passcode try may " +
			"have been used."
		e.Hint = "Take the card out, put it back and look at the tries left, where it shows them; tell support the " +
			"code if it happens again."
	case e.Kind == cardreader.Removed && !canRetry(r):
		return cardreader.PossiblyUsedTry(err)
	}

	return err
}

// beforeLogin reports whether the step precedes passing the passcode to the module.
func beforeLogin(s step) bool {
	return s == stepLoad || s == stepList || s == stepSession || s == stepRead
}

// afterLogin reports whether the passcode was verified before the step.
func afterLogin(s step) bool { return s == stepKey || s == stepSign }

// canRetry reports whether a new helper may repeat a failed signature. The likely cause must be a card that was removed
// and inserted again, or a handle that became invalid during a suspend, and the passcode must not have been rejected.
// After a failed login only an invalid session proves that the passcode was not checked.
func canRetry(r reply) bool {
	switch r.CKR {
	case ckrSessionHandle, ckrSessionClosed:
		return true
	case ckrGeneralError, ckrFunctionFailed, ckrDeviceError, ckrDeviceRemoved, ckrTokenNotPresent:
		return r.Step != stepLogin
	}
	return false
}

// helperDiedError returns the error of a helper that died or answered nonsense.
func helperDiedError(m Module, err error) error {
	return &cardreader.Error{
		Kind:   cardreader.Internal,
		Detail: "The card's software (PKCS#11 module) stopped working.",
		Hint:   "Try again; if it happens again, tell support the code and the card's make.",
		Err:    fmt.Errorf("%s: %w", m.Path, err),
	}
}

// timeoutError returns the error of a helper that did not answer in time.
func timeoutError(m Module, err error) error {
	return &cardreader.Error{
		Kind:   cardreader.NotResponding,
		Detail: "The card's software (PKCS#11 module) is not responding.",
		Hint:   "Take the card out and put it back; if it happens again, tell support the code and the card's make.",
		Err:    fmt.Errorf("%s: %w", m.Path, err),
	}
}

// noDriverError returns the error of a card that no module supports.
func noDriverError(tried []error) error {
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
