package keep

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

// Kind is what went wrong with a keyring.
type Kind int

// The kinds. Their sentences, advice and support codes stand in one table, below.
const (
	Failed   Kind = iota // something that this version does not know
	Absent               // there is no keyring here
	Locked               // it is locked, and nobody unlocked it
	NoAnswer             // it has not answered in time: it may be waiting for its owner
	TooBig               // the secret does not fit
	Damaged              // what stands there cannot be read
	Nothing              // there is no secret of that name
)

// table is the one place for the words about keyrings.
var table = fault.Table[Kind]{
	Failed:   fault.Row("This computer's keyring could not be used.", "Leave 'wardlight login' out and type the passcode for each command; tell support the code.", "K01", "keyring_failed"),
	Absent:   fault.Row("There is no keyring on this computer to keep a sign-in in.", "Leave 'wardlight login' out and type the passcode for each command.", "K10", "keyring_absent"),
	Locked:   fault.Row("This computer's keyring is locked.", "Unlock it, as the desktop asks, and try again.", "K11", "keyring_locked"),
	NoAnswer: fault.Row("This computer's keyring does not answer: it may be waiting for you to unlock it.", "Unlock it, as the desktop asks, and try again; or type the passcode for each command.", "K14", "keyring_no_answer"),
	TooBig:   fault.Row("This sign-in is too big for this computer's keyring.", "Leave 'wardlight login' out and type the passcode for each command; tell support the code.", "K12", "keyring_too_big"),
	Damaged:  fault.Row("What is kept in this computer's keyring cannot be read.", "Run 'wardlight logout', then 'wardlight login'.", "K13", "keyring_damaged"),
	Nothing:  fault.Row("No sign-in is kept.", "Sign in with 'wardlight login', or type the passcode for each command.", "K20", "not_kept"),
}

// Kinds lists every kind in the order of its support code, for the runbook and for tests that leave none out.
func Kinds() []Kind { return table.Kinds() }

// String returns the kind's name in documents: "keyring_absent".
func (k Kind) String() string { return table.Of(k, Failed).Name }

// Error is a failure of the keyring.
type Error struct {
	Kind   Kind
	Detail string // replaces the table's sentence where more is known
	Err    error  // the cause, for support
}

// Error returns the user's sentence with the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Sentence returns what to tell the user.
func (e *Error) Sentence() string {
	if e.Detail != "" {
		return e.Detail
	}
	return table[e.Kind].Sentence
}

// Advice returns what the user can do now.
func (e *Error) Advice() string { return table[e.Kind].Advice }

// Name returns the kind's name in documents for programs.
func (e *Error) Name() string { return e.Kind.String() }

// Class returns the keyring's; where no sign-in is kept, that of signing in.
func (e *Error) Class() fault.Class {
	if e.Kind == Nothing {
		return fault.SignIn
	}
	return fault.Keyring
}

// Code returns what support asks for.
func (e *Error) Code() string { return table[e.Kind].Code }

// KindOf returns the kind of a keyring error anywhere in err's chain, and Failed for any other error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Failed
}

// noService are the D-Bus errors of a bus without a keyring on it, or of no bus at all (D-Bus specification, and the
// words of godbus where it has no name for it). A container, a server and an ssh session commonly have none.
var noService = []string{
	"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
	"org.freedesktop.DBus.Error.Spawn", "org.freedesktop.DBus.Error.NoServer", "org.freedesktop.DBus.Error.Disconnected",
	"was not provided by any .service files", "dbus-launch", "dbus: connection closed",
}

// gone are the errors of a bus that is not there any more. Which of them a call gives depends on how far the
// session's end has come: godbus keeps its connection and learns of the end by reading, while a call may be writing.
var gone = []error{
	syscall.EPIPE, syscall.ECONNRESET, io.EOF, net.ErrClosed, // the connection that was kept
	syscall.ECONNREFUSED, fs.ErrNotExist, // a new one
}

// locked are the words of a keyring that nobody unlocked. After a prompt that was dismissed go-keyring only knows
// that the collection did not open.
var locked = []string{"failed to unlock", "org.freedesktop.Secret.Error.IsLocked", "Cannot get secret of a locked object", "user interaction is not allowed"}

// errorOf tells go-keyring's errors apart.
func errorOf(err error) error {
	kind := Failed
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		kind = Nothing
	case errors.Is(err, keyring.ErrSetDataTooBig):
		kind = TooBig
	case errors.Is(err, keyring.ErrUnsupportedPlatform), mentions(err, noService), ended(err):
		kind = Absent
	case mentions(err, locked):
		kind = Locked
	}
	return &Error{Kind: kind, Err: err}
}

// ended is whether err is that of a bus that is gone.
func ended(err error) bool {
	return slices.ContainsFunc(gone, func(g error) bool { return errors.Is(err, g) })
}

// mentions looks for words in what an error says and in the name of a D-Bus error, which its message leaves out.
func mentions(err error, words []string) bool {
	said := busName(err) + " " + err.Error()
	for _, w := range words {
		if strings.Contains(said, w) {
			return true
		}
	}
	return false
}
