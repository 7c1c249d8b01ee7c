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
	// Hold calls press n times, at intervals of every by the program's clock. It calls press again only after the
	// program has handled the previous key.
	Hold(ctx context.Context, press func() error, n int, every time.Duration) error
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
	// Told waits until the authority, or all authorities if it is "", have been notified of n openings since the stage
	// was created. It returns the number of openings, which is less than n if ctx was done first.
	Told(ctx context.Context, authority string, n int) (int, error)
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

// ErrNotHere is returned by a Stage that doesn't support a step.
var ErrNotHere = errors.New("this step is not supported here")

// Bare is a Stage without any support. It is embedded by stages that support some of the steps.
type Bare struct{}

var _ Stage = Bare{}

// Start returns ErrNotHere, like most methods of Bare.
func (Bare) Start(context.Context, testterm.Options) (*testterm.Console, error) {
	return nil, ErrNotHere
}

// Set returns ErrNotHere.
func (Bare) Set(string, string) error { return ErrNotHere }

// Run returns ErrNotHere.
func (Bare) Run(context.Context, []string) (int, string, error) { return 0, "", ErrNotHere }

// SetDate returns ErrNotHere.
func (Bare) SetDate(time.Time) error { return ErrNotHere }

// Hold calls press by the computer's clock, because the program's clock is unknown.
func (Bare) Hold(ctx context.Context, press func() error, n int, every time.Duration) error {
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

// Insert returns ErrNotHere.
func (Bare) Insert(context.Context, string) error { return ErrNotHere }

// Eject returns ErrNotHere.
func (Bare) Eject() error { return ErrNotHere }

// StopHub returns ErrNotHere.
func (Bare) StopHub() error { return ErrNotHere }

// StartHub returns ErrNotHere.
func (Bare) StartHub(context.Context) error { return ErrNotHere }

// AnswerHub returns ErrNotHere.
func (Bare) AnswerHub(int) error { return ErrNotHere }

// Import returns ErrNotHere.
func (Bare) Import(context.Context, string) error { return ErrNotHere }

// Upload returns ErrNotHere.
func (Bare) Upload(context.Context, string, string) (UploadAnswer, error) {
	return UploadAnswer{}, ErrNotHere
}

// Told returns ErrNotHere.
func (Bare) Told(context.Context, string, int) (int, error) { return 0, ErrNotHere }

// Accesses returns ErrNotHere.
func (Bare) Accesses(context.Context, nhs.Number) (int, error) { return 0, ErrNotHere }

// FailRecords returns ErrNotHere.
func (Bare) FailRecords() error { return ErrNotHere }

// CutRecords returns ErrNotHere.
func (Bare) CutRecords() error { return ErrNotHere }

// Flagged returns ErrNotHere.
func (Bare) Flagged() (int, error) { return 0, ErrNotHere }

// Printed returns ErrNotHere.
func (Bare) Printed(context.Context) ([]string, error) { return nil, ErrNotHere }
