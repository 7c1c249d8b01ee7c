package tui

import (
	"context"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/internal/worklist"
)

// Desk is one terminal's front door: at most one card and one session at a time. Its methods may be called from any
// goroutine; a call whose session ends while it runs returns an error at once, never another session's answer.
type Desk interface {
	// ReadAhead reads the card in reader and fetches a nonce from the hub at the same time: all that needs no passcode.
	// A hub that cannot be reached is not an error yet; the sign-in says so. Errors are *cardreader.Error, among them
	// NoCertificate, CertificateEnded, CertificateNotYet and Locked. It replaces an earlier card and ends its session.
	ReadAhead(ctx context.Context, reader string) (session.Card, error)
	// SignIn signs the hub's nonce with the card that was read and exchanges it for a session. It wipes the passcode.
	// Errors are *cardreader.Error or *client.Error.
	SignIn(ctx context.Context, passcode *cardreader.Passcode) (session.SignedIn, error)
	// Choose takes the role for all that follows. session.ErrNoSession when it is not one of the person's.
	Choose(urid string) error
	// Find searches; Patient retrieves. Errors are *client.Error, or session.ErrNoSession.
	Find(ctx context.Context, q client.Query) (client.Found, error)
	Patient(ctx context.Context, n nhs.Number) (client.Patient, error)
	// Lamp asks whether there is an alert. It has no error of its own: a failure is a Lamp that could not be checked.
	Lamp(ctx context.Context, n nhs.Number) client.Lamp
	// CheckPatient asks for the record and the lamp of a line of a worklist, and compares the line with the record. It notifies nobody.
	CheckPatient(ctx context.Context, p worklist.Patient) worklist.Result
	// Open opens the alert, which in unscheduled care writes the access history and notifies the local authority.
	Open(ctx context.Context, n nhs.Number) (client.Opened, error)
	// Unseen says that the answer to the opening with the request id came too late to be shown: another Open is one with it.
	Unseen(ctx context.Context, requestID string) error
	// End drops the session and everything that belongs to it, and revokes it at the hub in the background of ctx.
	// Without a session it does nothing.
	End(ctx context.Context, why session.Reason)
}
