package secretstore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"
	"syscall"

	"wardlight/internal/fault"

	"github.com/zalando/go-keyring"
)

// Kind classifies errors of the keyring.
type Kind int

// The kinds. Their sentences, advice and support codes are in table.
const (
	Failed   Kind = iota // any other error
	Absent               // there is no keyring here
	Locked               // locked, and not unlocked by the user
	NoAnswer             // timeout: the keyring may be waiting to be unlocked
	TooLong              // the secret is too long
	Damaged              // the stored value is malformed
	NotFound             // there is no secret of that name
)

// table contains the texts and support codes of all kinds.
var table = fault.Table[Kind]{
	Failed: fault.Row("This computer's keyring could not be used.", "Leave 'wardlight login' out and type the "+
		"passcode for each command; tell support the code.", "K01", "keyring_failed"),
	Absent: fault.Row("There is no keyring on this computer to keep a sign-in in.",
		"Leave 'wardlight login' out and type the passcode for each command.", "K10", "keyring_absent"),
	Locked: fault.Row("This computer's keyring is locked.", "Unlock it, as the desktop asks, and try again.", "K11",
		"keyring_locked"),
	NoAnswer: fault.Row("This computer's keyring does not answer: it may be waiting for you to unlock it.",
		"Unlock it, as the desktop asks, and try again; or type the passcode for each command.", "K14",
		"keyring_no_answer"),
	TooLong: fault.Row("This sign-in is too big for this computer's keyring.", "Leave 'wardlight login' out and "+
		"type the passcode for each command; tell support the code.", "K12", "keyring_too_big"),
	Damaged: fault.Row("What is kept in this computer's keyring cannot be read.",
		"Run 'wardlight logout', then 'wardlight login'.", "K13", "keyring_damaged"),
	NotFound: fault.Row("No sign-in is kept.", "Sign in with 'wardlight login', or type the passcode for each command.",
		"K20", "not_kept"),
}

// Kinds returns all kinds in the order of their support codes, for the runbook and for tests.
func Kinds() []Kind { return table.Kinds() }

// String returns the kind's name in machine-readable output: "keyring_absent".
func (k Kind) String() string { return table.Of(k, Failed).Name }

// Error is an error of the keyring.
type Error struct {
	Kind   Kind
	Detail string // replaces the table's sentence if it isn't empty
	Err    error  // cause, for support
}

// Error returns the sentence for the user with the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Sentence returns the sentence for the user.
func (e *Error) Sentence() string {
	if e.Detail != "" {
		return e.Detail
	}
	return table[e.Kind].Sentence
}

// Advice returns what the user can do.
func (e *Error) Advice() string { return table[e.Kind].Advice }

// Name returns the kind's name in machine-readable output.
func (e *Error) Name() string { return e.Kind.String() }

// Class returns [fault.Keyring], or [fault.SignIn] for kind NotFound.
func (e *Error) Class() fault.Class {
	if e.Kind == NotFound {
		return fault.SignIn
	}
	return fault.Keyring
}

// Code returns the support code.
func (e *Error) Code() string { return table[e.Kind].Code }

// KindOf returns the kind of the first *Error in err's chain, or Failed if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Failed
}

// noService lists D-Bus errors that mean that there is no keyring on the bus, or no bus (D-Bus specification, and
// texts of godbus where it has no name). A container, a server and an ssh session commonly have none.
var noService = []string{
	"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
	"org.freedesktop.DBus.Error.Spawn", "org.freedesktop.DBus.Error.NoServer",
	"org.freedesktop.DBus.Error.Disconnected",
	"was not provided by any .service files", "dbus-launch", "dbus: connection closed",
}

// busGoneErrors lists errors that mean that the bus has ended. Several are possible: godbus keeps its connection and
// notices the end while reading, but a concurrent call may be writing.
var busGoneErrors = []error{
	syscall.EPIPE, syscall.ECONNRESET, io.EOF, net.ErrClosed, // existing connection
	syscall.ECONNREFUSED, fs.ErrNotExist, // new connection
}

// lockedTexts lists texts of errors that mean that the keyring was not unlocked. After a dismissed prompt, go-keyring
// only reports that the collection did not open.
var lockedTexts = []string{
	"failed to unlock", "org.freedesktop.Secret.Error.IsLocked",
	"Cannot get secret of a locked object", "user interaction is not allowed",
}

// errorOf converts an error of go-keyring to an *Error.
func errorOf(err error) error {
	kind := Failed
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		kind = NotFound
	case errors.Is(err, keyring.ErrSetDataTooBig):
		kind = TooLong
	case errors.Is(err, keyring.ErrUnsupportedPlatform), mentions(err, noService), ended(err):
		kind = Absent
	case mentions(err, lockedTexts):
		kind = Locked
	}
	return &Error{Kind: kind, Err: err}
}

// ended reports whether err means that the bus has ended.
func ended(err error) bool {
	return slices.ContainsFunc(busGoneErrors, func(g error) bool { return errors.Is(err, g) })
}

// mentions reports whether err's text, or its D-Bus error name, which the text omits, contains one of the words.
func mentions(err error, words []string) bool {
	said := busName(err) + " " + err.Error()
	for _, w := range words {
		if strings.Contains(said, w) {
			return true
		}
	}
	return false
}
