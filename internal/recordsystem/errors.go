package recordsystem

import (
	"errors"
	"fmt"
	"strings"

	"wardlight/internal/certerror"
	"wardlight/internal/fault"
)

// Kind is a way in which writing a flag can go wrong.
type Kind int

// The kinds. Their sentences, advice and support codes stand in one table, below.
const (
	Unexpected  Kind = iota // an answer that this version does not understand
	Unreachable             // no connection, or one that broke
	Untrusted               // its TLS certificate is not trusted
	TimedOut                // no answer in time
	Rubbish                 // an answer that is not what it says it is
	Failing                 // it cannot serve now (5xx, 429)
	Refused                 // it did not accept the flag (400, 409, 415, 422)
	WrongPlace              // it knows no flags at this address (404, 405, 410, redirects)
	NoToken                 // no token is stored for it
	NoKeyring               // the keyring with its token does not open
	NotAllowed              // it did not accept the token (401, 403)
	Several                 // it holds this flag more than once (412)
	Ended                   // it holds this flag, and it is no longer active
	Intercepted             // refused by something else than the record system, such as a proxy, a firewall or a guest network
)

const (
	keptAdvice = "Try again later; until then tell the clinician yourself."
	tellAdvice = "Tell the clinician yourself, and tell support the code."
	handAdvice = "Look at the patient's record there, set the flag by hand, and tell the clinician."
)

// table is the one place for the words about the record system.
var table = fault.Table[Kind]{
	Unexpected:  fault.Row("The record system answered something unexpected.", tellAdvice, "R01", "record_system"),
	Unreachable: fault.Row("The record system cannot be reached.", keptAdvice, "R10", "record_system"),
	Untrusted:   fault.Row("The record system's identity could not be proved.", tellAdvice, "R11", "record_system"),
	TimedOut:    fault.Row("The record system did not answer in time.", keptAdvice, "R12", "record_system"),
	Rubbish:     fault.Row("The record system's answer could not be understood.", tellAdvice, "R14", "record_system"),
	Failing:     fault.Row("The record system cannot answer now.", keptAdvice, "R16", "record_system"),
	Intercepted: fault.Row("Something between this computer and the record system refused the request.", keptAdvice, "R17", "record_system"),
	Refused:     fault.Row("The record system did not accept the flag.", tellAdvice, "R20", "record_system"),
	WrongPlace:  fault.Row("The record system takes no flags at the address in the settings.", tellAdvice, "R21", "record_system"),
	NoToken:     fault.Row("No token for the record system is stored on this computer.", tellAdvice, "R30", "record_system"),
	NoKeyring:   fault.Row("The keyring of this computer, which holds the record system's token, does not open or does not answer.", "Unlock the keyring and try again; until then tell the clinician yourself.", "R32", "record_system"),
	NotAllowed:  fault.Row("The record system did not accept this computer's token.", tellAdvice, "R31", "record_system"),
	Several:     fault.Row("The record system holds this flag more than once.", handAdvice, "R40", "record_system"),
	Ended:       fault.Row("The record system holds this flag, but it is no longer active.", handAdvice, "R41", "record_system"),
}

// Kinds lists every kind in the order of its support code, for the runbook and for tests that leave none out.
func Kinds() []Kind { return table.Kinds() }

// Error is a flag that was not written, or of which that isn't known.
type Error struct {
	Kind      Kind
	Status    int // HTTP status; 0 without an answer
	RequestID string
	Err       error // the cause, for support; names no patient
}

// Error returns the user's sentence with the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Sentence returns what to tell the user.
func (e *Error) Sentence() string {
	said := table[e.Kind].Sentence
	var why *certerror.Error
	if e.Kind == Untrusted && errors.As(certerror.Nameless(e.Err), &why) {
		return strings.TrimSuffix(said, ".") + ": " + why.Reason.Words() + "."
	}
	return said
}

// Advice returns what the user can do now.
func (e *Error) Advice() string { return table[e.Kind].Advice }

// Name returns the name of all kinds in documents for programs.
func (e *Error) Name() string { return table[e.Kind].Name }

// Class returns the record system's.
func (e *Error) Class() fault.Class { return fault.Record }

// Code returns what support asks for: the row of the table and the HTTP status.
func (e *Error) Code() string {
	if e.Status == 0 {
		return table[e.Kind].Code
	}
	return fmt.Sprintf("%s-%d", table[e.Kind].Code, e.Status)
}

// KindOf returns the kind of a record system's error anywhere in err's chain, and Unexpected for any other error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Unexpected
}

// mayYetBeWritten reports whether trying again can help: it does not where the record system already holds the flag.
func mayYetBeWritten(err error) bool {
	k := KindOf(err)
	return k != Several && k != Ended
}

// stopsAll reports whether the next flag would fail in the same way.
func stopsAll(err error) bool {
	k := KindOf(err)
	return mayYetBeWritten(err) && k != Refused && k != Rubbish
}
