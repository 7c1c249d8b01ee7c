package browser

import (
	"fmt"

	"wardlight/internal/fault"
)

// Kind classifies the errors of a sign-in in the browser at this computer.
type Kind int

// The kinds. Their sentences, advice and support codes are in table.
const (
	NoBrowser  Kind = iota // no browser can be opened here
	NotStarted             // the program that opens the browser failed
	NoListener             // no port could be opened for the browser's answer
	TimedOut               // the browser did not return in time
	Ended                  // the browser returned without a code
)

// useCard ends the advice of most kinds.
const useCard = "sign in with your smartcard."

// table contains the texts and support codes of all kinds.
var table = fault.Table[Kind]{
	NoBrowser: fault.Row("This computer has no browser that this program can open.", "Here, "+useCard, "T10",
		"no_browser"),
	NotStarted: fault.Row("The browser could not be opened.", "Try again, or "+useCard, "T11", "browser_not_opened"),
	NoListener: fault.Row("This computer does not let the browser return to this program.", "Here, "+useCard, "T12",
		"browser_no_return"),
	TimedOut: fault.Row("Nobody signed in in the browser in time.", "Begin again, or "+useCard, "T13",
		"browser_timed_out"),
	Ended: fault.Row("The sign-in was ended in the browser.", "Begin again, or "+useCard, "T14", "browser_ended"),
}

// Kinds returns all kinds in the order of their support codes, for the runbook and for tests.
func Kinds() []Kind { return table.Kinds() }

// String returns the kind's name in machine-readable output.
func (k Kind) String() string { return table.Of(k, NotStarted).Name }

// Error is an error of a sign-in in the browser at this computer.
type Error struct {
	Kind   Kind
	Detail string // replaces the sentence of the table, if not ""
	Err    error  // cause, for support; it contains neither the address nor the code
}

// Error returns the sentence and the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Sentence returns what is wrong.
func (e *Error) Sentence() string {
	if e.Detail != "" {
		return e.Detail
	}
	return table.Of(e.Kind, NotStarted).Sentence
}

// Advice returns what the user can do.
func (e *Error) Advice() string { return table.Of(e.Kind, NotStarted).Advice }

// Code returns the support code.
func (e *Error) Code() string { return table.Of(e.Kind, NotStarted).Code }

// Name returns the kind's name.
func (e *Error) Name() string { return e.Kind.String() }

// Class returns the class of the error, which decides the exit code.
func (e *Error) Class() fault.Class { return fault.SignIn }
