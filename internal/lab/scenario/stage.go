package scenario

import (
	"context"
	"errors"
	"time"

	"wardlight/internal/nhs"
	"wardlight/internal/testterm"
)

// Stage is where a scenario is played: the program, a reader, a hub and local authorities. Its methods may take long;
// ctx bounds them.
type Stage interface {
	// Start starts the program on a terminal. The caller closes it.
	Start(ctx context.Context, o testterm.Options) (*testterm.Console, error)
	// Set sets a setting of the program, for those that start from now on.
	Set(name, value string) error
	// Run runs a command of the program, and returns its exit code and all that it printed.
	Run(ctx context.Context, command []string) (code int, output string, err error)
	// Hold calls press n times, with every between two calls by the program's clock, each when the program has taken the
	// one before.
	Hold(ctx context.Context, press func() error, n int, every time.Duration) error
	// SetDate sets the clock of hub and program. Time only goes on.
	SetDate(at time.Time) error

	Insert(ctx context.Context, card string) error
	Eject() error

	StopHub() error
	StartHub(ctx context.Context) error
	// AnswerHub puts a proxy in front of the hub that answers every request with the status and a page of HTML; 0 takes
	// it away.
	AnswerHub(status int) error

	// Import adds the people and plans in a file to the hub's store. Errors name the lines that are refused.
	Import(ctx context.Context, file string) error
	// Upload sends a file as the authority does.
	Upload(ctx context.Context, authority, file string) (UploadAnswer, error)
	// Told waits until the authority, or all where it is "", was notified of n openings since the stage was set, and
	// returns of how many it was: fewer where ctx ends before.
	Told(ctx context.Context, authority string, n int) (int, error)
	// Accesses returns how many accesses were added to a patient's access history since the stage was set.
	Accesses(ctx context.Context, patient nhs.Number) (int, error)

	// FailRecords makes the site's record system refuse a flag once, CutRecords makes it accept one and lose the answer,
	// and Flagged returns how many flags it has.
	FailRecords() error
	CutRecords() error
	Flagged() (int, error)
	// Printed waits until all is printed, and returns the text of each printout.
	Printed(ctx context.Context) ([]string, error)
}

// UploadAnswer is the hub's answer to a file of an authority.
type UploadAnswer struct {
	Code     string // of the file
	Sentence string
	Rows     []RowAnswer
}

// RowAnswer is the answer to a row.
type RowAnswer struct {
	Row      int
	Code     string
	Sentence string
}

// ErrNotHere is returned by a Stage that lacks what a step needs.
var ErrNotHere = errors.New("this cannot be done here")

// Bare is a Stage that can do nothing: for stages that can do a part.
type Bare struct{}

var _ Stage = Bare{}

// Start returns ErrNotHere, as all methods of Bare do.
func (Bare) Start(context.Context, testterm.Options) (*testterm.Console, error) {
	return nil, ErrNotHere
}

// Set returns ErrNotHere.
func (Bare) Set(string, string) error { return ErrNotHere }

// Run returns ErrNotHere.
func (Bare) Run(context.Context, []string) (int, string, error) { return 0, "", ErrNotHere }

// SetDate returns ErrNotHere.
func (Bare) SetDate(time.Time) error { return ErrNotHere }

// Hold presses by the computer's clock, as nothing is known of the program's.
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
