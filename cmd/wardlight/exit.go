package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/config"
	"wardlight/internal/cups"
	"wardlight/internal/keep"
	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/internal/sealed"
	"wardlight/internal/session"
	"wardlight/internal/worklist"
)

// The exit codes, as longHelp has them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitCard        = 3
	exitSignIn      = 4
	exitHub         = 5
	exitNotFound    = 6
	exitKeyring     = 7
	exitRecord      = 8
	exitPrinter     = 9
	exitInterrupted = 130
)

// usageError is a command line that cannot be carried out as it stands.
type usageError struct {
	problem string
	hint    string // "" points to the help
}

func (e *usageError) Error() string { return e.problem }

// toldError is an error that already stands in the document on standard output.
type toldError struct{ error }

func (e toldError) Unwrap() error { return e.error }

// exitError is an error with an exit code other than its kind's.
type exitError struct {
	error
	code int
}

func (e exitError) Unwrap() error { return e.error }

// errInterrupted is what is told when the user or the system ended the command.
var errInterrupted = errors.New("interrupted")

// tell tells the user, or the program that reads our output, what went wrong, and gives the exit code.
func (a *app) tell(ctx context.Context, err error, args []string) int {
	told := errors.As(err, new(toldError))
	if ctx.Err() != nil && !told && !errors.Is(err, errInterrupted) {
		err = errInterrupted
	}
	d := errorOf(err)
	// A command line that could not be read may still have asked for JSON.
	if a.json || slices.Contains(args, "--json") {
		if told || a.print(errorDocument{Schema: "wardlight.error/1", Error: d}) == nil {
			return codeOf(err)
		}
	}
	line := d.Sentence
	if d.Code != "" {
		line += " (" + d.Code + ")"
	}
	fmt.Fprintln(a.err, "wardlight:", line)
	if d.Advice != "" {
		fmt.Fprintln(a.err, "wardlight: hint:", d.Advice)
	}
	return codeOf(err)
}

// codeOf is the exit code of an error.
func codeOf(err error) int {
	var (
		exit  exitError
		usage *usageError
		set   *config.Error
		form  *nhs.FormError
		card  *cardreader.Error
		hub   *client.Error
		ring  *keep.Error
		file  *sealed.Error
		print *cups.Error
	)
	switch {
	case errors.As(err, &exit):
		return exit.code
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.As(err, &usage), errors.As(err, &set), errors.As(err, &form), errors.As(err, new(*worklist.ParseError)):
		return exitUsage
	case errors.As(err, &card):
		return exitCard
	case errors.As(err, &hub):
		return codeOfKind(hub.Kind)
	case errors.As(err, new(*recordsystem.Error)):
		return exitRecord
	case errors.As(err, &file) && file.Kind != sealed.NoKeyring:
		return exitFailed
	case errors.As(err, &ring) && ring.Kind == keep.Nothing:
		return exitSignIn
	case errors.As(err, &ring):
		return exitKeyring
	case errors.As(err, &print):
		return exitPrinter
	case errors.Is(err, session.ErrNoSession):
		return exitSignIn
	}
	return exitFailed
}

// codeOfKind is the exit code of a failed call.
func codeOfKind(k client.Kind) int {
	switch k {
	case client.NotFound, client.Invalidated:
		return exitNotFound
	case client.BadRequest:
		return exitUsage
	case client.SignedOut, client.NotAllowed, client.NonceGone, client.SignInRefused, client.ClockWrong,
		client.CertificateUntrusted, client.CertificateEnded, client.CertificateRevoked, client.PersonUnknown:
		return exitSignIn
	}
	return exitHub
}

// noSuchCommand refuses words that are no command, and says what was probably meant.
func (a *app) noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	e := &usageError{problem: fmt.Sprintf("there is no command %q", args[0])}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		e.hint = "did you mean '" + cmd.CommandPath() + " " + near[0] + "'?"
	}
	return e
}

// noArguments refuses arguments.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{problem: fmt.Sprintf("%q takes no arguments", cmd.CommandPath())}
	}
	return nil
}
