package recordsystem

import (
	"errors"
	"fmt"
	"strings"

	"wardlight/internal/certerror"
	"wardlight/internal/fault"
)

// Kind classifies errors of writing a flag.
type Kind int

// The kinds. Their sentences, advice and support codes are in table.
const (
	Unexpected   Kind = iota // an answer that this version does not understand
	Unreachable              // no connection, or the connection broke
	Untrusted                // its TLS certificate is not trusted
	TimedOut                 // no response before the timeout
	Malformed                // malformed response
	Failing                  // temporarily unavailable (5xx, 429)
	Refused                  // the flag was rejected (400, 409, 415, 422)
	WrongAddress             // no flags at this address (404, 405, 410, redirects)
	NoToken                  // no token is stored
	NoKeyring                // the keyring with the token cannot be opened
	NotAllowed               // the token was rejected (401, 403)
	Duplicate                // several flags with this identifier exist (412)
	Inactive                 // the flag exists but is no longer active
	Intercepted              // rejected by a proxy, firewall or guest network, not by the record system
)

const (
	pendingAdvice = "Try again later; until then tell the clinician yourself."
	reportAdvice  = "Tell the clinician yourself, and tell support the code."
	handAdvice    = "Look at the patient's record there, set the flag by hand, and tell the clinician."
)

// table contains the texts and support codes of all kinds.
var table = fault.Table[Kind]{
	Unexpected:  fault.Row("The record system answered something unexpected.", reportAdvice, "R01", "record_system"),
	Unreachable: fault.Row("The record system cannot be reached.", pendingAdvice, "R10", "record_system"),
	Untrusted:   fault.Row("The record system's identity could not be proved.", reportAdvice, "R11", "record_system"),
	TimedOut:    fault.Row("The record system did not answer in time.", pendingAdvice, "R12", "record_system"),
	Malformed: fault.Row("The record system's answer could not be understood.", reportAdvice, "R14",
		"record_system"),
	Failing: fault.Row("The record system cannot answer now.", pendingAdvice, "R16", "record_system"),
	Intercepted: fault.Row("Something between this computer and the record system refused the request.", pendingAdvice,
		"R17", "record_system"),
	Refused: fault.Row("The record system did not accept the flag.", reportAdvice, "R20", "record_system"),
	WrongAddress: fault.Row("The record system takes no flags at the address in the settings.", reportAdvice, "R21",
		"record_system"),
	NoToken: fault.Row("No token for the record system is stored on this computer.", reportAdvice, "R30",
		"record_system"),
	NoKeyring: fault.Row("The keyring of this computer, which holds the record system's token, does not open or "+
		"does not answer.", "Unlock the keyring and try again; until then tell the clinician yourself.", "R32",
		"record_system"),
	NotAllowed: fault.Row("The record system did not accept this computer's token.", reportAdvice, "R31",
		"record_system"),
	Duplicate: fault.Row("The record system holds this flag more than once.", handAdvice, "R40", "record_system"),
	Inactive: fault.Row("The record system holds this flag, but it is no longer active.", handAdvice, "R41",
		"record_system"),
}

// Kinds returns all kinds in the order of their support codes, for the runbook and for tests.
func Kinds() []Kind { return table.Kinds() }

// Error is returned if a flag was not written, or if it is unknown whether it was.
type Error struct {
	Kind      Kind
	Status    int // HTTP status; 0 without a response
	RequestID string
	Err       error // cause, for support; contains no patient data
}

// Error returns the sentence for the user with the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Sentence returns the sentence for the user.
func (e *Error) Sentence() string {
	said := table[e.Kind].Sentence
	var why *certerror.Error
	if e.Kind == Untrusted && errors.As(certerror.Nameless(e.Err), &why) {
		return strings.TrimSuffix(said, ".") + ": " + why.Reason.Words() + "."
	}
	return said
}

// Advice returns what the user can do.
func (e *Error) Advice() string { return table[e.Kind].Advice }

// Name returns the error's name in machine-readable output. It is the same for all kinds.
func (e *Error) Name() string { return table[e.Kind].Name }

// Class returns [fault.Record].
func (e *Error) Class() fault.Class { return fault.Record }

// Code returns the support code: the table's code and, if there was a response, the HTTP status.
func (e *Error) Code() string {
	if e.Status == 0 {
		return table[e.Kind].Code
	}
	return fmt.Sprintf("%s-%d", table[e.Kind].Code, e.Status)
}

// KindOf returns the kind of the first *Error in err's chain, or Unexpected if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Unexpected
}

// canRetry reports whether a retry may succeed. It can't if the record system already has the flag.
func canRetry(err error) bool {
	k := KindOf(err)
	return k != Duplicate && k != Inactive
}

// failsForAll reports whether the next flag would fail with the same error.
func failsForAll(err error) bool {
	k := KindOf(err)
	return canRetry(err) && k != Refused && k != Malformed
}
