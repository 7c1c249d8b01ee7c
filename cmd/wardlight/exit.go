package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wardlight/internal/fault"

	"github.com/spf13/cobra"
)

// Exit codes, as documented in longHelp.
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
	exitBusy        = 10
	exitInterrupted = 130
)

// shownError is an error that the document on standard output already contains.
type shownError struct{ error }

func (e shownError) Unwrap() error { return e.error }

// exitError is an error with an exit code that differs from the one of its class.
type exitError struct {
	error
	code int
}

func (e exitError) Unwrap() error { return e.error }

// report writes the error to standard error, or as a JSON document to standard output, and returns the exit code.
func (a *app) report(ctx context.Context, err error, args []string) int {
	notified := errors.As(err, new(shownError))
	if ctx.Err() != nil && !notified && !errors.Is(err, errInterrupted) {
		err = errInterrupted
	}

	d := errorOf(err)

	// A command line that failed to parse may still contain --json.
	if a.json || slices.Contains(args, "--json") {
		if notified || a.print(errorDocument{Schema: "wardlight.error/1", Error: d}) == nil {
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

// exitCodes are the exit codes of the classes of faults.
var exitCodes = map[fault.Class]int{
	fault.Other: exitFailed, fault.Usage: exitUsage, fault.Card: exitCard, fault.SignIn: exitSignIn, fault.Hub: exitHub,
	fault.NotFound: exitNotFound, fault.Keyring: exitKeyring, fault.Record: exitRecord, fault.Printer: exitPrinter,
	fault.Busy: exitBusy,
}

// codeOf returns the exit code of an error.
func codeOf(err error) int {
	var exit exitError
	switch {
	case errors.As(err, &exit):
		return exit.code
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	default:
		return exitCodes[faultOf(err).Class()]
	}
}

// noSuchCommand rejects unknown commands and suggests similar ones.
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

// noArguments rejects any arguments.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{problem: fmt.Sprintf("%q takes no arguments", cmd.CommandPath())}
	}
	return nil
}
