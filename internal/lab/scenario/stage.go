package scenario

import (
	"context"
	"errors"
	"time"

	"wardlight/internal/nhs"
	"wardlight/internal/testterm"
)

// A Stage executes the steps of a scenario: it controls the program, a reader, a hub and local authorities. Methods
// may block until ctx is done.
type Stage interface {
	// Start starts the program on a terminal, which the caller closes.
	Start(ctx context.Context, o testterm.Options) (*testterm.Console, error)
	// Set changes a setting of the program. It applies to programs that are started afterwards.
	Set(name, value string) error
	// Run runs a command of the program and returns its exit code and its output.
	Run(ctx context.Context, command []string) (code int, output string, err error)
	// HoldKey calls press n times, at intervals of every by the program's clock. It calls press again only after the
	// program has handled the previous key.
	HoldKey(ctx context.Context, press func() error, n int, every time.Duration) error
	// SetDate sets the clock of hub and program. It can't be set back.
	SetDate(at time.Time) error

	Insert(ctx context.Context, card string) error
	Eject() error

	StopHub() error
	StartHub(ctx context.Context) error
	// AnswerHub makes a proxy in front of the hub answer every request with the status and an HTML document. A status
	// of 0 removes the proxy.
	AnswerHub(status int) error

	// Import adds the people and plans in a file to the hub's store. The error names the refused lines.
	Import(ctx context.Context, file string) error
	// Upload sends a file on behalf of the authority.
	Upload(ctx context.Context, authority, file string) (UploadAnswer, error)
	// Notifications waits until the authority, or all authorities if it is "", have been notified of n openings since
	// the stage was created. It returns the number of openings, which is less than n if ctx was done first.
	Notifications(ctx context.Context, authority string, n int) (int, error)
	// Accesses returns how many accesses were added to a patient's access history since the stage was created.
	Accesses(ctx context.Context, patient nhs.Number) (int, error)

	// FailRecords makes the site's record system reject the next flag. CutRecords makes it store the next flag and
	// break the connection before its response. Flagged returns how many flags it has.
	FailRecords() error
	CutRecords() error
	Flagged() (int, error)
	// Printed waits until printing is complete, and returns the text of each printout.
	Printed(ctx context.Context) ([]string, error)
}

// UploadAnswer is the hub's answer to a file of an authority.
type UploadAnswer struct {
	Code     string // code of the file
	Sentence string
	Rows     []RowAnswer
}

// RowAnswer is the answer to a row.
type RowAnswer struct {
	Row      int
	Code     string
	Sentence string
}

// ErrUnsupported is returned by a Stage that doesn't support a step.
var ErrUnsupported = errors.New("this step is not supported here")

// Unsupported is a Stage without any support. It is embedded by stages that support some of the steps.
type Unsupported struct{}

var _ Stage = Unsupported{}

// Start returns ErrUnsupported, like most methods of Unsupported.
func (Unsupported) Start(context.Context, testterm.Options) (*testterm.Console, error) {
	return nil, ErrUnsupported
}

// Set returns ErrUnsupported.
func (Unsupported) Set(string, string) error { return ErrUnsupported }

// Run returns ErrUnsupported.
func (Unsupported) Run(context.Context, []string) (int, string, error) { return 0, "", ErrUnsupported }

// SetDate returns ErrUnsupported.
func (Unsupported) SetDate(time.Time) error { return ErrUnsupported }

// HoldKey calls press by the computer's clock, because the program's clock is unknown.
func (Unsupported) HoldKey(ctx context.Context, press func() error, n int, every time.Duration) error {
	for range n {
		if err := press(); err != nil {
			return err
		}
		if err := wait(ctx, every); err != nil {
			return err
		}
	}
	return nil
}

// Insert returns ErrUnsupported.
func (Unsupported) Insert(context.Context, string) error { return ErrUnsupported }

// Eject returns ErrUnsupported.
func (Unsupported) Eject() error { return ErrUnsupported }

// StopHub returns ErrUnsupported.
func (Unsupported) StopHub() error { return ErrUnsupported }

// StartHub returns ErrUnsupported.
func (Unsupported) StartHub(context.Context) error { return ErrUnsupported }

// AnswerHub returns ErrUnsupported.
func (Unsupported) AnswerHub(int) error { return ErrUnsupported }

// Import returns ErrUnsupported.
func (Unsupported) Import(context.Context, string) error { return ErrUnsupported }

// Upload returns ErrUnsupported.
func (Unsupported) Upload(context.Context, string, string) (UploadAnswer, error) {
	return UploadAnswer{}, ErrUnsupported
}

// Notifications returns ErrUnsupported.
func (Unsupported) Notifications(context.Context, string, int) (int, error) { return 0, ErrUnsupported }

// Accesses returns ErrUnsupported.
func (Unsupported) Accesses(context.Context, nhs.Number) (int, error) { return 0, ErrUnsupported }

// FailRecords returns ErrUnsupported.
func (Unsupported) FailRecords() error { return ErrUnsupported }

// CutRecords returns ErrUnsupported.
func (Unsupported) CutRecords() error { return ErrUnsupported }

// Flagged returns ErrUnsupported.
func (Unsupported) Flagged() (int, error) { return 0, ErrUnsupported }

// Printed returns ErrUnsupported.
func (Unsupported) Printed(context.Context) ([]string, error) { return nil, ErrUnsupported }
