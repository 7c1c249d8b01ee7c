package shell

import (
	"context"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/cups"
	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/internal/session"
	"wardlight/internal/worklist"
)

// Desk is one terminal's front door: at most one card and one session at a time. Its methods may be called from any
// goroutine; a call whose session ends while it runs returns an error at once, never another session's answer.
type Desk interface {
	// ReadAhead chooses the card to sign in with among those in the readers (session.Choose), and fetches a nonce from the
	// hub at the same time: all that needs no passcode. A hub that cannot be reached is not an error yet; the sign-in says
	// so. Errors are *session.SeveralCardsError, and *cardreader.Error, among them NoCertificate, CertificateEnded,
	// CertificateNotYet and Locked. It replaces an earlier card and ends its session.
	ReadAhead(ctx context.Context, readers []cardreader.Reader) (session.Card, error)
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
	// CheckPatient asks for the record and the lamp of a line of a worklist, and compares the line with the record. It
	// notifies nobody.
	CheckPatient(ctx context.Context, p worklist.Patient) worklist.Result
	// Open opens the alert, which in unscheduled care writes the access history and notifies the local authority.
	Open(ctx context.Context, n nhs.Number) (client.Opened, error)
	// Unseen says that the answer to the opening with the request id came too late to be shown: another Open is one with
	// it.
	Unseen(ctx context.Context, requestID string) error
	// End drops the session and everything that belongs to it, and revokes it at the hub in the background of ctx.
	// Without a session it does nothing.
	End(ctx context.Context, why session.Reason)
}

// Flags is the site's own record system, in which a flag says that there is an alert, and what could not be written
// there yet. Its methods may be called from any goroutine.
type Flags interface {
	// Place is the record system in words: "Example ED records".
	Place() string
	// Set writes a flag once, however often it is called, and keeps one that could not be written.
	Set(ctx context.Context, f recordsystem.Flag) recordsystem.Answer
	// Waiting is what is not yet written.
	Waiting(ctx context.Context) recordsystem.Waiting
	// Retry writes what is not yet written, and gives what is left.
	Retry(ctx context.Context) recordsystem.Waiting
	// Forget drops one that is not to be written any more, and reports whether there was one.
	Forget(ctx context.Context, id string) (bool, error)
}

// Printing is where paper comes from. Its methods may be called from any goroutine. Errors say of themselves what is
// wrong and what to do (*cups.Error).
type Printing interface {
	// Queues lists the print queues, the usual one first.
	Queues(ctx context.Context) ([]cups.Queue, error)
	// Print sends pages of plain text to a queue, and gives the number of the job.
	Print(ctx context.Context, queue string, page []byte) (job string, err error)
	// Follow waits some seconds for the page to come out; an error of kind cups.Waiting is one that has not.
	Follow(ctx context.Context, job string) error
	// Cancel takes a page back that waits.
	Cancel(ctx context.Context, job string) error
}

// Shelf is where worklists come from and where one is kept from one sign-in to the next; shelf.Shelf is one. Errors
// say what is wrong and what to do. Its methods may be called from any goroutine.
type Shelf interface {
	// ReadList reads a list from a file. The error is a *worklist.ParseError.
	ReadList(ctx context.Context, path string, today nhs.Date) (worklist.List, error)
	// Kept is the list that is kept for the owner; nil when there is none.
	Kept(ctx context.Context, who worklist.Owner, now time.Time) (*worklist.Kept, error)
	// Keep puts the list in the place of the one that was kept, and clears it. After an error it is only in memory.
	Keep(ctx context.Context, who worklist.Owner, list []byte) error
	// Save writes a table into a new file, which only its owner can read. The error is a *worklist.SaveError.
	Save(ctx context.Context, path string, table []byte) error
	// Forget removes the list that is kept.
	Forget(ctx context.Context, who worklist.Owner) error
}

// Worklist is what the worklist needs; one without a Shelf leaves it out.
type Worklist struct {
	Shelf Shelf
	File  string        // a list to begin with after the first sign-in; "" for none
	Rate  int           // patients a minute; 0 is no limit
	Old   time.Duration // past it an answer is told to be old; 0 makes none old
}
