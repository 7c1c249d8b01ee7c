// Package session is one sign-in and its life: what is read ahead of the passcode, the passcode itself, the role, the
// calls made in that role, and the end. The terminal program and the commands share it.
package session

import (
	"context"
	"errors"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// Card is what the screen may know of an inserted card before the passcode.
type Card struct {
	Reader  string
	Driver  string
	ATR     []byte
	UUID    string    // the certificate's common name
	Ends    time.Time // of the certificate
	Issuer  string
	Tries   int    // passcode tries left; -1 when the card does not say
	KeyKind string // "RSA 2048"
}

// SignedIn is who signed in, and the roles they may choose from.
type SignedIn struct {
	Person client.Person
	Roles  []rbac.RoleProfile // in the hub's order
	Usable []rbac.RoleProfile // those that can do the front door's job
}

// ErrNoSession is given by a call that needs a session, or a role, when there is none.
var ErrNoSession = errors.New("no session")

// Reason is why a session ends.
type Reason string

// The reasons.
const (
	CardRemoved Reason = "card removed"
	Locked      Reason = "locked by the user"
	Idle        Reason = "idle too long"
	Quit        Reason = "program ended"
)

// Desk is one terminal's front door: at most one card and one session at a time. Its methods may be called from any
// goroutine; a call whose session ends while it runs returns an error at once, never another session's answer.
type Desk interface {
	// ReadAhead reads the card in reader and fetches a nonce from the hub at the same time: all that needs no passcode.
	// A hub that cannot be reached is not an error yet; the sign-in says so. Errors are *cardreader.Error, among them
	// NoCertificate, CertificateEnded, CertificateNotYet and Locked. It replaces an earlier card and ends its session.
	ReadAhead(ctx context.Context, reader string) (Card, error)
	// SignIn signs the hub's nonce with the card that was read and exchanges it for a session. It wipes the passcode.
	// Errors are *cardreader.Error or *client.Error.
	SignIn(ctx context.Context, passcode *cardreader.Passcode) (SignedIn, error)
	// Choose takes the role for all that follows. ErrNoSession when it is not one of the person's.
	Choose(urid string) error
	// Find searches; Patient retrieves. Errors are *client.Error, or ErrNoSession.
	Find(ctx context.Context, q client.Query) (client.Found, error)
	Patient(ctx context.Context, n nhs.Number) (client.Patient, error)
	// Lamp asks whether there is an alert. It has no error of its own: a failure is a Lamp that could not be checked.
	Lamp(ctx context.Context, n nhs.Number) client.Lamp
	// Open opens the alert, which in unscheduled care writes the access history and notifies the local authority.
	Open(ctx context.Context, n nhs.Number) (client.Opened, error)
	// End drops the session and everything that belongs to it, and revokes it at the hub in the background of ctx.
	// Without a session it does nothing.
	End(ctx context.Context, why Reason)
}
