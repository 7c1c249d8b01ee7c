// Package cli has what the programs for trainers, maintainers and operators share of their command lines.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	ExitOK     = 0
	ExitFailed = 1
	ExitUsage  = 2
)

// UsageError is a command line that cannot be understood.
type UsageError struct{ Err error }

// Error returns what is wrong with it.
func (e UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e UsageError) Unwrap() error { return e.Err }

// ErrFailed is a failure that was described already: [Execute] writes nothing about it.
var ErrFailed = errors.New("failed")

// Exit returns an error with which [Execute] returns that exit code and writes nothing: a program that was run for the user
// ended so, and said why itself. It is nil for ExitOK.
func Exit(code int) error {
	if code == ExitOK {
		return nil
	}
	return exitError(code)
}

// exitError is an exit code.
type exitError int

// Error returns the code in words.
func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Root makes a command the first one of a program, which writes to out and errOut. Without a further command it shows
// its help.
func Root(root *cobra.Command, out, errOut io.Writer) *cobra.Command {
	root.SilenceUsage, root.SilenceErrors = true, true
	root.Args = OneOfTheCommands
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	root.SetOut(out)
	root.SetErr(errOut)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return UsageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

// Execute carries out a command line, writes why it failed to errOut, and returns the exit code.
func Execute(ctx context.Context, root *cobra.Command, args []string, errOut io.Writer) int {
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return ExitOK
	case errors.Is(err, ErrFailed):
		return ExitFailed
	}
	if code := exitError(0); errors.As(err, &code) {
		return int(code)
	}
	fmt.Fprintln(errOut, root.Name()+":", err)
	if usage := (UsageError{}); errors.As(err, &usage) {
		fmt.Fprintln(errOut, "see:", root.Name(), "--help")
		return ExitUsage
	}
	return ExitFailed
}

// OneOfTheCommands refuses words that are no command.
func OneOfTheCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return UsageError{fmt.Errorf("there is no command %q", cmd.CommandPath()+" "+args[0])}
}

// Exactly refuses another number of arguments than the usage line shows.
func Exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return UsageError{fmt.Errorf("usage: %s", cmd.UseLine())}
	}
}

// PrintJSON writes a value as indented JSON.
func PrintJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
