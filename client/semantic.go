package client

import "errors"

// The errors that a caller tells apart by what has to be done now. [errors.Is] finds them in every *Error; a caller
// that needs to know more asks [KindOf].
//
// None of them says that there is no alert: only a [Lamp] with the State [NoneRecorded] does.
var (
	// ErrNoAnswer reports that there is no usable answer of the hub: it was not reached, failed, took too long, was
	// busy, lacks plans, or its answer was not understood. Whether there is an alert is not known. A read may be
	// repeated; [Error.Wait] says after how long, where the hub said it.
	ErrNoAnswer = errors.New("the hub gave no usable answer")
	// ErrSessionEnded reports that the session has ended: sign in again, with the card.
	ErrSessionEnded = errors.New("the session has ended")
	// ErrNotPermitted reports that the role may not do this. [Error.Missing] has the activity codes, where the hub
	// named them.
	ErrNotPermitted = errors.New("the role may not do this")
	// ErrSignInRefused reports that the hub refused the card, or the clock of this computer. The Kind says why, such as
	// [CertificateExpired].
	ErrSignInRefused = errors.New("the sign-in was refused")
	// ErrUnknownPatient reports that no current record has the NHS number.
	ErrUnknownPatient = errors.New("no current patient has this NHS number")
	// ErrRestricted reports that the hub says nothing about the alerts of this patient to anybody here. It is no fault,
	// and there may be a plan.
	ErrRestricted = errors.New("nothing is said about this patient's alerts")
	// ErrBadRequest reports that the hub, or [Query.Lacks], refused what was asked for. Repeating it does not help.
	ErrBadRequest = errors.New("the request was not accepted")
)

// meanings are the errors by the kinds that they stand for. A kind that is not here is ErrNoAnswer.
var meanings = map[Kind]error{
	SignedOut: ErrSessionEnded, NotAllowed: ErrNotPermitted,
	NotFound: ErrUnknownPatient, Invalidated: ErrUnknownPatient,
	Sensitive: ErrRestricted, BadRequest: ErrBadRequest,
	NonceExpired: ErrSignInRefused, SignInRefused: ErrSignInRefused, ClockWrong: ErrSignInRefused,
	CertificateUntrusted: ErrSignInRefused, CertificateExpired: ErrSignInRefused, CertificateRevoked: ErrSignInRefused,
	UnknownPerson: ErrSignInRefused,
}

// meaning returns the error that a caller tells the kind apart by.
func (k Kind) meaning() error {
	if m, special := meanings[k]; special {
		return m
	}
	return ErrNoAnswer
}
