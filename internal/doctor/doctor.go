// Package doctor diagnoses problems between a user with a smartcard and the hub. The result is a list of checks, each
// with a sentence for the user, advice, and a support code.
//
// Facts are collected first: by Examine for the command, and by the screens as they run. Judge, a pure function,
// derives the checks from them. A check that depends on a failed one is not reached; it never passes just because no
// error was seen.
package doctor

import "wardlight/internal/checklist"

// State is the result of a check.
type State = checklist.State

// The states. The zero State means that the check could not be made.
const (
	NotReached = checklist.NotReached
	Pass       = checklist.Pass
	Warning    = checklist.Warning
	Fail       = checklist.Fail
)

// A Check identifies one row of the list.
type Check int

// The checks, in the order of the list.
const (
	Service Check = iota
	Readers
	Card
	Driver
	Certificate
	Tries
	Clock
	Address
	TLS
	SignIn
	Roles
)

// naming contains the names of a check: in machine-readable output, as a heading, and as the precondition of a later
// check.
type naming struct{ name, title, ground string }

var checks = [...]naming{
	Service:     {"service", "Smartcard service", "the smartcard service"},
	Readers:     {"readers", "Readers", "a reader"},
	Card:        {"card", "Card", "the card"},
	Driver:      {"driver", "Driver", "the driver"},
	Certificate: {"certificate", "Certificate", "the certificate"},
	Tries:       {"tries", "Passcode tries", "the passcode tries"},
	Clock:       {"clock", "Clock", "the clock"},
	Address:     {"hub_address", "Hub address", "the hub's address"},
	TLS:         {"hub_tls", "Hub TLS", "the hub's TLS"},
	SignIn:      {"sign_in", "Sign-in", "the sign-in"},
	Roles:       {"roles", "Roles and codes", "the roles"},
}

// Name returns the check's name in machine-readable output: "hub_tls".
func (c Check) Name() string { return checks[c].name }

// String returns the check as a heading: "Hub TLS".
func (c Check) String() string { return checks[c].title }

// A Family groups failures by subject. The program's exit code depends on it.
type FailureKind int

// The families. The zero FailureKind is that of a check that did not fail.
const (
	FailureNone     FailureKind = iota
	FailureSettings             // a setting is missing or wrong
	FailureCard                 // service, reader, card or passcode
	FailureSignIn               // sign-in refused, or the role lacks an activity code
	FailureHub                  // hub unreachable or failing
)

// A Line is the result of one check.
type Result struct {
	Check    Check
	State    State
	Sentence string      // for the user
	Advice   string      // what the user can do
	Code     string      // support code
	Family   FailureKind // subject of the failure
	Blocked  bool        // not reached because an earlier check failed, whose advice comes first
}

// FirstFailed returns the first line that failed, or false if none did.
func FirstFailed(lines []Result) (Result, bool) {
	for _, l := range lines {
		if l.State == Fail {
			return l, true
		}
	}
	return Result{}, false
}

// Rows returns the lines as rows of a checklist.
func Rows(lines []Result) []checklist.Row {
	rows := make([]checklist.Row, len(lines))
	for i, l := range lines {
		rows[i] = checklist.Row{
			Name: l.Check.Name(), Title: l.Check.String(), State: l.State, Sentence: l.Sentence, Advice: l.Advice,
			Code: l.Code, Blocked: l.Blocked,
		}
	}
	return rows
}

// ReadyToSignIn reports whether all checks before the sign-in passed, so that only the passcode is missing.
func ReadyToSignIn(lines []Result) bool {
	for _, l := range lines {
		if l.Check < SignIn && l.State != Pass && l.State != Warning {
			return false
		}
	}
	return true
}
