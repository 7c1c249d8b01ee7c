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

// SessionManager manages the card and the session of one terminal, at most one at a time; *session.Desk implements it.
// Its methods must be safe for concurrent use. A call whose session ends while it runs returns an error at once, and
// never an answer of another session.
type SessionManager interface {
	// ReadAhead does everything that needs no passcode: it chooses the card to sign in with among those in the readers
	// (session.Choose), and requests a nonce from the hub at the same time. It ends the session of an earlier card. A
	// hub that can't be reached is reported only by SignIn. Errors are *session.SeveralCardsError and
	// *cardreader.Error, such as NoCertificate, CertificateExpired, CertificateNotYet and Locked.
	ReadAhead(ctx context.Context, readers []cardreader.Reader) (session.Card, error)
	// SignIn signs the hub's nonce with the card that was read and exchanges it for a session. It wipes the passcode.
	// Errors are *cardreader.Error or *client.Error.
	SignIn(ctx context.Context, passcode *cardreader.Passcode) (session.SignedIn, error)
	// SignInByBrowser opens the browser for a sign-in with CIS2, and waits until the user has signed in there. It ends
	// the session of an earlier card. Errors are *browser.Error, such as NoBrowser, or *client.Error.
	SignInByBrowser(ctx context.Context) (session.SignedIn, error)
	// Choose selects the role for the following calls. It returns session.ErrNoSession if the person does not have it.
	Choose(urid string) error
	// Find searches for patients; Patient retrieves a record. Errors are *client.Error or session.ErrNoSession.
	Find(ctx context.Context, q client.Query) (client.Found, error)
	Patient(ctx context.Context, n nhs.Number) (client.Patient, error)
	// Lamp asks whether there is an alert. If the request fails, the state is client.CouldNotCheck, with the error.
	Lamp(ctx context.Context, n nhs.Number) client.Lamp
	// CheckPatient requests the record and the lamp for a row of a worklist, and compares the row with the record. It
	// notifies nobody.
	CheckPatient(ctx context.Context, p worklist.Patient) worklist.Result
	// Open opens the alert. In unscheduled care the hub records this in the access history and notifies the local
	// authority.
	Open(ctx context.Context, n nhs.Number) (client.Opened, error)
	// MarkUnseen records that the answer to the opening with this request id was not shown. Another Open of the same
	// patient then uses the same id.
	MarkUnseen(ctx context.Context, requestID string) error
	// Receipt returns the receipt of the check or opening with that request id. Errors are *client.Error or
	// session.ErrNoSession.
	Receipt(ctx context.Context, requestID string) (client.Receipt, error)
	// ViewSummary views the Summary Care Record, which the hub records with its permission. If the request fails, the
	// state says so and the error is set.
	ViewSummary(ctx context.Context, n nhs.Number, v client.SummaryView) client.Summary
	// Report makes a privacy officer's report. Errors are *client.Error or session.ErrNoSession.
	Report(ctx context.Context, q client.ReportQuery) (client.Report, error)
	// PrivacyAlerts lists the privacy alerts of the role's organisation, and CloseAlert closes one with a note. Errors
	// are *client.Error or session.ErrNoSession.
	PrivacyAlerts(ctx context.Context, q client.AlertQuery) (client.PrivacyAlerts, error)
	CloseAlert(ctx context.Context, id, note string) (client.PrivacyAlert, error)
	// End drops the session and everything that belongs to it, and revokes it at the hub in the background. Without a
	// session it does nothing.
	End(ctx context.Context, why session.Reason)
}

// Flags writes flags about alerts to the site's own record system, and stores those that could not be written. Its
// methods must be safe for concurrent use.
type Flags interface {
	// Name returns the name of the record system, such as "Example ED records".
	Name() string
	// Set writes a flag. Repeated calls write it only once. A flag that can't be written is stored.
	Set(ctx context.Context, f recordsystem.Flag) recordsystem.Result
	// Pending returns the flags that are not yet written.
	Pending(ctx context.Context) recordsystem.PendingFlags
	// Retry writes the flags that are not yet written, and returns those that remain.
	Retry(ctx context.Context) recordsystem.PendingFlags
	// Forget removes a flag that is not to be written any more. It reports whether there was one.
	Forget(ctx context.Context, id string) (bool, error)
}

// Printing prints pages. Its methods must be safe for concurrent use. Errors are *cups.Error, with a sentence and
// advice for the user.
type Printing interface {
	// Queues returns the print queues, the default first.
	Queues(ctx context.Context) ([]cups.Queue, error)
	// Print sends pages of plain text to a queue, and returns the number of the job.
	Print(ctx context.Context, queue string, page []byte) (job string, err error)
	// Follow waits some seconds for the job to be printed. If it is still in the queue, the error has kind
	// cups.Waiting.
	Follow(ctx context.Context, job string) error
	// Cancel removes a job from the queue.
	Cancel(ctx context.Context, job string) error
}

// ListStore reads worklists from files, and saves one list between sign-ins; shelf.Shelf implements it. Errors have a
// sentence and advice for the user. Its methods must be safe for concurrent use.
type ListStore interface {
	// ReadList reads a list from a file. The error is a *worklist.ParseError.
	ReadList(ctx context.Context, path string, today nhs.Date) (worklist.List, error)
	// LoadSaved returns the saved list of the owner, or nil.
	LoadSaved(ctx context.Context, who worklist.Owner, now time.Time) (*worklist.SavedList, error)
	// SaveList saves the list, replaces the previous one, and overwrites list. If it returns an error the list is only
	// in memory.
	SaveList(ctx context.Context, who worklist.Owner, list []byte) error
	// WriteTable writes a table to a new file that only the user can read. The error is a *worklist.SaveError.
	WriteTable(ctx context.Context, path string, table []byte) error
	// RemoveSaved removes the saved list.
	RemoveSaved(ctx context.Context, who worklist.Owner) error
}

// Worklist configures the worklist. Without a Store there is no worklist.
type Worklist struct {
	Store        ListStore
	File         string        // a list to read after the first sign-in, or ""
	Rate         int           // patients a minute; 0 means no limit
	MaxAnswerAge time.Duration // age after which an answer is marked as old; 0 means never
}
