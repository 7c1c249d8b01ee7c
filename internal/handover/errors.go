package handover

import (
	"errors"
	"fmt"

	"wardlight/internal/fault"
)

// Kind is a reason why a patient is not shown.
type Kind int

// The kinds. Their sentences, advice and support codes are in table.
const (
	Failed       Kind = iota // any other error
	NoSession                // the user runs no screens
	NotSignedIn              // nobody is signed in on the screens, or they are locked
	NoRole                   // no role has been chosen
	WrongRole                // no role of the user allows a patient search
	Dialog                   // a question, warning or help page is open
	Opening                  // an alert is being opened
	Printing                 // a page is being printed
	Typed                    // a field contains text or is being edited
	Small                    // the window is too small to show a patient
	NoAnswer                 // the screens did not respond before the timeout
	OtherUser                // the folder, the socket or the peer belongs to another user
	Open                     // other users have access to the folder
	NoFolder                 // no folder can be used
	OtherVersion             // the screens use another version of the protocol
	NotHere                  // not supported on this operating system
)

// table contains the texts and support codes of all kinds.
var table = fault.Table[Kind]{
	Failed: fault.Row("The patient could not be handed over.",
		"Find the patient in Wardlight yourself, and tell support the code.", "S01", "show_failed"),
	NoSession: fault.Row("No Wardlight of yours is running on this computer.",
		"Start Wardlight, sign in, then try again.", "S10", "show_no_session"),
	NotSignedIn: fault.Row("Nobody is signed in to Wardlight, or it is locked.",
		"Sign in there first, then try again.", "S11", "show_not_signed_in"),
	NoRole: fault.Row("No role is chosen in Wardlight yet.", "Choose your role there first, then try again.",
		"S12", "show_no_role"),
	WrongRole: fault.Row("The role in Wardlight may not look for patients.", "Ask your Registration Authority (RA).",
		"S13", "show_wrong_role"),
	Dialog: fault.Row("Wardlight is busy: it shows a question, a warning or its help.",
		"Answer or close that first, then try again.", "S20", "show_dialog"),
	Opening: fault.Row("Wardlight is busy: an alert is being opened.", "Finish there first, then try again.",
		"S21", "show_opening"),
	Printing: fault.Row("Wardlight is busy: a page is being printed.", "Wait until it is printed, then try again.",
		"S22", "show_printing"),
	Typed: fault.Row("Wardlight is busy: something is being typed or asked there.",
		"Finish it there, or clear it, then try again.", "S23", "show_typed"),
	Small: fault.Row("Wardlight's window is too small to show a patient.", "Make it larger, then try again.",
		"S24", "show_small"),
	NoAnswer: fault.Row("Wardlight did not answer in time.",
		"Look at its screen before you try again: the patient may be there.", "S30", "show_no_answer"),
	OtherUser: fault.Row("The Wardlight that is running here is another user's.",
		"Use a Wardlight of your own. If it is yours, tell support the code.", "S31", "show_other_user"),
	Open: fault.Row("The folder of the hand-over is open to other users.",
		"Tell support the code: only you may be able to read it.", "S32", "show_open_folder"),
	NoFolder: fault.Row("The folder of the hand-over cannot be used.", "Tell support the code.", "S33",
		"show_no_folder"),
	OtherVersion: fault.Row("The Wardlight that is running is of another version.",
		"Quit it and start it again, then try again.", "S34", "show_other_version"),
	NotHere: fault.Row("Handing over a patient does not work on this operating system yet.",
		"Find the patient in Wardlight yourself.", "S40", "show_not_here"),
}

// classes maps kinds to their class, if it isn't Other.
var classes = map[Kind]fault.Class{
	NoSession: fault.SignIn, NotSignedIn: fault.SignIn, NoRole: fault.SignIn, WrongRole: fault.SignIn,
	OtherUser: fault.SignIn,
	Dialog:    fault.Busy, Opening: fault.Busy, Printing: fault.Busy, Typed: fault.Busy, Small: fault.Busy,
}

// Kinds returns all kinds in the order of their support codes, for the runbook and for tests.
func Kinds() []Kind { return table.Kinds() }

// String returns the kind's name in machine-readable output: "show_not_signed_in".
func (k Kind) String() string { return table.Of(k, Failed).Name }

// Error is returned if a patient could not be handed over. It never contains the NHS number.
type Error struct {
	Kind Kind
	Err  error // cause, for support; may be nil
}

// Error returns the sentence for the user with the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error of the same kind.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind
}

// Sentence returns the sentence for the user.
func (e *Error) Sentence() string { return table.Of(e.Kind, Failed).Sentence }

// Advice returns what the user can do.
func (e *Error) Advice() string { return table.Of(e.Kind, Failed).Advice }

// Code returns the support code.
func (e *Error) Code() string { return table.Of(e.Kind, Failed).Code }

// Name returns the kind's name in machine-readable output.
func (e *Error) Name() string { return e.Kind.String() }

// Class returns fault.SignIn, fault.Busy or fault.Other.
func (e *Error) Class() fault.Class { return classes[e.Kind] }

// KindOf returns the kind of the first *Error in err's chain, or Failed if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Failed
}
