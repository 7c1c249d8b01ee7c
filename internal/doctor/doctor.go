// Package doctor says what is the matter between a person with a smartcard and the hub: a list of checks, top to
// bottom, each with a sentence for the user, what to do, and a code for support.
//
// Facts are gathered (Examine does it for the command, the screens as they go), and Judge, which is pure, makes the
// list of them. A check whose ground failed is not reached; it never passes for want of a fault.
package doctor

import "wardlight/internal/checklist"

// State is what became of a check.
type State = checklist.State

// The states. The zero State is a check that could not be made.
const (
	NotReached = checklist.NotReached
	Pass       = checklist.Pass
	Warning    = checklist.Warning
	Fail       = checklist.Fail
)

// Check is one row of the list.
type Check int

// The checks, top to bottom.
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

// naming is what a check is called: in documents, as a heading, and as the ground of a later check.
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

// Name returns the check's name in documents for programs: "hub_tls".
func (c Check) Name() string { return checks[c].name }

// String returns the check as a heading: "Hub TLS".
func (c Check) String() string { return checks[c].title }

// Family is what a failure is about; the exit codes of the program go by it.
type Family int

// The families. The zero Family is that of a line which did not fail.
const (
	NoFamily   Family = iota
	OfSettings        // a setting is missing or wrong
	OfCard            // service, reader, card or passcode
	OfSignIn          // refused, or the role lacks a code
	OfHub             // not reached, or failing
)

// Line is one check and what came of it.
type Line struct {
	Check    Check
	State    State
	Sentence string // one sentence for the user
	Advice   string // what to do now
	Code     string // for support
	Family   Family // of a line that failed
	Waits    bool   // not reached because an earlier line failed: that one's advice comes first
}

// FirstFailed returns the first line that failed; false when none did.
func FirstFailed(lines []Line) (Line, bool) {
	for _, l := range lines {
		if l.State == Fail {
			return l, true
		}
	}
	return Line{}, false
}

// Rows returns the lines as rows of a checklist.
func Rows(lines []Line) []checklist.Row {
	rows := make([]checklist.Row, len(lines))
	for i, l := range lines {
		rows[i] = checklist.Row{
			Name: l.Check.Name(), Title: l.Check.String(), State: l.State, Sentence: l.Sentence, Advice: l.Advice, Code: l.Code, Waits: l.Waits,
		}
	}
	return rows
}

// ReadyToSignIn reports whether the lines leave only the passcode between the card and a sign-in.
func ReadyToSignIn(lines []Line) bool {
	for _, l := range lines {
		if l.Check < SignIn && l.State != Pass && l.State != Warning {
			return false
		}
	}
	return true
}
