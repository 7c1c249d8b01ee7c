package cardreader

import (
	"errors"
	"fmt"

	"wardlight/internal/fault"
)

// Kind classifies the errors of readers and cards.
type Kind int

// Kinds. Their sentences, advice and support codes are in table.
const (
	Internal Kind = iota
	BuiltWithout
	ServiceDown
	ServiceRefused
	VersionMismatch
	NoReader
	NoCard
	Mute
	UnknownCard
	InUse
	Busy
	Removed
	WasReset
	Unpowered
	NotResponding
	NotPIV
	PasscodeForm
	WrongPasscode
	Locked
	PasscodeNeeded
	NoCertificate
	CertificateEnded
	CertificateNotYet
	KeyUnsupported
	KeyMismatch
	SeveralTokens
	NeedsContact
	NotTyped
)

// table has the texts of all kinds.
var table = fault.Table[Kind]{
	Internal: fault.Row("The smartcard could not be used.", "Take the card out, put it back and try again.",
		"C01", "card_internal"),
	BuiltWithout: fault.Row("This copy of Wardlight was built without smartcard support.",
		"Install the full Wardlight package for this computer.", "C02", "card_built_without"),
	ServiceDown: fault.Row("The smartcard service on this computer is not running.", "Ask support to start it.",
		"C10", "card_service_down"),
	ServiceRefused: fault.Row("This session is not allowed to use the smartcard reader.",
		"Ask support to let this account and session use the smartcard reader; some systems refuse remote sessions.",
		"C11", "card_service_refused"),
	VersionMismatch: fault.Row("Smartcard software versions do not match.",
		"Ask support to use the same release of libpcsclite and pcscd.", "C12", "card_version_mismatch"),
	NoReader: fault.Row("No smartcard reader found.",
		"Plug it in, or unplug and re-plug the keyboard that holds it.", "C20", "no_reader"),
	NoCard: fault.Row("No smartcard in the reader.", "Insert your smartcard, chip first and facing up.",
		"C21", "no_card"),
	Mute: fault.Row("The card is in but does not answer.", "Take it out, check that the chip faces "+
		"the right way, wipe it and try again; then try another reader.", "C22", "card_mute"),
	UnknownCard: fault.Row("This type of card cannot be used here.", "Use your NHS smartcard; if this is "+
		"one, read the code and the ATR out to support.", "C23", "card_unknown"),
	InUse: fault.Row("Another program is using your smartcard.",
		"Close the other program, then take the card out and put it back.", "C24", "card_in_use"),
	Busy: fault.Row("Another program has not finished with your smartcard.",
		"Wait a moment and try again; if it stays, close the other program.", "C25", "card_busy"),
	Removed: fault.Row("The smartcard was removed.", "Put it back to go on.", "C26", "card_removed"),
	WasReset: fault.Row("Another program reset the smartcard.", "Type your passcode again.", "C27",
		"card_reset"),
	Unpowered: fault.Row("The smartcard has no power.", "Take the card out and put it back.", "C28",
		"card_unpowered"),
	NotResponding: fault.Row("The card is not responding.", "Take it out and put it back.", "C29",
		"card_not_responding"),
	NotPIV: fault.Row("There is no driver for this card.", "Read the code and the ATR out to support.",
		"C30", "card_not_piv"),
	NeedsContact: fault.Row("This card cannot sign in without contact.",
		"Put the card into the slot of the reader, chip first.", "C31", "card_needs_contact"),
	PasscodeForm: fault.Row("A passcode has 6 to 8 digits.", "Type it again; no try was used.", "C40",
		"passcode_form"),
	WrongPasscode: fault.Row("Passcode not correct.", "Type it again.", "C41", "passcode_wrong"),
	Locked: fault.Row("This smartcard is locked.", "Unlock it with the self-service unlock page or your "+
		"Registration Authority.", "C42", "card_locked"),
	PasscodeNeeded: fault.Row("The card asks for the passcode again.", "Type your passcode again.", "C43",
		"passcode_needed"),
	NotTyped: fault.Row("The passcode was not typed on the reader.",
		"Try again, and type it on the reader's keys; no try was used.", "C44", "passcode_not_typed"),
	NoCertificate: fault.Row("This card has no sign-in certificate.",
		"Ask your Registration Authority to renew the card.", "C50", "card_no_certificate"),
	CertificateEnded: fault.Row("The certificate on this card has ended.",
		"Renew it with your Registration Authority.", "C51", "card_certificate_ended"),
	CertificateNotYet: fault.Row("The certificate on this card is not valid yet.",
		"Check this computer's clock, then ask your Registration Authority.", "C52", "card_certificate_not_yet"),
	KeyUnsupported: fault.Row("This card's key is of a kind that cannot be used here.", "Read the code out to support.",
		"C53", "card_key_unsupported"),
	KeyMismatch: fault.Row("The key on this card is not the one of its certificate.",
		"Ask your Registration Authority for a new card.", "C54", "card_key_mismatch"),
	SeveralTokens: fault.Row("Several smartcards are in, and their software does not say which is in this reader.",
		"Leave in only your own smartcard.", "C55", "card_several"),
}

// Error is an error of a reader or card: a kind for programs, texts for the user, and details for support.
type Error struct {
	Kind   Kind
	Detail string // replaces the sentence of the table, such as "Passcode not correct. 2 tries left."
	Hint   string // replaces the advice of the table, such as "Ask support to restart pcscd."
	Tries  int    // of WrongPasscode: tries left; -1 if unknown
	Driver string // driver that read the card, as in Info; "" if none did
	SW     uint16 // status word of the card; 0 if none
	PCSC   uint32 // PC/SC result; 0 if none
	CKR    uint32 // PKCS#11 result; 0 (CKR_OK) if none
	Err    error  // underlying error, for support
}

// Error returns the sentence and the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error of the same kind, such as &Error{Kind: Locked}.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind
}

// Sentence returns the message for the user.
func (e *Error) Sentence() string {
	if e.Detail != "" {
		return e.Detail
	}
	return table[e.Kind].Sentence
}

// Advice returns what the user can do next.
func (e *Error) Advice() string {
	if e.Hint != "" {
		return e.Hint
	}
	return table[e.Kind].Advice
}

// Name returns the kind's name in JSON documents.
func (e *Error) Name() string { return table.Of(e.Kind, Internal).Name }

// Class returns fault.Card, the class of readers, cards and passcodes.
func (e *Error) Class() fault.Class { return fault.Card }

// Code returns the support code: the code of the kind, and the status word, PC/SC or PKCS#11 result if there is one.
func (e *Error) Code() string {
	code := table[e.Kind].Code
	if e.SW != 0 {
		code += fmt.Sprintf("-%04X", e.SW)
	}
	if e.PCSC != 0 {
		code += fmt.Sprintf("-%08X", e.PCSC)
	}
	if e.CKR != 0 {
		code += fmt.Sprintf("-CKR-%X", e.CKR)
	}
	return code
}

// KindOf returns the kind of the *Error in err's chain, or Internal if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
