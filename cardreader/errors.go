package cardreader

import (
	"errors"
	"fmt"
)

// Kind is what went wrong with a reader or a card, for the program to decide by.
type Kind int

// The kinds. Their sentences, advice and support codes stand in one table, below.
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
)

// words is what a kind says to the user, what to do, and the code to read out to support.
type words struct{ sentence, advice, code string }

// table is the one place for the words about cards and readers.
var table = map[Kind]words{
	Internal:          {"The smartcard could not be used.", "Take the card out, put it back and try again.", "C01"},
	BuiltWithout:      {"This copy of Wardlight was built without smartcard support.", "Install the full Wardlight package for this computer.", "C02"},
	ServiceDown:       {"The smartcard service on this computer is not running.", "Ask support to start it: systemctl start pcscd.socket", "C10"},
	ServiceRefused:    {"This session is not allowed to use the smartcard reader.", "Ask support about polkit action org.debian.pcsc-lite.access_pcsc; remote sessions are refused by default.", "C11"},
	VersionMismatch:   {"Smartcard software versions do not match.", "Ask support to use the same release of libpcsclite and pcscd.", "C12"},
	NoReader:          {"No smartcard reader found.", "Plug it in, or unplug and re-plug the keyboard that holds it.", "C20"},
	NoCard:            {"No smartcard in the reader.", "Insert your smartcard, chip first and facing up.", "C21"},
	Mute:              {"The card is in but does not answer.", "Take it out, check that the chip faces the right way, wipe it and try again; then try another reader.", "C22"},
	UnknownCard:       {"This type of card cannot be used here.", "Use your NHS smartcard; if this is one, read the code and the ATR out to support.", "C23"},
	InUse:             {"Another program is using your smartcard.", "Close the other program, then take the card out and put it back.", "C24"},
	Busy:              {"Another program has not finished with your smartcard.", "Wait a moment and try again; if it stays, close the other program.", "C25"},
	Removed:           {"The smartcard was removed.", "Put it back to go on.", "C26"},
	WasReset:          {"Another program reset the smartcard.", "Type your passcode again.", "C27"},
	Unpowered:         {"The smartcard has no power.", "Take the card out and put it back.", "C28"},
	NotResponding:     {"The card is not responding.", "Take it out and put it back.", "C29"},
	NotPIV:            {"There is no driver for this card.", "Read the code and the ATR out to support.", "C30"},
	PasscodeForm:      {"A passcode has 6 to 8 digits.", "Type it again; no try was used.", "C40"},
	WrongPasscode:     {"Passcode not correct.", "Type it again.", "C41"},
	Locked:            {"This smartcard is locked.", "Unlock it with the self-service unlock page or your Registration Authority.", "C42"},
	PasscodeNeeded:    {"The card asks for the passcode again.", "Type your passcode again.", "C43"},
	NoCertificate:     {"This card has no sign-in certificate.", "Ask your Registration Authority to renew the card.", "C50"},
	CertificateEnded:  {"The certificate on this card has ended.", "Renew it with your Registration Authority.", "C51"},
	CertificateNotYet: {"The certificate on this card is not valid yet.", "Check this computer's clock, then ask your Registration Authority.", "C52"},
	KeyUnsupported:    {"This card's key is of a kind that cannot be used here.", "Read the code out to support.", "C53"},
}

// Error is a failure of reader or card: a kind for the program, words for the user, and details for support.
type Error struct {
	Kind   Kind
	Detail string // replaces the table's sentence where more is known: "Passcode not correct. 2 tries left."
	Hint   string // replaces the table's advice where more is known: "Ask support to restart it: systemctl restart pcscd"
	Tries  int    // of WrongPasscode: tries left; -1 when the card does not say
	SW     uint16 // the card's status word; 0 when there was none
	PCSC   uint32 // the PC/SC result; 0 when there was none
	CKR    uint32 // the PKCS#11 result; 0 (CKR_OK) when there was none
	Err    error  // the cause, for support
}

// Error is the user's sentence with the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, &Error{Kind: Locked}) ask for the kind alone.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind
}

// Sentence is what to tell the user.
func (e *Error) Sentence() string {
	if e.Detail != "" {
		return e.Detail
	}
	return table[e.Kind].sentence
}

// Advice is what the user can do now.
func (e *Error) Advice() string {
	if e.Hint != "" {
		return e.Hint
	}
	return table[e.Kind].advice
}

// Code is what support asks for: the row of the table, then the status word, PC/SC or PKCS#11 result where there is one.
func (e *Error) Code() string {
	code := table[e.Kind].code
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

// KindOf is the kind of a card error anywhere in err's chain, and Internal for any other error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
